"""Whether Vedette itself is well: each sign alone, and the order among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.web.health import FINE, Vitals, judge

NOW = 1_764_040_000.0
FREE = {"free_bytes": 40_000_000_000, "min_free_bytes": 268_435_456}


def judged(**signs: object) -> tuple[str, str, str]:
    found = judge(Vitals(**{**FREE, **signs}), NOW)  # type: ignore[arg-type]
    return found.state, found.tone, found.sentence.replace("\u00a0", " ").replace("\u202f", " ")


def test_fine() -> None:
    assert judge(Vitals(**FREE), NOW) is FINE  # type: ignore[arg-type]
    assert judge(Vitals(), NOW) is FINE, "a disk that cannot be asked is not a fault"


def test_a_full_disk_is_blind_before_all_else() -> None:
    state, tone, said = judged(free_bytes=100_000_000, waiting=5, waiting_since=NOW - 500)
    assert (state, tone) == ("blind", "crit")
    assert "100 MB left" in said


def test_a_tight_disk_is_told_early() -> None:
    state, tone, said = judged(free_bytes=900_000_000)
    assert (state, tone) == ("behind", "warn")
    assert "below 268.4 MB" in said


@pytest.mark.parametrize(
    ("age", "state", "tone"), [(5, "fine", "ok"), (20, "behind", "warn"), (300, "behind", "crit")]
)
def test_the_digest_lag(age: float, state: str, tone: str) -> None:
    found = judged(waiting=1200, waiting_since=NOW - age)
    assert found[:2] == (state, tone)
    if state == "behind":
        assert "1 200 events wait" in found[2]


@pytest.mark.parametrize(("age", "state"), [(60, "fine"), (180, "behind")])
def test_the_outbox_lag(age: float, state: str) -> None:
    assert judged(outbox=3, outbox_since=NOW - age)[0] == state


def test_a_part_that_stands_still_is_named() -> None:
    state, tone, said = judged(stopped_roles=("digester", "notifier"))
    assert (state, tone) == ("blind", "crit")
    assert "(digester, notifier)" in said


def test_one_and_many_read_well() -> None:
    assert "1 event waits" in judged(waiting=1, waiting_since=NOW - 20)[2]
    assert "1 notification waits" in judged(outbox=1, outbox_since=NOW - 300)[2]
    assert "A notification channel fails" in judged(failing_channels=1)[2]
    assert "2 notification channels fail" in judged(failing_channels=2)[2]


@pytest.mark.parametrize(
    ("silence", "per_hour", "state"),
    [(1050, 240, "blind"), (800, 240, "fine"), (1050, 2, "fine"), (40_000, 2, "blind"), (1050, 0, "fine")],
)
def test_silence_counts_only_where_events_usually_come(silence: float, per_hour: float, state: str) -> None:
    assert judged(last_event_at=NOW - silence, usual_per_hour=per_hour)[0] == state


def test_a_house_that_never_heard_anything_is_not_blind() -> None:
    assert judged(last_event_at=None, usual_per_hour=0)[0] == "fine"


ages = st.one_of(st.none(), st.floats(min_value=NOW - 1e7, max_value=NOW))
counts = st.integers(0, 10**6)
signs = st.builds(
    Vitals, waiting=counts, waiting_since=ages, outbox=counts, outbox_since=ages, last_event_at=ages, usual_per_hour=st.floats(0, 1e6),
    free_bytes=st.one_of(st.none(), st.integers(0, 10**13)), min_free_bytes=st.just(268_435_456),
)  # fmt: skip


@given(signs)
def test_there_is_always_a_verdict_with_a_reason(vitals: Vitals) -> None:
    found = judge(vitals, NOW)
    assert found.state in {"fine", "behind", "blind"}
    assert found.sentence
    assert found.reason
