"""What drifted: what is there, what was when both were alike, and what the files say, held against each other. Pure.

Two sides that differ do not tell which one moved; the third, what both were when they were alike, does.
"""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.deploy.planning import comparing
from vedette.deploy.planning.kind import Kind
from vedette.deploy.types import Act, Change, Drift, Drifted, Known, Line, Memory, Planned, Side, Way
from vedette.wire.infra import Live, Thing

_WAYS = {Act.CREATE: Way.GONE, Act.UPDATE: Way.CHANGED, Act.REPLACE: Way.CHANGED, Act.DELETE: Way.UNSAID}
_SIGNS = {"+": "-", "-": "+", "~": "~"}
_FEW = 3
ELSEWHERE = "somebody else than an apply from here"
HERE = "an apply from here that broke off"


class Happening(msgspec.Struct, frozen=True):
    """Something that Hetzner did to a thing: its command (`set_rules`) and when."""

    kind: str
    id: int
    command: str
    at: float


def drifted(planned: Planned, live: Live, memory: Memory, kinds: Mapping[str, Kind]) -> Drifted:
    """Return what is not as the files say; `planned` is what would make it so."""
    known = memory.known()
    found = [
        _drift(each, known.get(each.ref), live, memory, kinds)
        for each in planned.changes
        if each.ref.kind in kinds
    ]
    came = sorted(set(planned.foreign) - set(memory.foreign)) if memory.at else []
    found += [
        Drift(
            ref=ref, way=Way.FOREIGN, side=Side.CLOUD, until=memory.first.get(str(ref), live.at), by=ELSEWHERE
        )
        for ref in came
    ]
    return Drifted(
        project=planned.project, at=live.at, unread=live.unread, requests=live.requests,
        drifts=tuple(each for each in found if each.side is not Side.FILES),
        pending=tuple(each for each in found if each.side is Side.FILES),
    )  # fmt: skip


def dated(found: Drifted, live: Live, memory: Memory, happened: Iterable[Happening]) -> Drifted:
    """Return it with what Hetzner's own actions tell: when each thing was last changed within the time in question."""
    ids = {ref: each.thing.id for ref, each in memory.known().items()} | {
        each.ref: each.id for each in live.things
    }
    by_thing = dict[tuple[str, int], list[Happening]]()
    for one in sorted(happened, key=lambda each: each.at):
        by_thing.setdefault((one.kind, one.id), []).append(one)
    drifts = tuple(
        _dated(each, by_thing.get((each.ref.kind, ids.get(each.ref, 0)), [])) for each in found.drifts
    )
    return msgspec.structs.replace(found, drifts=drifts)


def _drift(
    change: Change, known: Known | None, live: Live, memory: Memory, kinds: Mapping[str, Kind]
) -> Drift:
    side = _side(change, known, memory, kinds[change.ref.kind])
    changed = change.act in {Act.UPDATE, Act.REPLACE}
    return Drift(
        ref=change.ref, way=_WAYS[change.act], side=side, lines=tuple(_turned(each) for each in change.lines if changed),
        after=known.right if known else 0.0, until=memory.first.get(str(change.ref), live.at),
        by=HERE if change.ref in memory.failed else ELSEWHERE if known else "",
    )  # fmt: skip


def _side(change: Change, known: Known | None, memory: Memory, kind: Kind) -> Side:
    """Return which side moved; without memory of the thing nobody knows, but what was never there waits for an apply."""
    if change.ref in memory.failed:
        return Side.CLOUD
    if known is None:
        return _side_unknown(change, memory)
    cloud = change.before is None or _differ(kind, known.thing, change.before)
    files = change.after is None or _differ(kind, known.thing, change.after)
    return Side.BOTH if cloud and files else Side.CLOUD if cloud else Side.FILES if files else Side.UNKNOWN


def _side_unknown(change: Change, memory: Memory) -> Side:
    if change.act is Act.CREATE:
        return Side.FILES  # it was never there, as far as anybody knows
    if change.act is Act.DELETE:
        return Side.CLOUD if memory.at else Side.UNKNOWN
    return Side.UNKNOWN


def _differ(kind: Kind, before: Thing, after: Thing) -> bool:
    return bool(comparing.lines(kind, *comparing.settled(kind, before, after)))


def _turned(line: Line) -> Line:
    """Return a line of a plan the other way round: what the files say, then what is there."""
    return Line(field=line.field, sign=_SIGNS[line.sign], before=line.after, after=line.before)


def _dated(drift: Drift, happened: list[Happening]) -> Drift:
    """Return it with the last happening since it was right; one that is older has nothing to do with it."""
    fit = [each for each in happened if drift.after <= each.at]
    if not fit or not drift.after or drift.by == HERE:
        return drift
    commands = dict.fromkeys(each.command for each in fit[-_FEW:])
    return msgspec.structs.replace(drift, when=fit[-1].at, command=", ".join(commands))
