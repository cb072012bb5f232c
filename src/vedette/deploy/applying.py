"""A plan is carried out wave by wave, in parallel within one; each write is read back, and one that did not take fails.

What is about to be done stands in the journal before it is begun, so that an apply after a kill goes on from there.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError
from vedette.deploy.journal import Journal
from vedette.deploy.planning import comparing
from vedette.deploy.planning.kind import Kind
from vedette.deploy.types import Act, Applied, Change, Planned, Step
from vedette.instruments.hetzner.awaiting import came
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.types import Adapter, CloudError, Names
from vedette.wire.infra import Ref, Thing

_AT_ONCE = 6
_LOOKS = 6  # what is attached is not seen at once
Tell = Callable[[Step], None]


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What an apply stands on: Hetzner, its ids, what kinds mean and how they are written, the journal, the clock, and who is told."""

    cloud: Cloud
    names: Names
    kinds: Mapping[str, Kind]
    adapters: Mapping[str, Adapter]
    journal: Journal
    now: Callable[[], float]
    tell: Tell


def apply(planned: Planned, ground: Ground) -> Applied:
    """Carry out a plan; a wave in which something failed is the last one."""
    begun = ground.cloud.requests
    steps: list[Step] = []
    anew = {each.ref for each in planned.changes if each.act in {Act.CREATE, Act.REPLACE}}
    for _, wave in groupby(planned.changes, key=lambda each: each.wave):
        steps += _wave(tuple(wave), ground, anew)
        if any(step.problem for step in steps):
            break
    done = {step.ref for step in steps}
    left = tuple(each.ref for each in planned.changes if each.ref not in done)
    return Applied(steps=tuple(steps), left=left, requests=ground.cloud.requests - begun)


def finish(things: Sequence[Thing], ground: Ground) -> tuple[Step, ...]:
    """Finish what a stopped apply made and left half ready: such a server is off until its firewalls are on it.

    One that was to be made anew and is still there gets back what was taken from it; a new plan begins with it again.
    """
    steps = []
    for thing in things:
        former = ground.journal.left.get(thing.ref)
        if (
            former is not None
            and former.act in {Act.CREATE, Act.REPLACE}
            and ground.names.has(*_pair(thing.ref))
        ):
            kept = msgspec.structs.replace(thing, fields={**thing.fields, "kept": former.kept})
            steps.append(_timed(former.act, thing.ref, ground, functools.partial(_finish, kept, ground)))
    return tuple(steps)


def _finish(thing: Thing, ground: Ground) -> None:
    number = ground.names.id(*_pair(thing.ref))
    ground.adapters[thing.kind].finish(ground.cloud, number, thing, ground.names)
    ground.journal.done(thing.ref, ground.now())


def _wave(changes: Sequence[Change], ground: Ground, anew: set[Ref]) -> list[Step]:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [
            pool.submit(_timed, each.act, each.ref, ground, _work(each, ground, anew)) for each in changes
        ]
    return [each.result() for each in asked]


def _work(change: Change, ground: Ground, anew: set[Ref]) -> Callable[[], None]:
    return lambda: _one(change, ground, stale=bool(anew & set(change.needs)))


def _timed(act: Act, ref: Ref, ground: Ground, work: Callable[[], None]) -> Step:
    begun, problem = monotonic(), ""
    try:
        work()
    except VedetteError as error:
        problem = str(error)
    step = Step(act=act, ref=ref, problem=problem, seconds=round(monotonic() - begun, 3))
    ground.tell(step)
    return step


def _one(change: Change, ground: Ground, *, stale: bool) -> None:
    ground.journal.begun(change.ref, change.act, ground.now())
    thing = change.after or change.before
    if thing is None:
        return
    adapter, before = ground.adapters[thing.kind], change.before
    after = adapter.settled(ground.cloud, change.after, ground.names) if change.after is not None else None
    if change.act is Act.DELETE and before is not None:
        adapter.delete(ground.cloud, before, ground.names)
        _gone(before, ground)
    elif after is not None:
        _write(change, before, after, ground, stale=stale)
        _read_back(after, ground)
    ground.journal.done(change.ref, ground.now())


def _write(change: Change, before: Thing | None, after: Thing, ground: Ground, *, stale: bool) -> None:
    adapter, cloud, names = ground.adapters[after.kind], ground.cloud, ground.names
    former = ground.journal.left.get(change.ref)
    if former is not None and former.kept:
        after = msgspec.structs.replace(after, fields={**after.fields, "kept": former.kept})
    if before is None:
        adapter.create(cloud, after, names)
    elif change.act is Act.REPLACE:
        adapter.replace(
            cloud, before, after, names,
            lambda kept: ground.journal.kept(change.ref, change.act, kept, ground.now()),
        )  # fmt: skip
    else:
        now = adapter.read(cloud, names.id(*_pair(before.ref)), names) if stale else None
        kind = ground.kinds[after.kind]
        pair = comparing.settled(kind, now, after) if now is not None else (before, after)
        adapter.update(cloud, *pair, names)


def _read_back(after: Thing, ground: Ground) -> None:
    """Compare what is there with what was written; raises `CloudError` where it differs still after some seconds."""
    seen: list[str] = []

    def is_as_written() -> bool:
        seen.append(_wrong(after, ground))
        return not seen[-1]

    if not came(ground.cloud, _LOOKS, is_as_written):
        raise CloudError(f"Hetzner said that {after.ref} was done, yet it {seen[-1]}.", code="not_as_written")


def _wrong(after: Thing, ground: Ground) -> str:
    """Return how what is there is not what was written; nothing where it is."""
    there = ground.adapters[after.kind].read(ground.cloud, ground.names.id(*_pair(after.ref)), ground.names)
    if there is None:
        return "is not there"
    kind = ground.kinds[after.kind]
    differences = comparing.lines(kind, *comparing.settled(kind, there, after))
    told = "; ".join(
        f"{each.field}: {each.before or 'nothing'} instead of {each.after or 'nothing'}"
        for each in differences[:3]
    )
    return f"still has {told}" if differences else ""


def _gone(before: Thing, ground: Ground) -> None:
    adapter = ground.adapters[before.kind]
    if not came(ground.cloud, _LOOKS, lambda: adapter.read(ground.cloud, before.id, ground.names) is None):
        raise CloudError(
            f"Hetzner said that {before.ref} was removed, yet it is still there.", code="not_as_written"
        )


def _pair(ref: Ref) -> tuple[str, str]:
    return ref.kind, ref.name
