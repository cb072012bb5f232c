"""A suite of steps that share variables: sign in, buy, look, and clean up whatever happened.

A step is any request that any other probe takes. The first that fails ends the suite; steps of cleanup run all the same, in
the time that is kept for them.
"""

import asyncio
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import causes, running, sentences
from vedette.instruments.probe.masking import is_secret_name, masked_url, spellings
from vedette.instruments.probe.multi import options as opts
from vedette.instruments.probe.multi import variables
from vedette.instruments.probe.multi.options import KIND, Judges, MultiOptions, Step
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.registry import probe_of
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import Cause, Failed, Hop, Request, Standpoint

SCHEMES = {KIND: 0}
_FOR_CLEANUP = 0.2  # of the deadline
_LEAST = 0.05


class MultiProbe:
    """Implements `probe.types.Probe`."""

    kind = KIND
    label = "Suite of steps"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = MultiOptions
    secrets = ("secrets",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` that names the step that can never work."""
        opts.check(decoded(MultiOptions, request.options), request, Judges(probe_of, running.check))

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Take the steps in order, then those of cleanup; the evidence is that of the step that failed, or of the last."""
        options = decoded(MultiOptions, request.options)
        suite = _Suite(options, request, standpoint, tape)
        cleans = any(step.cleanup for step in options.steps)
        failure: Failed | None = None
        unswept: Failed | None = None
        try:
            async with asyncio.timeout(request.deadline * (1 - _FOR_CLEANUP * cleans)):
                failure = await suite.taken(cleanup=False)
        except TimeoutError:
            cause, host = causes.of_timeout(tape.phase), tape.host or "the first step"
            failure = Failed(cause, sentences.timed_out(tape.phase, host, request.deadline))
        finally:  # also when the check is called off
            unswept = await suite.taken(cleanup=True)
        if failure or unswept:
            raise failure or unswept or AssertionError
        return f"{suite.done} steps of the suite went as expected"


class _Suite:
    """The steps and what they have found so far."""

    def __init__(self, options: MultiOptions, request: Request, standpoint: Standpoint, tape: Tape) -> None:
        self._steps, self._request, self._standpoint, self._tape = options.steps, request, standpoint, tape
        self._known = {**options.variables, **options.secrets}
        for secret in options.secrets.values():
            tape.secrets |= spellings(secret)
        self.done = 0

    async def taken(self, *, cleanup: bool) -> Failed | None:
        """Take the steps of one kind; of cleanup every one, of the others up to the first that fails. Returns that failure."""
        first: Failed | None = None
        for number, step in enumerate(self._steps, 1):
            if step.cleanup is cleanup and (first is None or cleanup):
                first = await self._take(number, step) or first
        return first

    async def _take(self, number: int, step: Step) -> Failed | None:
        name = opts.called(number, step)
        left = max(_LEAST, self._request.deadline - self._tape.elapsed() / 1000)
        try:
            asked = opts.filled(step, self._known, self._request, left)
        except KeyError as error:  # an earlier step did not come to capture it
            self._tape.notes.append(f"{name}: not taken, for ${{{error.args[0]}}} was never found.")
            return None
        inner = Tape()
        inner.secrets |= self._tape.secrets
        try:
            failure, sentence = await running.observed(asked, self._standpoint, inner)
        finally:
            self._note(asked, inner, is_shown=not step.cleanup)
        failure = failure or self._capture(step, inner)
        if failure is not None:
            self._tape.notes.append(f"{name}: {failure}")
            return Failed(failure.cause, f"{name}: {failure}", failure.assertion)
        self.done += 1
        self._tape.notes.append(f"{name}: {sentence or 'as expected'} in {inner.elapsed():.0f} ms.")
        return None

    def _note(self, asked: Request, inner: Tape, *, is_shown: bool) -> None:
        """Write down how a step went: times and hops of each, answer and certificates of the last that is shown."""
        tape = self._tape
        tape.secrets |= inner.secrets
        tape.notes += inner.notes
        for phase, milliseconds in inner.spent.items():
            tape.add(phase, milliseconds)
        ends = inner.soonest_end()
        url = masked_url(asked.url, tape.secrets)
        tape.hops.append(Hop(url=url, status=inner.status, address=inner.address, certificate_ends=ends))
        if is_shown:
            for name in (
                "phase",
                "host",
                "connected",
                "address",
                "status",
                "protocol",
                "headers",
                "body",
                "chain",
                "records",
                "rcode",
            ):
                setattr(tape, name, getattr(inner, name))

    def _capture(self, step: Step, inner: Tape) -> Failed | None:
        """Make variables of an answer; what is named like a secret is one."""
        facts = running.facts_of(inner, self._standpoint.clock.now())
        for name, source in step.capture.items():
            found = variables.captured(source, facts)
            if found is None:
                return Failed(
                    Cause.BAD_ANSWER, f"the answer has no {source[:80]}, which is to be captured as {name}."
                )
            self._known[name] = found
            if is_secret_name(name):
                self._tape.secrets |= spellings(found)
        return None


PROBE = MultiProbe()
