"""The changes of many monitors at once."""

from vedette.monitors.store import lists, standings
from vedette.monitors.types import Change, Standing, State

NOW = 1_764_000_000.0


def test_a_monitor_that_flaps_takes_no_changes_from_the_others(db: None) -> None:
    states = (State.DOWN, State.UP)
    flapping = [(1, Standing(state=states[n % 2], since=NOW + n)) for n in range(lists.MOST_CHANGES + 10)]
    calm = [
        (2, Standing(state=state, since=NOW + at))
        for at, state in ((-900, State.UP), (-5, State.DOWN), (5, State.UP))
    ]
    standings.add_changes([*flapping, *calm])
    found = lists.changes([1, 2, 3], NOW, NOW + 1e6)
    assert len(found[1]) == lists.MOST_CHANGES
    assert found[1][-1] == Change(NOW + lists.MOST_CHANGES + 9, State.UP), "the last ones"
    assert found[2] == (Change(NOW - 5, State.DOWN), Change(NOW + 5, State.UP))
    assert 3 not in found
