"""Projects that are read again and again: what drifted since, which intents broke or hold again, each told once."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import VedetteError
from vedette.deploy import judging, looking, reaching, signal
from vedette.deploy.drifting import seeing
from vedette.deploy.registry import all_kinds
from vedette.deploy.store import drifts, projects
from vedette.deploy.store import seen as store
from vedette.deploy.types import (
    LIVE_TOPIC,
    CloudProject,
    CloudSeen,
    Desired,
    Drift,
    Drifted,
    DriftState,
    KeptDrift,
    Memory,
)
from vedette.instruments.hetzner import pacing
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.happenings import happened
from vedette.instruments.hetzner.reading import read
from vedette.instruments.hetzner.types import CloudError
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal
from vedette.wire.infra import Judged, Live, Ref, Verdict

EVERY = 300.0  # seconds between two looks at a project
BLIND_AFTER = 900.0  # seconds after which people are told that nobody sees what drifts
MOST_DRIFTS = 500  # of a project that are kept apart


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What an act from here did before a look: which things it failed with, and what became of drifts that are over by it."""

    state: DriftState = DriftState.GONE
    refs: frozenset[Ref] = frozenset()
    failed: tuple[Ref, ...] | None = None  # None: nothing was written
    anew: bool = False  # all of it is gone, and what was remembered says nothing any more


def look_due(now: float, wait: reaching.Wait | None = None, besides: Collection[int] = ()) -> int:
    """Read each project that is due: every five minutes, within a quarter of its budget, or because somebody waits. Return how many."""
    due = [
        number
        for number, tried_at, requests, wanted in projects.pulses()
        if number not in besides and is_due(tried_at, requests, now, wanted=wanted)
    ]
    for known in filter(None, map(projects.find_by, due)):
        look(known, now, wait or reaching.Patience(reaching.LOOK))
    return len(due)


def is_due(tried_at: float | None, requests: int, now: float, *, wanted: bool) -> bool:
    """Tell whether a project is to be read now: `tried_at` was its last look, which asked for so many requests."""
    return wanted or tried_at is None or now - tried_at >= pacing.every(requests, EVERY)


def look(
    project: CloudProject, now: float, wait: reaching.Wait, done: Done | None = None
) -> CloudSeen | None:
    """Read a project and keep what is seen; what drifted, broke or holds again is told. None, and why is kept, where it cannot be read."""
    try:
        cloud = reaching.cloud(project, wait)
        live = read(cloud, project.name, now)[0]
    except VedetteError as error:
        if isinstance(error, CloudError) and error.code == reaching.STOPPING:
            return None  # nothing is wrong with the project: the next start looks again
        with transaction():
            projects.failed(project.id, now, signal.plain(str(error)))
            _woken()
        return None
    return _kept(project, cloud, live, done or Done())


def _kept(project: CloudProject, cloud: Cloud, live: Live, done: Done) -> CloudSeen:
    former = store.find(project.id, project.name)
    found = looking.outcome_of(
        project, CloudSeen(project=project.id, live=live, memory=Memory(project=project.name))
    )
    desired = found.desired if found else None
    now_seen, drifted = _seen(project, desired, live, former, done)
    if drifted is not None and drifted.drifts and former is not None and former.memory.at:
        told = happened(cloud, (each.ref.kind for each in drifted.drifts))
        drifted = seeing.dated(drifted, live, former.memory, (seeing.Happening(*each) for each in told))
    with transaction():
        current = projects.find_by(project.id)
        if current is None or current.changed_at != project.changed_at:
            return now_seen  # it was forgotten or its files are others: the next look judges those
        broken = _intents(project, former, now_seen, live.at, known=desired is not None)
        kept = msgspec.structs.replace(now_seen, broken=broken)
        store.put(kept)
        if drifted is not None or not project.files:  # where nobody says what should be, nothing drifts
            _drifts(project, drifted.drifts if drifted else (), live, done)
        _seen_again(project, live.at)
        projects.looked(project.id, live.at, cloud.requests)
        _woken()
    return kept


def _seen(
    project: CloudProject, desired: Desired | None, live: Live, former: CloudSeen | None, done: Done
) -> tuple[CloudSeen, Drifted | None]:
    memory = former.memory if former and not done.anew else Memory(project=project.name)
    if former is not None and desired is None and project.files:
        return msgspec.structs.replace(former, live=live), None  # wrong files say nothing
    return judging.seen(
        project.id, desired, live, memory, all_kinds(), looking.witnesses(live.at), done.failed
    )


def _intents(
    project: CloudProject, former: CloudSeen | None, seen: CloudSeen, now: float, *, known: bool
) -> tuple[str, ...]:
    """Tell which intents broke, and which hold again; of which nobody can tell, nothing is told. Return those that people know as broken."""
    before = set(former.broken) if former else set()
    if not known and project.files:
        return tuple(sorted(before))
    broken = {judging.key(one.intent): one for one in seen.judged if one.verdict is Verdict.BROKEN}
    unsure = {judging.key(one.intent) for one in seen.judged if one.verdict is Verdict.UNKNOWN}
    over = before - set(broken) - unsure
    signals.publish([*_of_intents(project, broken, before, over, now)], now)
    signals.record([*_told_of_intents(project, broken, before, over, now)])
    return tuple(sorted(set(broken) | (before & unsure)))


def _of_intents(
    project: CloudProject, broken: Mapping[str, Judged], before: set[str], over: set[str], now: float
) -> Iterator[Signal]:
    for text in sorted(set(broken) - before):
        yield signal.of_intent(project, text, now, broken[text])
    for text in sorted(over):
        yield signal.of_intent(project, text, now)


def _told_of_intents(
    project: CloudProject, broken: Mapping[str, Judged], before: set[str], over: set[str], now: float
) -> Iterator[Moment]:
    for text in sorted(set(broken) - before):
        yield signal.moment(project, signal.INTENT, f"{text} does not hold: {broken[text].reason}", now)
    for text in sorted(over):
        yield signal.moment(project, signal.INTENT, f"{text} holds again.", now)


def _drifts(project: CloudProject, found: Sequence[Drift], live: Live, done: Done) -> None:
    """Keep drifts in the caller's transaction: new ones and those that are over are told; of what could not be read nothing is."""
    before = {one.ref: one for one in drifts.open_of(project.id)}
    there = {one.ref: one for one in found[:MOST_DRIFTS]}
    new = [one for ref, one in there.items() if ref not in before]
    over = [one for ref, one in before.items() if ref not in there and ref.kind not in live.unread]
    for one in new:
        drifts.add(project.id, one, live.at)
    for ref, one in there.items():
        if ref in before:
            drifts.change(before[ref].id, one)
    _ended(over, done, live.at)
    signals.publish([*_of_drifts(project, new, over, done, live.at)], live.at)
    signals.record([
        *(signal.drift_moment(project, one, live.at) for one in new),
        *(signal.drift_moment(project, one, live.at, _became(one, done)) for one in over),
    ])  # fmt: skip


def _of_drifts(
    project: CloudProject, new: Sequence[Drift], over: Sequence[KeptDrift], done: Done, now: float
) -> Iterator[Signal]:
    yield from (signal.of_drift(project, one, now) for one in new)
    yield from (signal.of_drift(project, one, now, over=_became(one, done)) for one in over)


def _ended(over: Sequence[KeptDrift], done: Done, now: float) -> None:
    for state in DriftState:
        numbers = [one.id for one in over if _became(one, done) is state]
        if numbers:
            drifts.end(numbers, state, now)


def _became(one: KeptDrift, done: Done) -> DriftState:
    return done.state if one.ref in done.refs else DriftState.GONE


def _seen_again(project: CloudProject, now: float) -> None:
    if projects.was_told(project.id):
        signals.publish([signal.of_blind(project, now, over=True)], now)


def tell_blind(now: float) -> int:
    """Tell of projects that could not be read for a quarter of an hour; return how many."""
    untold = filter(None, map(projects.find_by, projects.untold()))
    late = [one for one in untold if one.problem_at is not None and now - one.problem_at >= BLIND_AFTER]
    for one in late:
        with transaction():
            projects.tell(one.id)
            signals.publish([signal.of_blind(one, now, over=False)], now)
    return len(late)


def _woken() -> None:
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))
