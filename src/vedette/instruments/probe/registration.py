"""Until when a domain is registered, by RDAP (RFC 9082, 9083), found through IANA's list of registries (RFC 9224).

Registries count how often they are asked, so an answer is kept for half a day, and for as long as none follows it.
"""

import msgspec

from vedette.core import address
from vedette.core.clock import monotonic, parse_iso
from vedette.instruments.probe.registry import probe_of
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import Failed, Request, Standpoint

_KEPT_SECONDS = 43_200.0
_MOST_KEPT = 4096
_MOST_TRIES = 4
_WHOLE = ("has([BODY])",)  # asks for all of the body, not only its beginning

_kept: dict[tuple[str, str], tuple[float, bytes]] = {}


class _Event(msgspec.Struct):
    action: str = msgspec.field(name="eventAction", default="")
    date: str = msgspec.field(name="eventDate", default="")


class _Domain(msgspec.Struct):
    events: list[_Event] = []


class _Registries(msgspec.Struct):
    """Each service: its top-level domains, and where their registry is asked."""

    services: list[tuple[list[str], list[str]]] = []


async def registered_until(host: str, standpoint: Standpoint, seconds: float) -> float:
    """Return the instant at which the registration of a host's domain ends; raises `LookupError` with the reason.

    `seconds` is how long all of it may take.
    """
    if address.parse(host) is not None or "." not in host.strip("."):
        raise LookupError(f"{host} is no registered domain")
    end = monotonic() + seconds
    base = await _registry_of(host, standpoint, end)
    labels = host.rstrip(".").lower().split(".")
    for first in range(max(0, len(labels) - _MOST_TRIES), len(labels) - 1):
        name = ".".join(labels[first:])
        found = _expiration(await _asked(f"{base}domain/{name}", standpoint, end))
        if found is not None:
            return found
    raise LookupError(f"the registry at {base} does not say until when {host} is registered")


async def _registry_of(host: str, standpoint: Standpoint, end: float) -> str:
    body = await _asked(standpoint.registries, standpoint, end)
    try:
        services = msgspec.json.decode(body, type=_Registries).services
    except (msgspec.DecodeError, RecursionError) as error:
        raise LookupError("the list of registries cannot be read") from error
    top = host.rstrip(".").rpartition(".")[2].lower()
    for tops, bases in services:
        if top in tops and bases:
            return sorted(bases, reverse=True)[0].rstrip("/") + "/"  # https:// before http://
    raise LookupError(f"no registry of .{top} can be asked by RDAP")


def _expiration(body: bytes) -> float | None:
    try:
        events = msgspec.json.decode(body, type=_Domain).events
        return next((parse_iso(event.date) for event in events if event.action == "expiration"), None)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None


async def _asked(url: str, standpoint: Standpoint, end: float) -> bytes:
    """Return what stands at a URL, empty for a status that is no success; what is kept when there is no answer."""
    key, now = (url, standpoint.registries), monotonic()
    until, before = _kept.get(key, (0.0, None))
    if before is not None and now < until:
        return before
    try:
        body = await _fetched(url, standpoint, end - now)
    except LookupError:
        if before is None:
            raise
        return before
    if len(_kept) >= _MOST_KEPT:
        _kept.pop(next(iter(_kept)))
    _kept[key] = (now + _KEPT_SECONDS, body)
    return body


async def _fetched(url: str, standpoint: Standpoint, seconds: float) -> bytes:
    tape = Tape()
    request = Request(
        url=url,
        deadline=max(0.05, seconds),
        expect=_WHOLE,
        options={"headers": {"Accept": "application/rdap+json"}},
    )
    try:
        await probe_of(url).look(request, standpoint, tape)
    except Failed as error:
        if tape.status in {400, 404}:
            return b""
        raise LookupError(str(error)) from error
    return tape.body
