"""Ports that a scan saw open from outside, as a witness: an answer is an answer, whoever got it. Pure."""

from collections.abc import Iterable, Iterator

from vedette.deploy.intents.world import World
from vedette.instruments.hetzner import rdns
from vedette.wire.finding import Finding, FindingState
from vedette.wire.witness import Came, Look, Sight, Witness

_OPEN = ("port-open", "port-forwarded")  # checks of scans of ports


def witness(findings: Iterable[Finding], here: World, spot: str, at: float) -> Witness:
    """Return what scans of ports saw answer from a spot; what is at addresses of nobody here is no part of it.

    A scan tells what answers and not what is silent, so it refutes and proves nothing by its silence.
    """
    names = dict(_called(here))
    looks = sorted({look for one in findings for look in _looks(one, names)})
    return Witness(spot=spot, at=at, sights=tuple(Sight(look=look, came=Came.ANSWERED) for look in looks))


def _looks(one: Finding, names: dict[str, str]) -> Iterator[Look]:
    host, _, port = one.subject.rpartition(":")
    address = host.strip("[]")
    if one.check in _OPEN and one.state is FindingState.FAILED and address in names and port.isdecimal():
        yield Look(names[address], address, int(port))


def _called(here: World) -> Iterator[tuple[str, str]]:
    """Yield what a scan may call a server or load balancer (its name, its public addresses), with its name."""
    for host in here.hosts.values():
        called = (host.name, host.ipv4, rdns.first(host.ipv6 or ""))
        yield from ((each, host.name) for each in called if each)
    for balancer in here.balancers.values():
        yield from ((each, balancer.name) for each in (balancer.name, balancer.ipv4) if each)
