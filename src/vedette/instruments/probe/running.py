"""One check from its request to its result: the deadline, the assertions, the evidence."""

import asyncio
import functools
from collections.abc import Callable, Collection, Coroutine, Sequence
from typing import NamedTuple

from vedette.core.errors import Invalid
from vedette.instruments.probe import causes, sentences
from vedette.instruments.probe.assertions import judging
from vedette.instruments.probe.assertions.facts import Facts
from vedette.instruments.probe.assertions.reading import read_all
from vedette.instruments.probe.assertions.speaking import judges, speaks_of
from vedette.instruments.probe.assertions.tree import Assertion, Name
from vedette.instruments.probe.masking import (
    beginning,
    cut,
    masked,
    masked_headers,
    masked_url,
    secrets_of,
    text_of,
    told,
    without_torn,
)
from vedette.instruments.probe.registration import registered_until
from vedette.instruments.probe.registry import probe_of
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import check_request
from vedette.instruments.probe.types import (
    EVIDENCE_BYTES,
    Cause,
    Evidence,
    Failed,
    Hop,
    Probe,
    Request,
    Result,
    Standpoint,
)

_MASKED_FROM = 2 * EVIDENCE_BYTES
_LONGEST_SENTENCE = 1_000


def check(request: Request) -> Probe:
    """Return the probe of a request; raises `Invalid` that names what of it can never work."""
    found = probe_of(request.url)
    check_request(request)
    read_all(request.expect)
    found.check(request)
    return found


async def run(request: Request, standpoint: Standpoint, tape: Tape | None = None) -> Result:
    """Look once and return the result, at the latest when the deadline is over. What is wrong with the request is a result too.

    Whoever gives a `tape` can follow the check on it.
    """
    at = standpoint.clock.now()
    try:
        ready = _ready(request)
    except Invalid as error:
        return _result(Tape(), at, Failed(Cause.BAD_TARGET, str(error)))
    return await _run(ready, standpoint, tape or Tape())


def repeated(request: Request) -> Callable[[Standpoint], Coroutine[None, None, Result]]:
    """Return what looks again and again: the request is checked and read once, and evidence is kept of failures alone.

    What is fine has the chain and the hops of its evidence, for the ends of certificates.
    """
    try:
        ready = _ready(request)
    except Invalid:
        return functools.partial(run, request)
    return lambda standpoint: _run(ready, standpoint, Tape(), brief=True)


class _Ready(NamedTuple):
    """A request that can work, with all that is known before it is asked."""

    request: Request
    probe: Probe
    assertions: tuple[Assertion, ...]
    secrets: tuple[str, ...]
    registered: bool


def _ready(request: Request) -> _Ready:
    probe = check(request)
    registered = speaks_of(request.expect, Name.DOMAIN_EXPIRATION)
    secrets = secrets_of(request.options, probe.secrets)
    return _Ready(request, probe, read_all(request.expect), secrets, registered)


async def _run(ready: _Ready, standpoint: Standpoint, tape: Tape, *, brief: bool = False) -> Result:
    at = standpoint.clock.now()
    tape.secrets.update(ready.secrets)
    tape.begin()  # all that is loaded on first use is there
    failure, sentence = await looked(ready.probe, ready.request, standpoint, tape)
    if ready.registered:
        await _registered(ready.request, standpoint, tape, at)
    failure = _asserted(ready.assertions, tape, at, failure)
    return _result(tape, at, failure, sentence, brief=brief and failure is None)


async def observed(request: Request, standpoint: Standpoint, tape: Tape) -> tuple[Failed | None, str]:
    """Look once as a step of something larger: what is wrong, if anything, and the sentence; all else is on the tape, unmasked."""
    try:
        probe = check(request)
    except Invalid as error:
        return Failed(Cause.BAD_TARGET, str(error)), ""
    tape.secrets.update(secrets_of(request.options, probe.secrets))
    at = standpoint.clock.now()
    failure, sentence = await looked(probe, request, standpoint, tape)
    if speaks_of(request.expect, Name.DOMAIN_EXPIRATION):
        await _registered(request, standpoint, tape, at)
    return _asserted(read_all(request.expect), tape, standpoint.clock.now(), failure), sentence


async def looked(
    probe: Probe, request: Request, standpoint: Standpoint, tape: Tape
) -> tuple[Failed | None, str]:
    """Let a probe look within the deadline; return what is wrong, if anything, and the sentence."""
    try:
        async with asyncio.timeout(request.deadline) as tape.limit:
            return None, await probe.look(request, standpoint, tape)
    except TimeoutError:
        host = tape.host or request.url[:200]
        return Failed(
            causes.of_timeout(tape.phase), sentences.timed_out(tape.phase, host, request.deadline)
        ), ""
    except Failed as error:
        return error, ""
    except causes.UNREAD as error:
        return _unread(error, tape.host or request.url[:200], tape), ""


def _unread(error: Exception, host: str, tape: Tape) -> Failed:
    why = f"it could not be read ({type(error).__name__}: {cut(str(error), tape.secrets)})"
    return Failed(Cause.BAD_ANSWER, sentences.broken(Cause.BAD_ANSWER, host, why))


async def _registered(request: Request, standpoint: Standpoint, tape: Tape, at: float) -> None:
    """Find out until when the domain is registered, when there is time left."""
    left = request.deadline - tape.elapsed() / 1000
    if left <= 0:
        return
    spent = tape.elapsed()
    try:
        async with asyncio.timeout(left):
            tape.domain_ms = (await registered_until(tape.host, standpoint, left) - at) * 1000
    except TimeoutError:
        tape.notes.append("The registry of the domain did not answer in time.")
    except LookupError as error:
        tape.notes.append(f"Domain: {error.args[0]}.")
    tape.round_trip = spent if tape.round_trip is None else tape.round_trip  # the registry is not the target


def _asserted(
    assertions: Sequence[Assertion], tape: Tape, at: float, failure: Failed | None
) -> Failed | None:
    """Return what is wrong once the assertions have spoken; a failure one of them speaks of is theirs to judge."""
    if not assertions or (failure is not None and not judges(assertions, failure.cause)):
        return failure
    broken = judging.first_broken(assertions, facts_of(tape, at))
    return None if broken is None else Failed(Cause.ASSERTION, broken[1], broken[0])


def facts_of(tape: Tape, at: float) -> Facts:
    """Return what assertions speak of, at an instant."""
    headers: dict[str, str] = {}
    for name, value in tape.headers:
        low = name.lower()
        headers[low] = f"{headers[low]}, {value}" if low in headers else value
    ends = tape.soonest_end()
    return Facts(
        connected=tape.connected,
        address=tape.address or None,
        status=tape.status,
        headers=headers,
        body=tape.body,
        response_ms=tape.elapsed() if tape.round_trip is None else tape.round_trip,
        certificate_ms=None if ends is None else (ends - at) * 1000,
        domain_ms=tape.domain_ms,
        rcode=tape.rcode or None,
    )


def _result(
    tape: Tape,
    at: float,
    failure: Failed | None,
    sentence: str = "",
    *,
    brief: bool = False,
) -> Result:
    secrets, phases = tape.secrets, tape.phases()
    said = str(failure) if failure else f"{sentence or 'As expected,'} in {phases.total:.0f} ms."
    return Result(
        ok=failure is None,
        at=at,
        sentence=cut(told(said, secrets), (), _LONGEST_SENTENCE),
        phases=phases,
        evidence=Evidence(chain=tape.chain, hops=tuple(tape.hops)) if brief else _evidence(tape, secrets),
        cause=failure.cause if failure else None,
        assertion=failure.assertion if failure else None,
    )


def _evidence(tape: Tape, secrets: Collection[str]) -> Evidence:
    kind = next((value for name, value in tape.headers if name.lower() == "content-type"), "")
    return Evidence(
        address=tape.address,
        status=tape.status,
        protocol=tape.protocol,
        headers=masked_headers(tape.headers, secrets),
        body=beginning(masked(_read(tape.body, kind, secrets), secrets)),
        chain=tape.chain,
        hops=tuple(_masked_hop(hop, secrets) for hop in tape.hops),
        records=tuple(masked(text, secrets) for text in tape.records),
        rcode=tape.rcode,
        notes=tuple(told(text, secrets) for text in tape.notes),
        picture=tape.picture,
    )


def _read(body: bytes, kind: str, secrets: Collection[str]) -> str:
    text = text_of(body[:_MASKED_FROM], kind)
    return text if len(body) <= _MASKED_FROM else without_torn(text, secrets)


def _masked_hop(hop: Hop, secrets: Collection[str]) -> Hop:
    return Hop(
        url=masked_url(hop.url, secrets),
        status=hop.status,
        address=hop.address,
        certificate_ends=hop.certificate_ends,
    )
