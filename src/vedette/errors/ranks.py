"""How much trouble an issue is, as one number a list can be ordered by. Pure."""

from vedette.errors.types import Level, State

_STATES = (State.RESOLVED, State.MUTED, State.ONGOING, State.NEW, State.REGRESSED, State.ESCALATING)
_WIDTH = 8


def rank(state: State, level: Level) -> int:
    """Return the rank: what escalates first, then what came back, then what is new, then the rest; within each the worst level first."""
    return _STATES.index(state) * _WIDTH + level.rank


def of(rank_: int) -> State:
    """Return the state a rank belongs to."""
    return _STATES[rank_ // _WIDTH]


ALL = frozenset(rank(state, level) for state in State for level in Level)


def of_states(*states: State) -> frozenset[int]:
    """Return the ranks of states, whatever the level."""
    return frozenset(rank(state, level) for state in states for level in Level)


def of_level(level: Level) -> frozenset[int]:
    """Return the ranks of a level, whatever the state."""
    return frozenset(rank(state, level) for state in State)
