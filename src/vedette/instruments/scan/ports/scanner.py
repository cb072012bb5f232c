"""Which ports of a host answer, and whether they are meant to."""

import asyncio
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.live.listening import listeners, waiting
from vedette.instruments.live.types import Listener, Unreadable
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.scan.addressing import addresses
from vedette.instruments.scan.ports.choosing import ports_of
from vedette.instruments.scan.ports.comparing import compared
from vedette.instruments.scan.ports.greeting import greeted
from vedette.instruments.scan.ports.knocking import Pace, knocked
from vedette.instruments.scan.ports.services import services
from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.instruments.scan.types import Asked, CannotKnow, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport, Unknown

PUBLIC = "80,443"
_OPTIONS = {
    "ports": "which ports, as in 1-1024,5432; some 300 usual ones without it",
    "public": f"the ports everybody is meant to reach ({PUBLIC} without it)",
    "inside": "yes: the host is this one, compare with what listens here",
}
_GREETED_AT_ONCE = 8


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Try the ports of a host; raises `CannotKnow` when it says nothing at all, `Invalid` for wrong options."""
    options = _checked(asked.options)
    inside = _inside() if options.get("inside") == "yes" else None
    ports = _ports(options, inside)
    places = _addresses(asked)
    outside, late = asyncio.run(_looked(asked, places, ports, progress))
    _alive(asked, outside)
    public = ports_of(options.get("public", PUBLIC), "public")
    unknown = (*_silent(asked, outside), *late)
    return ScanReport(
        scanner="ports", target=asked.target, at=asked.now, findings=compared(asked.target, inside, outside, public), unknown=unknown,
        facts=_facts(places, ports, outside), complete=not unknown,
    )  # fmt: skip


def _checked(options: Mapping[str, str]) -> Mapping[str, str]:
    for name in options:
        if name not in _OPTIONS:
            raise Invalid(
                f"{name[:40]!r} is no option of ports; there are {', '.join(_OPTIONS)}.",
                {"option": "unknown"},
            )
    if options.get("inside", "no") not in {"yes", "no"}:
        raise Invalid(f"inside is yes or no, not {options['inside'][:40]!r}.", {"inside": "not yes or no"})
    return options


def _inside() -> tuple[Listener, ...]:
    try:
        return listeners(Path("/"), waiting())
    except Unreadable as error:
        raise CannotKnow(str(error), "Run the scan without inside=yes, or where the kernel tells.") from error


def _ports(options: Mapping[str, str], inside: Sequence[Listener] | None) -> tuple[int, ...]:
    chosen = ports_of(options["ports"]) if "ports" in options else tuple(services())
    own = {one.port for one in inside or () if one.protocol == "tcp" and not one.local}
    return tuple(sorted({*chosen, *own}))


def _addresses(asked: Asked) -> tuple[str, ...]:
    host = asked.target.strip("[]")
    targeted(
        f"tcp://[{host}]:1" if ":" in host else f"tcp://{host}:1", {"tcp": 0}
    )  # raises for what is no host
    return addresses(asked)


class _Seen:
    """What was seen so far, and how much of it that is."""

    def __init__(self, total: int, tell: Callable[[float], None]) -> None:
        self.ports: dict[tuple[str, int], Outside] = {}
        self._total, self._tell = total, tell

    def take(self, seen: Outside) -> None:
        self.ports[seen.address, seen.port] = seen
        self._tell(len(self.ports) / self._total)

    def all(self) -> list[Outside]:
        return list(self.ports.values())


async def _looked(
    asked: Asked, places: Sequence[str], ports: Sequence[int], progress: Progress
) -> tuple[list[Outside], tuple[Unknown, ...]]:
    """Return what the ports do, and what there was no time for."""
    seen = _Seen(len(places) * len(ports), lambda done: progress(f"ports of {asked.target}", done))
    try:
        async with asyncio.timeout(asked.deadline):
            for address in places:
                await knocked(address, ports, Pace(), seen.take)
            return await _named(seen.all()), ()
    except TimeoutError:
        why = f"There was no time for all {len(ports)} ports: {asked.deadline:g} s were over."
        unknown = Unknown(
            subject=asked.target, why=why, fix="Give it a longer deadline, or name fewer ports."
        )
        return seen.all(), (unknown,)


async def _named(found: Sequence[Outside]) -> list[Outside]:
    gate = asyncio.Semaphore(_GREETED_AT_ONCE)

    async def one(seen: Outside) -> Outside:
        if seen.state is not PortState.OPEN:
            return seen
        async with gate:
            service, detail = await greeted(seen.address, seen.port)
        return msgspec.structs.replace(seen, service=service, detail=detail)

    return list(await asyncio.gather(*(one(each) for each in found)))


def _alive(asked: Asked, outside: Sequence[Outside]) -> None:
    if outside and all(one.state is PortState.FILTERED for one in outside):
        raise CannotKnow(
            f"Every port of {asked.target} is silent: a firewall drops all that comes from here, or the host is down.",
            "Look from a place that the firewall lets in (a probe location), or see whether the host runs.",
        )
    if not outside:
        raise CannotKnow(
            f"No port of {asked.target} could be tried in time.",
            "Give it a longer deadline, or name fewer ports.",
        )


def _silent(asked: Asked, outside: Sequence[Outside]) -> list[Unknown]:
    """Return the addresses of which every port is silent while others answer."""
    by_address: dict[str, set[PortState]] = {}
    for one in outside:
        by_address.setdefault(one.address, set()).add(one.state)
    return [
        Unknown(
            subject=asked.target,
            why=f"Every port of its address {address} is silent.",
            fix="See whether the name leads there rightly.",
        )
        for address, states in by_address.items()
        if states == {PortState.FILTERED} and not ipaddress.ip_address(address).is_loopback
    ]


def _facts(places: Sequence[str], ports: Sequence[int], outside: Sequence[Outside]) -> dict[str, str]:
    states = {state: {one.port for one in outside if one.state is state} for state in PortState}
    return {
        "addresses": ", ".join(places),
        "ports": str(len(ports)),
        "open": ", ".join(str(port) for port in sorted(states[PortState.OPEN])),
        "closed": str(len(states[PortState.CLOSED])),
        "filtered": str(len(states[PortState.FILTERED])),
    }


SCANNER = Scanner(
    kind="ports",
    label="Ports",
    about="Which ports of a host answer from here, and with inside=yes what listens without being reached.",
    takes=Takes.HOST,
    scan=scan,
    outward=True,
    options=_OPTIONS,
)
