"""A journey of a browser through an application: a script of Playwright in Chromium, run apart from Vedette (decision 26)."""

import asyncio
from collections.abc import Mapping

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid
from vedette.instruments.probe.journey import ability, telling
from vedette.instruments.probe.journey import options as opts
from vedette.instruments.probe.journey.options import KIND, SCHEMES, JourneyOptions
from vedette.instruments.probe.journey.proxying import Proxy
from vedette.instruments.probe.journey.undertaking import Course, Plan, undertake
from vedette.instruments.probe.masking import masked, masked_url, spellings
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

_STARTS = 30.0
_MOST_NOTES = 60


class JourneyProbe:
    """Implements `probe.types.Probe`."""

    kind = KIND
    label = "Browser journey"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = JourneyOptions
    secrets = ("secrets",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a script that Python cannot read, by its line."""
        if not request.url.partition("://")[2]:
            raise Invalid("A journey has a name: journey://buy.", {"url": "it has no name"})
        opts.check(decoded(JourneyOptions, request.options), request)

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Run the script; the body is what was seen, as JSON. Its deadline begins with the script, not with the browser."""
        options = decoded(JourneyOptions, request.options)
        able = ability.able(standpoint.journeys)
        tape.wait()
        for secret in options.secrets.values():
            tape.secrets |= spellings(secret)
        job: dict[str, object] = {
            **msgspec.to_builtins(options), "chromium": able.chromium, "trial": False, "hidden": sorted(tape.secrets),
        }  # fmt: skip
        plan = Plan(job, able, standpoint.journeys)
        tape.host = request.url
        course, proxy = Course(), Proxy(request, standpoint)
        async with ability.turn(standpoint.journeys):
            try:
                failure = await _gone(plan, request, proxy, course, tape)
            finally:
                _note(course, proxy, tape)
        if failure is not None:
            raise failure
        return (
            f"{len(course.report.steps)} steps of the journey went as expected"
            if course.report.steps
            else "the journey went as expected"
        )


async def _gone(plan: Plan, request: Request, proxy: Proxy, course: Course, tape: Tape) -> Failed | None:
    """Go on the journey; return what went wrong."""
    report, rules = course.report, plan.rules
    try:
        async with asyncio.timeout(_STARTS) as limit:

            def begun() -> None:
                limit.reschedule(asyncio.get_running_loop().time() + request.deadline)
                tape.begin()
                tape.phase = Phase.TRANSFER

            await undertake(plan, proxy, course, begun)
    except TimeoutError:
        if report.failed is not None:  # and what was seen could not be told in time
            return telling.failure(report, proxy.refused)
        if report.began:
            return telling.out_of_time(report, request.deadline)
        return Failed(Cause.NO_ROOM, f"The browser did not start within {_STARTS:g} s.")
    ended = telling.over_limit(report, course.ending, rules.megabytes, rules.seconds)
    if ended is None and not report.ended:
        ended = telling.broken(report, course.ending, course.shown(tape.secrets))
    return ended or telling.failure(report, proxy.refused)


def _note(course: Course, proxy: Proxy, tape: Tape) -> None:
    """Write down what was seen, secrets as dots."""
    report, secrets = course.report, tape.secrets
    if report.ms is not None:
        tape.add(Phase.TRANSFER, report.ms)
        tape.round_trip = report.ms
        tape.began = monotonic() - report.ms / 1000  # what came after the script is no time of it
    tape.phase = None
    tape.connected, tape.address = bool(proxy.address), proxy.address
    tape.status, tape.picture = report.seen.status or None, report.picture
    tape.notes += _notes(course, proxy)[:_MOST_NOTES]
    seen = {
        "url": masked_url(report.seen.url, secrets), "title": masked(report.seen.title, secrets),
        "steps": [{"name": masked(one.name, secrets), "ms": one.ms} for one in report.steps],
        "console": [masked(text, secrets) for text in report.seen.console],
        "printed": course.shown(secrets),
    }  # fmt: skip
    tape.body = msgspec.json.encode(seen)


def _notes(course: Course, proxy: Proxy) -> list[str]:
    report = course.report
    told = [
        f"{telling.called(report, n)}: {f'{one.ms:.0f} ms' if one.ms is not None else 'not over'}."
        for n, one in enumerate(report.steps, 1)
    ]
    told += [f"Console: {text}" for text in report.seen.console]
    told += [str(error) for error in proxy.refused.values()][:10]
    if report.began and not course.apart:
        told.append(
            "The script ran without namespaces of its own: it could open connections past Vedette's proxy, and see which processes run."
        )
    if report.sandbox is False:
        told.append(
            "Chromium ran without its own sandbox: the system lets the journey's user make no namespaces."
        )
    return told


PROBE = JourneyProbe()
