"""Spike protection at work: thins out the bodies of a batch where a project is over its budget, and tells of it."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from vedette.errors import signal, spikes
from vedette.errors.store import counting, standing
from vedette.errors.store import thinned as store
from vedette.errors.store.applying import Applied
from vedette.errors.tallying import Digested
from vedette.errors.types import Event
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.wire.delivery import Note

NOTE = Note(
    where="",
    what="Spike protection: so many events came that this one's details were not kept. It is counted.",
)
_ENCODE = msgspec.json.Encoder().encode
_HOUR, _WEEK = 3_600.0, 7 * 86_400.0
_QUIET = 3_600.0  # seconds without thinning after which a flood is another one
Pair = tuple[Digested, int]  # an event of the batch, and its seq


def thin(digested: Sequence[Pair], now: float) -> list[Pair]:
    """Return a batch in which what a flood brought too much of is light; most batches come back as they are."""
    floor = ports().settings.spike_events_per_minute
    if not floor:
        return list(digested)
    arrivals = Counter(_minute(one) for one, _ in digested)
    over = {key: seen for key, n in arrivals.items() if (seen := counting.in_minute(*key)) + n > floor}
    budgets = {key: _budget(key[0], floor, now) for key in over}
    over = {key: seen for key, seen in over.items() if seen + arrivals[key] > budgets[key]}
    return _thinned(digested, over, budgets) if over else list(digested)


def _minute(one: Digested) -> tuple[int, int]:
    """Return where an event counts: the key of its project, negative, and its minute."""
    return -one.event.project, int(one.event.received // 60)


def _budget(key: int, floor: int, now: float) -> int:
    start = now // _HOUR * _HOUR - _WEEK
    return spikes.budget(spikes.usual_rate(counting.buckets([key], start, start + _WEEK, _HOUR)), floor)


def _thinned(
    digested: Sequence[Pair], seen: dict[tuple[int, int], int], budgets: dict[tuple[int, int], int]
) -> list[Pair]:
    of_project = Counter(seen)
    known = standing.by_hash(list({one.fingerprint.hash for one, _ in digested if _minute(one) in seen}))
    of_group: Counter[tuple[bytes, int]] = Counter()
    for hash_, stored in known.items():
        for minute in {minute for _, minute in seen}:
            of_group[hash_, minute] = counting.in_minute(stored.id, minute)
    firsts = set(known)
    result: list[Pair] = []
    for one, seq in digested:
        key, hash_ = _minute(one), one.fingerprint.hash
        if key in seen:
            arrival = spikes.Arrival(hash_ not in firsts, of_project[key], of_group[hash_, key[1]])
            whole = spikes.decide(arrival, budgets[key]).whole
            result.append((one if whole else msgspec.structs.replace(one, light=True), seq))
            of_project[key] += 1
            of_group[hash_, key[1]] += 1
        else:
            result.append((one, seq))
        firsts.add(hash_)
    return result


def light_body(event: Event) -> bytes:
    """Return what telemetry keeps of an event that was thinned out: all but its data, and a note."""
    return _ENCODE(msgspec.structs.replace(event, notes=(*event.notes, NOTE)))


def tell(applied: Sequence[Applied], now: float) -> None:
    """Count what was thinned out, in the transaction, and speak of a flood once, when it begins."""
    by_project: Counter[int] = Counter()
    for one in applied:
        by_project[one.tally.project] += one.tally.light
    by_project = +by_project
    if not by_project:
        return
    began = [project for project in by_project if store.last(-project) < now - _QUIET]
    store.add({id_: n for one in applied for id_, n in one.light.items() if n}, now)
    store.add({-project: n for project, n in by_project.items()}, now)
    projects.count_thinned(by_project, now)
    names = {project.id: project for project in projects.projects()}
    told = [signal.of_spike(names[one], now) for one in began if one in names]
    signals.publish([sent for sent, _ in told], now)
    signals.record([moment for _, moment in told])
