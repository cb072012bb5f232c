"""What a plan opens and closes: who could reach a server from outside before, and who can afterwards. Pure.

Hetzner's firewalls: a server without any is open; with some, what one of them lets in comes in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.deploy.planning.linking import covers, is_public
from vedette.deploy.rules import ANY
from vedette.deploy.types import Act, Change, Danger, DangerKind
from vedette.wire import jsons
from vedette.wire.infra import Ref, Thing

_ANY = frozenset(ANY)
_SSH = 22
_MEANT_FOR_ALL = frozenset({("tcp", "80"), ("tcp", "443"), ("udp", "443"), ("icmp", "")})
_MOST = 8
Way = tuple[str, str]
_ALL: Way = ("everything", "")
State = Mapping[Ref, Thing]


def endangered(
    changes: Sequence[Change], before: Iterable[Thing], after: Iterable[Thing], project: str
) -> tuple[Change, ...]:
    """Return the changes with what they open and whom they lock out."""
    was, shall = {each.ref: each for each in before}, {each.ref: each for each in after}
    found: dict[Ref, list[Danger]] = {}
    for ref, server in shall.items():
        if ref.kind == "server":
            for danger in _dangers(server, was, shall, project):
                found.setdefault(_cause(server, changes, project), []).append(danger)
    return tuple(
        msgspec.structs.replace(each, dangers=(*each.dangers, *dict.fromkeys(found.get(each.ref, []))))
        for each in changes
    )


def _dangers(server: Thing, was: State, shall: State, project: str) -> Iterator[Danger]:
    old, new = was.get(server.ref), shall[server.ref]
    opened = open_to_all(new, shall, project) - (
        open_to_all(old, was, project) if old is not None else _MEANT_FOR_ALL
    )
    if _ALL in opened:
        yield Danger(
            kind=DangerKind.EXPOSURE,
            text=f"{server.name} has a public address and no firewall: everything on it is open to the internet.",
        )
    elif opened:
        told = ", ".join(sorted(f"{protocol}/{port}".rstrip("/") for protocol, port in opened)[:_MOST])
        yield Danger(kind=DangerKind.EXPOSURE, text=f"{told} of {server.name} becomes open to the internet.")
    if (
        old is not None
        and is_public(old)
        and _signs_in(old, was, project)
        and not _signs_in(new, shall, project)
    ):
        yield Danger(
            kind=DangerKind.LOCKOUT,
            text=f"Nobody can sign in to {server.name} over SSH from outside any more: no rule lets tcp/22 in.",
        )


def open_to_all(server: Thing, state: State, project: str) -> frozenset[Way]:
    """Return what of a server the whole internet may reach: protocols with ports as rules say them."""
    if not is_public(server):
        return frozenset()
    walls = _walls(server, state, project)
    if not walls:
        return frozenset({_ALL})
    return frozenset(
        (jsons.text(rule, "protocol"), jsons.text(rule, "port"))
        for rule in _inward(walls)
        if _ANY & set(jsons.texts(rule, "peers"))
    )


def _signs_in(server: Thing, state: State, project: str) -> bool:
    if not is_public(server):
        return False
    walls = _walls(server, state, project)
    return not walls or any(
        jsons.text(rule, "protocol") == "tcp" and _holds(jsons.text(rule, "port"), _SSH)
        for rule in _inward(walls)
    )


def _holds(ports: str, port: int) -> bool:
    low, _, high = ports.partition("-")
    return low.isdecimal() and int(low) <= port <= int(high if high.isdecimal() else low)


def _walls(server: Thing, state: State, project: str) -> list[Thing]:
    return [each for ref, each in state.items() if ref.kind == "firewall" and covers(each, server, project)]


def _inward(walls: Iterable[Thing]) -> Iterator[jsons.Record]:
    for wall in walls:
        yield from (
            rule for rule in jsons.records(wall.fields, "rules") if jsons.text(rule, "direction") != "out"
        )


def _cause(server: Thing, changes: Sequence[Change], project: str) -> Ref:
    """Return which change brings it about: that of a firewall that covers or covered the server, else the server's own."""
    for each in changes:
        sides = [side for side in (each.before, each.after) if side is not None]
        if (
            each.ref.kind == "firewall"
            and each.act is not Act.CREATE
            and any(covers(side, server, project) for side in sides)
        ):
            return each.ref
    own = [each.ref for each in changes if each.ref == server.ref]
    walls = [
        each.ref
        for each in changes
        if each.ref.kind == "firewall" and each.after is not None and covers(each.after, server, project)
    ]
    return (own or walls or [server.ref])[0]
