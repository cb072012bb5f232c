"""Is a job alive by its heartbeats? Pure.

The deadline is one period after the last sign of life, or the next time of its calendar *as an instant of UTC*, and then
the grace; a run that began caps that at its beginning and the grace. Only our own clock counts. What was heard late but
before the miss was seen makes no miss.
"""

import msgspec

from vedette.monitors import rhythm
from vedette.monitors.types import Beat, Blind, Outcome, Ping, PingKind, Reading, Rhythm, Time

MOST_RUNS = 10
_ALL_RUNS = ""
_replace = msgspec.structs.replace


def hear(beat: Beat, ping: Ping) -> tuple[Beat, Outcome | None]:
    """Return what is known after a ping, and what a verdict is to hear of it (None for a start or a line of the log)."""
    if ping.kind is PingKind.LOG:
        return beat, None
    if ping.kind is PingKind.START:
        others = tuple(run for run in beat.runs if run[0] != ping.run)
        return _replace(beat, runs=(*others, (ping.run, ping.at))[-MOST_RUNS:]), None
    failed = ping.kind is PingKind.FAIL
    left = tuple(run for run in beat.runs if ping.run not in {_ALL_RUNS, run[0]})
    # Journals may hand pings over out of order: the last sign of life never goes back.
    last = ping.at if beat.last is None else max(beat.last, ping.at)
    heard = Beat(last=last, failed=failed, missed=False, runs=left, lasted=_lasted(beat, ping))
    return heard, _outcome(ping, failed=failed)


def deadline(rules: Rhythm, beat: Beat, blind: Blind | None = None) -> Time:
    """Return until when a job has to be heard of; None when nothing is expected of it.

    Nothing is before its first sign of life, after a miss, and of a calendar that is over. After a time in which nothing
    could be heard the next sign is expected as if one had come at its end.
    """
    if beat.missed or (beat.last is None and not beat.runs):
        return Time(None, "It was missed already." if beat.missed else "No heartbeat came yet.")
    found = _deadline(rules, beat)
    known = max([at for at in (beat.last, *(at for _, at in beat.runs)) if at is not None])
    if blind is None or found.at is None or not (blind.start < found.at and known < blind.end):
        return found
    after = rhythm.expected_after(rules.schedule, blind.end)
    if after.at is None:
        return after
    return Time(max(found.at, after.at + rules.grace), f"Nothing could be heard for a while. {after.reason}")


def overdue(
    rules: Rhythm, beat: Beat, heard: float, blind: Blind | None = None
) -> tuple[Beat, Outcome | None]:
    """Return that a deadline was missed, None as the outcome when it was not.

    `heard` is the instant up to which everything that was received is known: what still waits in the journal is no miss.
    """
    due = deadline(rules, beat, blind)
    if due.at is None or heard <= due.at:
        return beat, None
    sentence = f"No heartbeat came in time. {due.reason}"
    found = Outcome(at=due.at, reading=Reading.BAD, cause="missed", sentence=sentence)
    return _replace(beat, missed=True), found


def _deadline(rules: Rhythm, beat: Beat) -> Time:
    began = min((at for _, at in beat.runs), default=None)
    longest = rules.grace if rules.longest is None else rules.longest
    expected = None if beat.last is None else rhythm.expected_after(rules.schedule, beat.last)
    if began is not None and (expected is None or expected.at is None or began < expected.at):
        return Time(began + longest, f"A run began and did not end within {longest:g} s.")
    if expected is None or expected.at is None:
        return expected or Time(None, "No heartbeat came yet.")
    return Time(expected.at + rules.grace, f"{expected.reason} It has {rules.grace:g} s of grace.")


def _lasted(beat: Beat, ping: Ping) -> float | None:
    """Return how many seconds the run took that a ping ends, None when no beginning was told."""
    began = [at for run, at in beat.runs if ping.run in {_ALL_RUNS, run}]
    return max(0.0, ping.at - began[-1]) if began else None


def _outcome(ping: Ping, *, failed: bool) -> Outcome:
    if not failed:
        return Outcome(at=ping.at, reading=Reading.GOOD, sentence="A heartbeat came.")
    told = "it failed." if ping.code is None else f"it ended with exit status {ping.code}."
    return Outcome(at=ping.at, reading=Reading.BAD, cause="failed", sentence=f"The job says: {told}")
