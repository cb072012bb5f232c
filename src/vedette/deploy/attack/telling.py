"""The switch and the list as people read them. Pure."""

from vedette.core.clock import iso
from vedette.deploy.types import Besieged, Shield, Stand

_MARKS = {Stand.OPEN: "✗", Stand.UNKNOWN: "?", Stand.GIVEN: "·", Stand.HELD: "✓", Stand.OFF: "–"}


def status(found: Besieged) -> str:
    """Return how a host stands, a sentence first; each line says how it is known."""
    head = (
        f"{found.host} is under attack until {iso(found.until)}."
        if found.until
        else f"{found.host}: the switch is off."
    )
    lines = [f"{_MARKS[each.stand]} {each.layer}: {each.sentence} ({each.known})" for each in found.defences]
    return "\n".join([head, *lines])


def plan(shield: Shield, host: str, until: float) -> str:
    """Return what the switch would do."""
    ports = ", ".join(str(port) for port in shield.ports)
    front = ", ".join(shield.front)
    lines = [f"{host} until {iso(until)}, then all of it is undone by the host itself:"]
    if shield.only_front:
        lines.append(f"  ports {ports}: only {front} may open connections; everybody else is dropped")
    else:
        lines.append(
            f"  ports {ports}: {shield.rate} new connections a second for each address, {shield.burst} at once; more are dropped"
        )
        lines += [f"  not limited: {front}"] if front else []
    lines.append("  kernel: SYN cookies on, SYN queue of 8192 or more, 2 answers to a SYN")
    if shield.policy:
        lines.append(
            f"  guard: {shield.requests} requests a minute for each client, added to {shield.policy}"
        )
        lines += (
            [f"  then: {shield.reload}"]
            if shield.reload
            else ["  the application is not told (--reload): it reads the policy when it starts"]
        )
    lines.append("  SSH and every other port stay as they are; open connections stay open")
    return "\n".join(lines)
