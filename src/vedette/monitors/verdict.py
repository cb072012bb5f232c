"""Where does a monitor stand after a check, and are people told? Pure.

What was told is part of the standing, and the telling follows from comparing the two: a restart tells nothing again, a
maintenance only what is different after it, and what flaps is told once. Unknown never counts as down.
"""

import msgspec

from vedette.monitors.types import Judged, Outcome, Reading, Standing, State, Told, Tolerance

MOST_FLIPS = 6
KEPT_FLIPS = 12
_ALIVE = frozenset({State.UP, State.DEGRADED})
_replace = msgspec.structs.replace


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a check, each a sentence or empty.

    `blocked` says why a failure tells nothing of the monitor, `waits` what is looked at before it counts, `hushed` why
    nobody is told.
    """

    blocked: str = ""
    waits: str = ""
    hushed: str = ""


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """What counts towards the next change where several locations count it: failures and successes in a row, and how slow."""

    failures: int = 0
    successes: int = 0
    slow: int = 0


def judge(
    rules: Tolerance,
    before: Standing,
    outcome: Outcome,
    around: Around | None = None,
    rows: Rows | None = None,
) -> Judged:
    """Return where a monitor stands after a check, and what people are to be told of it.

    Without `rows` the check lengthens the rows of the standing before; else it is one of several locations' that have them.
    """
    around = around or Around()
    fails = outcome.reading is Reading.BAD
    if fails and around.waits and before.state is not State.DOWN:
        return Judged(standing=_doubted(before, outcome.at), tell=None, reason=around.waits, retry=True)
    if fails and around.blocked:
        known = _replace(outcome, reading=Reading.UNKNOWN, sentence=around.blocked, cause="")
        moved = _moved(rules, _counted(rules, _doubted(before, outcome.at), known), known, at_once=True)
    else:
        counted = _counted(rules, before, outcome)
        moved = _moved(rules, _shared(counted, outcome, rows), outcome, at_once=False)
    return _told(rules, before, moved, outcome.at, around.hushed)


def settle(rules: Tolerance, before: Standing, now: float, hushed: str = "") -> Judged:
    """Return what is to be told although no check came: it flaps no more, or its maintenance is over."""
    return _told(rules, before, before, now, hushed)


def unsettled(standing: Standing) -> bool:
    """Tell whether what people heard last is not so, or will not be once it flaps no more."""
    return standing.flapping or _tell(standing) is not None


def _doubted(before: Standing, at: float) -> Standing:
    """Return the standing with when it began to fail, although the failure does not count."""
    return _replace(before, heard=at, doubt=at if before.doubt is None else before.doubt)


def _counted(rules: Tolerance, before: Standing, outcome: Outcome) -> Standing:
    """Return the standing with its counts moved on; what is unknown neither breaks nor lengthens a row of failures."""
    after = _replace(before, heard=outcome.at)
    if outcome.reading is Reading.UNKNOWN:
        return _replace(after, unknown=before.unknown + 1)
    if outcome.reading is Reading.BAD:
        doubted = _doubted(after, outcome.at)
        return _replace(doubted, failures=before.failures + 1, successes=0, unknown=0)
    step = 1 if outcome.reading is Reading.SLOW else -1
    slow = min(max(0, before.slow + step), rules.slow)
    return _replace(after, failures=0, successes=before.successes + 1, unknown=0, slow=slow, doubt=None)


def _shared(counted: Standing, outcome: Outcome, rows: Rows | None) -> Standing:
    """Return the standing with the rows that locations share, where several look."""
    if rows is None or outcome.reading is Reading.UNKNOWN:
        return counted
    if outcome.reading is Reading.BAD:
        return _replace(counted, failures=rows.failures)
    return _replace(counted, successes=rows.successes, slow=rows.slow)


def _moved(rules: Tolerance, counted: Standing, outcome: Outcome, *, at_once: bool) -> Standing:
    state = _state(rules, counted, outcome.reading, at_once=at_once)
    if state is counted.state:
        keep = outcome.reading is not Reading.BAD or state is not State.DOWN
        return counted if keep else _replace(counted, reason=outcome.sentence, cause=outcome.cause)
    since = counted.doubt if state is State.DOWN and counted.doubt is not None else outcome.at
    flipped = state in _ALIVE if counted.state is State.DOWN else state is State.DOWN
    flips = (*counted.flips, outcome.at)[-KEPT_FLIPS:] if flipped else counted.flips
    return _replace(
        counted, state=state, since=since, reason=outcome.sentence, cause=outcome.cause, flips=flips
    )


def _state(rules: Tolerance, counted: Standing, reading: Reading, *, at_once: bool) -> State:
    """Return the state that the counts and the last reading stand for."""
    before = counted.state
    if reading is Reading.UNKNOWN:
        lost = at_once or counted.unknown >= rules.failures
        return State.UNKNOWN if lost and before is not State.DOWN else before
    if reading is Reading.BAD:
        return State.DOWN if counted.failures >= rules.failures else before
    if before is State.DOWN and counted.successes < rules.successes:
        return before
    if counted.slow >= rules.slow or (before is State.DEGRADED and counted.slow):
        return State.DEGRADED
    return State.UP


def _told(rules: Tolerance, before: Standing, moved: Standing, now: float, hushed: str) -> Judged:
    flaps = _flaps(rules, moved, now)
    after = _replace(moved, flapping=flaps)
    tell = None if hushed else _tell(after)
    if tell is not None:
        after = _replace(after, told=tell)
    retry = 0 < after.failures < rules.failures and after.state is not State.DOWN
    return Judged(standing=after, tell=tell, reason=hushed or _why(rules, before, after, tell), retry=retry)


def _flaps(rules: Tolerance, standing: Standing, now: float) -> bool:
    """Tell whether it changed many times of late, and has not stayed as it is for half the window."""
    if not standing.flips or now >= standing.flips[-1] + rules.window / 2:
        return False
    recent = [at for at in standing.flips if at > standing.flips[-1] - rules.window]
    return len(recent) >= MOST_FLIPS


def _tell(standing: Standing) -> Told | None:
    """Return what people have to hear for what they last heard to be true again."""
    if standing.flapping:
        return None if standing.told is Told.FLAPPING else Told.FLAPPING
    if standing.state is State.DOWN:
        return None if standing.told is Told.DOWN else Told.DOWN
    if standing.state in _ALIVE and standing.told in {Told.DOWN, Told.FLAPPING}:
        return Told.UP
    return None


def _why(rules: Tolerance, before: Standing, after: Standing, tell: Told | None) -> str:
    if tell is Told.FLAPPING:
        return f"It went down or up {len(after.flips)} times of late; it is told once."
    if after.flapping:
        return "It flaps, which people know."
    if tell is not None or after.state is not before.state:
        return f"It is {after.state}: {after.reason}" if after.reason else f"It is {after.state}."
    if after.failures and after.state is not State.DOWN:
        return f"{after.failures} of {rules.failures} failures in a row: it is checked again before it counts as down."
    if after.state is State.DOWN and after.successes:
        return f"{after.successes} of {rules.successes} successes in a row until it counts as up."
    return f"It is still {after.state}."
