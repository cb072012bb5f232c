"""Do people still get in after something was put back? As far as a host can tell by itself: sshd answers a new connection, and
whoever is signed in now would be let in anew by the rules in force.

No person's connection from outside is tried: that is what `vedette harden` does. What cannot be told is never a proof.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable, Sequence

import msgspec

from vedette.instruments.live.types import Listener, Live, Unreadable
from vedette.instruments.witness.walls import wall
from vedette.wire.infra import Rule

_SECONDS = 5.0
_BANNER = b"SSH-"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1", "*": "127.0.0.1"}  # noqa: S104 - where all of a host is asked


class Doors(msgspec.Struct, frozen=True, kw_only=True):
    """Where sshd answers on a host (address and port), and from where people are signed in."""

    answering: tuple[tuple[str, int], ...] = ()
    people: tuple[str, ...] = ()


def doors(live: Live, people: Iterable[str]) -> Doors:
    """Return by which doors people come in now."""
    found = {(_ANY.get(one.address, one.address), one.port) for one in _sshds(live)}
    return Doors(
        answering=tuple(sorted(each for each in found if answers(*each))), people=tuple(sorted(set(people)))
    )


def why_not(before: Doors, live: Live, *, rules_changed: bool) -> str:
    """Return why people would not get in any more by the doors there were; empty where they would."""
    shut = [f"{address}:{port}" for address, port in before.answering if not answers(address, port)]
    if shut:
        return f"sshd answers no more on {', '.join(shut)}."
    if not rules_changed:
        return ""
    drops, rules = wall(live)
    return kept_out(before, drops, rules)


def kept_out(before: Doors, drops: bool | None, rules: Sequence[Rule]) -> str:
    """Return who of those signed in would not be let in to sshd anew, as a sentence; empty where all would. Pure."""
    ports = {port for _, port in before.answering}
    if drops is False or not ports or not before.people:
        return ""
    if drops is None:
        return "nobody can tell whom the rules in force let in. Harden the host again: that proves it by a new connection."
    out = [
        one for one in before.people if not any(_lets(rule, one, port) for rule in rules for port in ports)
    ]
    return (
        f"the rules in force would not let {', '.join(out[:5])} in to sshd, who is signed in now."
        if out
        else ""
    )


def answers(address: str, port: int) -> bool:
    """Tell whether a new connection is greeted as sshd greets."""
    with contextlib.suppress(OSError), socket.create_connection((address, port), _SECONDS) as way:
        return way.recv(len(_BANNER)) == _BANNER
    return False


def _sshds(live: Live) -> Sequence[Listener]:
    try:
        return [
            one
            for one in live.listening()
            if one.protocol == "tcp" and one.program in {"sshd", "sshd-session"}
        ]
    except Unreadable:
        return []


def _lets(rule: Rule, person: str, port: int) -> bool:
    """Tell whether a rule lets an address in to a port; an address that is none (a name in utmp) is let in by what lets all in."""
    low, _, high = rule.port.partition("-")
    if rule.protocol != "tcp" or not (not low or int(low) <= port <= int(high or low)):
        return False
    networks = [ipaddress.ip_network(each) for each in rule.peers]
    try:
        return any(ipaddress.ip_address(person.partition("%")[0]) in each for each in networks)
    except ValueError:
        return any(not each.prefixlen for each in networks)
