"""What does one check or heartbeat make of what is known of its monitor? Pure."""

import msgspec

from vedette.monitors import certificates, heartbeat, quorum, verdict
from vedette.monitors.types import (
    Blind,
    CheckResult,
    Judged,
    Known,
    Monitor,
    Outcome,
    Ping,
    Reading,
    Standing,
    State,
    Vote,
    Watched,
)
from vedette.monitors.verdict import Around, Rows

_replace = msgspec.structs.replace
_FRESH = 3.0  # intervals after which what a location found is old


class After(msgspec.Struct, frozen=True):
    """A monitor after a check, the verdict on it (None when nothing was to be judged), and a certificate's threshold to tell of."""

    watched: Watched
    judged: Judged | None = None
    certificate: certificates.Ending | None = None


def checked(watched: Watched, result: CheckResult, around: Around) -> After:
    """Return a monitor after a check from one location; the locations' agreement is what is judged."""
    monitor, known = watched.monitor, watched.known
    fresh, places = fresh_for(monitor), monitor.config.places
    outcome = _in_order(_slow(monitor, result.outcome), known.standing, fresh)
    votes = [one for one in known.votes if one.location in places and outcome.at - one.at <= fresh]
    before = next((one for one in votes if one.location == result.location), None)
    own = quorum.cast(
        before or Vote(result.location, outcome.reading, outcome.at), outcome, around, monitor.tolerance.slow
    )
    votes = [*(one for one in votes if one is not before), own]
    kept = Watched(monitor, _replace(known, votes=tuple(votes)))
    if len(places) > 1 or monitor.config.agree > 1:
        after = _together(kept, own, outcome, around)
    else:
        after = _judged(kept, outcome, around)
    return (
        after if result.outcome.expires is None else _certificate(after, result.outcome.expires, outcome.at)
    )


def _together(watched: Watched, own: Vote, outcome: Outcome, around: Around) -> After:
    """Return a monitor as its locations find it together; the one that failed looks again as long as its own row is short."""
    monitor, known, rules = watched.monitor, watched.known, watched.monitor.tolerance
    found = quorum.agree(known.votes, monitor.config.agree, outcome.at, fresh_for(monitor))
    fails = outcome.reading is Reading.BAD
    # What tells nothing there, and of what nobody else knows, is judged as it is: the reason is why it tells nothing.
    blind = fails and own.reading is Reading.UNKNOWN and found.reading is Reading.UNKNOWN
    after = _judged(
        watched,
        outcome if blind else _agreed(outcome, found, known.last),
        around,
        None if blind else found.rows,
    )
    if after.judged is None:
        return after
    down = after.watched.known.standing.state is State.DOWN
    again = own.reading is Reading.BAD and not down and own.failures < rules.failures
    return _replace(after, judged=_replace(after.judged, retry=again))


def fresh_for(monitor: Monitor) -> float:
    """Return the seconds for which what was found of a monitor tells how it is."""
    return monitor.config.interval * _FRESH


def is_late(monitor: Monitor, result: CheckResult, now: float) -> bool:
    """Tell whether what a location found tells only how it was: it waited there too long to be judged."""
    return bool(result.location) and now - result.outcome.at > fresh_for(monitor)


def unheard(watched: Watched, why: str, now: float) -> After:
    """Return a monitor that nothing is known of any more, as nobody is heard of who checks it."""
    outcome = Outcome(at=now, reading=Reading.UNKNOWN, sentence=why)
    before = watched.known.standing
    judged = verdict.judge(
        watched.monitor.tolerance, before, _replace(outcome, reading=Reading.BAD), Around(blocked=why)
    )
    standing = _replace(judged.standing, heard=before.heard)  # that is when it was checked
    known = _replace(watched.known, standing=standing, last=outcome)
    return After(Watched(watched.monitor, known), _replace(judged, standing=standing))


def _agreed(outcome: Outcome, found: quorum.Agreed, last: Outcome | None) -> Outcome:
    """Return an outcome as the locations agree on it; its own sentence stays where it is what they found."""
    if outcome.reading is not found.reading:
        fails = found.reading is Reading.BAD and last is not None and last.reading is Reading.BAD
        cause = last.cause if fails and last is not None else ""
        return _replace(outcome, reading=found.reading, sentence=found.reason, cause=cause)
    return _replace(outcome, sentence=f"{found.reason} {outcome.sentence}".strip()) if found.bad else outcome


def _in_order(outcome: Outcome, before: Standing, fresh: float) -> Outcome:
    """Return an outcome that is judged after what was judged already, also where another location was faster to tell."""
    latest = max(before.heard or 0.0, before.since)
    return _replace(outcome, at=latest) if outcome.at < latest <= outcome.at + fresh else outcome


def pinged(watched: Watched, ping: Ping, around: Around) -> After:
    """Return a monitor after a heartbeat."""
    beat, outcome = heartbeat.hear(watched.known.beat, ping)
    after = Watched(watched.monitor, _replace(watched.known, beat=beat))
    return _expecting(After(after) if outcome is None else _judged(after, outcome, around), None)


def missed(watched: Watched, heard: float, blind: Blind | None, around: Around) -> After:
    """Return a monitor whose deadline may be over, as of the instant up to which all that was received is known."""
    rules = watched.monitor.config.rhythm
    if rules is None:
        return After(watched)
    beat, outcome = heartbeat.overdue(rules, watched.known.beat, heard, blind)
    after = Watched(watched.monitor, _replace(watched.known, beat=beat))
    return _expecting(After(after) if outcome is None else _judged(after, outcome, around), blind)


def settled(watched: Watched, now: float, hushed: str) -> After:
    """Return a monitor after some time without a check: a maintenance may be over, a flapping calm."""
    judged = verdict.settle(watched.monitor.tolerance, watched.known.standing, now, hushed)
    return After(Watched(watched.monitor, _replace(watched.known, standing=judged.standing)), judged)


def _judged(watched: Watched, outcome: Outcome, around: Around, rows: Rows | None = None) -> After:
    judged = verdict.judge(watched.monitor.tolerance, watched.known.standing, outcome, around, rows)
    known = _replace(watched.known, standing=judged.standing, last=outcome)
    return After(Watched(watched.monitor, known), judged)


def _slow(monitor: Monitor, outcome: Outcome) -> Outcome:
    """Return an outcome, slow when it took longer than the monitor allows."""
    most = monitor.config.slow
    if most is None or outcome.ms is None or outcome.reading is not Reading.GOOD or outcome.ms <= most:
        return outcome
    return _replace(
        outcome, reading=Reading.SLOW, sentence=f"It took {outcome.ms:.0f} ms; {most:.0f} are allowed."
    )


def _certificate(after: After, expires: float, now: float) -> After:
    ending = certificates.judge(after.watched.known.certificate, expires, now)
    known: Known = _replace(after.watched.known, certificate=ending.certificate)
    return After(Watched(after.watched.monitor, known), after.judged, None if ending.tell is None else ending)


def _expecting(after: After, blind: Blind | None) -> After:
    """Return the same with when the next heartbeat must come."""
    monitor, known = after.watched.monitor, after.watched.known
    rules = monitor.config.rhythm
    due = None if rules is None or monitor.paused else heartbeat.deadline(rules, known.beat, blind).at
    return _replace(after, watched=Watched(monitor, _replace(known, due=due)))
