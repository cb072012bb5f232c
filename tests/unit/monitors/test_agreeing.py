"""Several locations and how much is borne: a moment that all of them see is no row of failures; what lasts is down."""

import msgspec
import pytest

from vedette.monitors import judging
from vedette.monitors.types import (
    CheckResult,
    Config,
    Judged,
    Known,
    Monitor,
    Outcome,
    Reading,
    State,
    Told,
    Tolerance,
    Watched,
)
from vedette.monitors.verdict import Around

NOW = 1_764_000_000.0
GOOD, SLOW, BAD, UNKNOWN = Reading.GOOD, Reading.SLOW, Reading.BAD, Reading.UNKNOWN
CALM = Around()


class Seen:
    """A monitor that is checked from several locations, with the default tolerance where none is named."""

    def __init__(self, *places: str, agree: int = 1, tolerance: Tolerance | None = None) -> None:
        config = Config(locations=places, agree=agree, tolerance=tolerance)
        monitor = Monitor(
            id=1, key="0" * 32, project=0, slug="a", name="a", kind="http", paused=False, source="",
            created_at=0, updated_at=0, config=config,
        )  # fmt: skip
        self.watched, self.told = Watched(monitor, Known()), list[Told]()
        for place in places:
            self.see(place, GOOD, 0)

    def see(self, place: str, reading: Reading, seconds: float, around: Around = CALM) -> Judged:
        cause = "refused" if reading is BAD else ""
        outcome = Outcome(at=NOW + seconds, reading=reading, cause=cause, sentence=cause)
        location = "" if place == "here" else place
        after = judging.checked(
            self.watched, CheckResult(monitor=1, outcome=outcome, location=location), around
        )
        self.watched = after.watched
        assert after.judged is not None
        self.told += [after.judged.tell] if after.judged.tell else []
        return after.judged

    @property
    def state(self) -> State:
        return self.watched.known.standing.state


def test_what_another_location_finds_is_no_second_failure_of_the_first() -> None:
    one = Seen("fsn", "here")
    assert one.see("fsn", BAD, 60).retry
    assert not one.see("here", GOOD, 65).retry, "the place that failed looks again, not the other"
    assert (one.state, one.watched.known.standing.failures) == (State.UP, 1)
    one.see("here", GOOD, 70)
    assert one.state is State.UP
    assert not one.see("fsn", BAD, 80).retry
    assert (one.state, one.told) == (State.DOWN, [Told.DOWN])
    assert one.watched.known.standing.since == NOW + 60
    one.see("here", GOOD, 125)
    assert one.state is State.DOWN
    one.see("fsn", GOOD, 140)
    assert (one.state, one.told) == (State.UP, [Told.DOWN, Told.UP])


def test_a_blip_that_all_locations_see_is_not_down_and_what_lasts_is() -> None:
    one = Seen("fsn", "hel", "here", agree=2)
    for n, place in enumerate(("fsn", "hel", "here")):
        assert one.see(place, BAD, 60 + n / 3).retry
    assert (one.state, one.told) == (State.UP, [])
    for n, place in enumerate(("fsn", "hel", "here")):
        one.see(place, GOOD, 80 + n / 3)
    one.see("fsn", BAD, 140)
    one.see("hel", BAD, 141)
    one.see("fsn", BAD, 160)
    assert (one.state, one.told) == (State.UP, []), "it has failed twice at one of them alone"
    one.see("here", GOOD, 160.5)
    assert one.state is State.UP
    one.see("hel", BAD, 161)
    assert (one.state, one.told) == (State.DOWN, [Told.DOWN])


def test_each_location_has_to_be_fine_as_often_as_was_asked_for() -> None:
    one = Seen("fsn", "hel", "here", agree=2, tolerance=Tolerance(failures=1, successes=2))
    one.see("fsn", BAD, 60)
    one.see("hel", BAD, 61)
    one.see("fsn", GOOD, 120)
    one.see("hel", GOOD, 121)
    assert one.state is State.DOWN, "here was never in doubt, but each of the others was fine once"
    one.see("here", BAD, 122)
    assert one.state is State.DOWN
    one.see("fsn", GOOD, 180)
    one.see("hel", GOOD, 181)
    assert one.state is State.UP


def test_a_slow_moment_of_all_locations_is_not_degraded_and_slow_ones_in_a_row_are() -> None:
    one = Seen("fsn", "hel", "here")
    for n, state in ((1, State.UP), (2, State.UP), (3, State.DEGRADED)):
        for place in ("fsn", "hel", "here"):
            one.see(place, SLOW, 60 * n)
        assert one.state is state


@pytest.mark.parametrize("between", [UNKNOWN, BAD])
def test_what_tells_nothing_here_is_no_vote_and_no_failure(between: Reading) -> None:
    one = Seen("fsn", "here")
    offline = Around(blocked="Vedette itself is offline.")
    for n in range(1, 5):
        one.see("here", between, 60 * n, offline)
        one.see("fsn", GOOD, 60 * n + 5)
        assert one.state is State.UP
    one.see("here", BAD, 310)
    assert one.state is State.UP, "the first failure that counts"
    one.see("here", UNKNOWN, 320)
    one.see("here", BAD, 330)
    assert one.state is State.DOWN


def test_where_nothing_is_known_from_anywhere_the_reason_is_said() -> None:
    one = Seen("fsn", "here")
    router = Around(blocked="router is down, on which it depends.")
    for n, place in enumerate(("fsn", "here")):
        one.see(place, BAD, 60 + n, router)
    assert (one.state, one.told) == (State.UNKNOWN, [])
    assert one.watched.known.standing.reason == "router is down, on which it depends."


def test_what_waits_for_another_monitor_does_not_count_and_is_looked_at_again() -> None:
    one = Seen("fsn", "here", tolerance=Tolerance(failures=1))
    assert one.see("fsn", BAD, 60, Around(waits="It fails; router is looked at first.")).retry
    one.see("here", GOOD, 65)
    assert one.state is State.UP
    one.see("fsn", BAD, 80)
    assert one.state is State.DOWN


def test_votes_that_were_kept_before_rows_were_counted_can_be_read() -> None:
    kept = msgspec.msgpack.encode({"votes": [{"location": "fsn", "reading": "bad", "at": NOW}]})
    (vote,) = msgspec.msgpack.decode(kept, type=Known).votes
    assert (vote.failures, vote.reading) == (0, BAD)
