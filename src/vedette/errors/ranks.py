"""How much trouble an issue is, as one number a list can be ordered by. Pure."""

from vedette.errors.types import Level, State

_STATES = (State.RESOLVED, State.MUTED, State.ONGOING, State.NEW, State.REGRESSED)
_WIDTH = 8


def rank(state: State, level: Level) -> int:
    """Return the rank: what came back first, then what is new, then the rest; within each the worst level first."""
    return _STATES.index(state) * _WIDTH + level.rank


def span(state: State) -> tuple[int, int]:
    """Return the least and the greatest rank of a state."""
    first = _STATES.index(state) * _WIDTH
    return first, first + _WIDTH - 1


def of(rank_: int) -> State:
    """Return the state a rank belongs to."""
    return _STATES[rank_ // _WIDTH]


OPEN = span(State.ONGOING)[0]  # ranks from here on are open
