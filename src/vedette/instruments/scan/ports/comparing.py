"""What listens inside against what answers outside. Decisions only."""

import ipaddress
from collections.abc import Collection, Mapping, Sequence

from vedette.core.address import is_public
from vedette.instruments.live.types import Listener
from vedette.instruments.scan.ports.services import Service, service_of
from vedette.instruments.scan.ports.types import Outside, PortState
from vedette.wire.finding import Finding, FindingState

_FORWARDED_LEAST = 4.0


def compared(
    host: str, inside: Sequence[Listener] | None, outside: Sequence[Outside], public: Collection[int]
) -> tuple[Finding, ...]:
    """Return what is to be said of a host's TCP ports, worst first.

    `inside` is what listens there, None where nobody looked; `public` are the ports everybody is meant to reach.
    """
    opened = _opened(outside)
    found = [_answering(host, port, seen, inside) for port, seen in opened.items() if port not in public]
    held = [] if inside is None else _held(host, inside, outside, opened)
    return tuple(sorted([*found, *held], key=lambda one: (-one.risk, one.identity)))


def _opened(outside: Sequence[Outside]) -> Mapping[int, list[Outside]]:
    found: dict[int, list[Outside]] = {}
    for one in outside:
        if one.state is PortState.OPEN:
            found.setdefault(one.port, []).append(one)
    return found


def _answering(host: str, port: int, seen: Sequence[Outside], inside: Sequence[Listener] | None) -> Finding:
    spoken = next((one.service for one in seen if one.service), "")
    service = service_of(port, spoken)
    listening = [one for one in inside or () if one.protocol == "tcp" and one.port == port]
    if inside is not None and not any(not one.local for one in listening):
        return _forwarded(host, port, seen, service, listening)
    who = ", ".join(
        dict.fromkeys(f"{one.program or 'a program'} of {one.user or 'somebody'}" for one in listening)
    )
    details = dict.fromkeys(filter(None, [who, *(one.detail for one in seen)]))
    return Finding(
        check="port-open", title=f"{host}:{port} ({service.name}) answers from {_whence(seen)}", state=FindingState.FAILED,
        subject=f"{host}:{port}", risk=service.risk, why=service.why, evidence="; ".join(details), place=_places(seen),
        fix="Let it listen on 127.0.0.1 or an inner address, or close the port in the firewall; if everybody is meant to reach it, name it (--option public=…).",
        identity=f"{host}/port-open/{port}", exposed=True, labels={"port": str(port), "service": service.name},
    )  # fmt: skip


def _forwarded(
    host: str, port: int, seen: Sequence[Outside], service: Service, listening: Sequence[Listener]
) -> Finding:
    alone = f"only {listening[0].place} does" if listening else "nothing does"
    return Finding(
        check="port-forwarded", title=f"{host}:{port} ({service.name}) answers from {_whence(seen)}, but {alone} listen inside: it is forwarded",
        state=FindingState.FAILED, subject=f"{host}:{port}", risk=max(service.risk, _FORWARDED_LEAST), place=_places(seen),
        why=f"Somebody leads it past the host's own firewall: a container, a rule of NAT, or a balancer before it. {service.why}",
        fix="Find the rule (nft list ruleset, docker ps, the provider's balancer), and publish containers on 127.0.0.1 alone.",
        identity=f"{host}/port-forwarded/{port}", exposed=True, labels={"port": str(port), "service": service.name},
    )  # fmt: skip


def _held(
    host: str, inside: Sequence[Listener], outside: Sequence[Outside], opened: Mapping[int, object]
) -> list[Finding]:
    """Return what listens for everybody and is not reached: the firewall alone stands between."""
    looked = {one.port for one in outside}
    ports = {one.port: one for one in inside if one.protocol == "tcp" and not one.local}
    return [
        Finding(
            check="port-held", title=f"{one.program or service_of(port).name} listens on {one.address}, port {port}, and nothing answers from outside: the firewall holds",
            state=FindingState.PASSED, subject=f"{host}:{port}", place=one.place, identity=f"{host}/port-held/{port}", exposed=False,
            why="One wrong rule of the firewall opens it.", fix="Let it listen on 127.0.0.1 if nobody else needs it.",
        )
        for port, one in sorted(ports.items())
        if port in looked and port not in opened
    ]  # fmt: skip


def _whence(seen: Sequence[Outside]) -> str:
    addresses = [ipaddress.ip_address(one.address) for one in seen]
    if any(is_public(one) for one in addresses):
        return "the internet"
    return "this machine" if all(one.is_loopback for one in addresses) else "outside"


def _places(seen: Sequence[Outside]) -> str:
    return ", ".join(
        f"[{one.address}]:{one.port}" if ":" in one.address else f"{one.address}:{one.port}" for one in seen
    )
