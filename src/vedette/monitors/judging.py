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
    Vote,
    Watched,
)
from vedette.monitors.verdict import Around

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
    outcome = _slow(monitor, result.outcome)
    fresh = monitor.config.interval * _FRESH
    others = (one for one in known.votes if one.location != result.location and outcome.at - one.at <= fresh)
    votes = (*others, Vote(result.location, outcome.reading, outcome.at))
    found = quorum.agree(votes, monitor.config.agree, outcome.at, fresh)
    if len(votes) > 1 or monitor.config.agree > 1:
        reason = outcome.sentence if outcome.reading is found.reading and not found.bad else found.reason
        outcome = _replace(outcome, reading=found.reading, sentence=reason)
    after = _judged(Watched(monitor, _replace(known, votes=votes)), outcome, around)
    return (
        after if result.outcome.expires is None else _certificate(after, result.outcome.expires, outcome.at)
    )


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


def _judged(watched: Watched, outcome: Outcome, around: Around) -> After:
    judged = verdict.judge(watched.monitor.tolerance, watched.known.standing, outcome, around)
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
