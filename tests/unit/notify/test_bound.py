"""Ten a minute on their own; the rest in one notice."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.notify import bound
from vedette.notify.types import Notice, Told

NOW = 1_764_000_000.0
INSTANTS = st.lists(st.floats(NOW - 300, NOW), max_size=40)


def notice(n: int, **changes: object) -> Notice:
    given = {
        "title": f"Error {n}", "text": "", "severity": "high", "link": f"http://v/issues/{n}/", "at": NOW,
        "labels": {"issue": str(n), "room": "errors"},
        "alerts": (Told(labels={}, annotations={}, state="firing", fingerprint=str(n), starts=NOW, ends=None, link="l"),),
    }  # fmt: skip
    return Notice(**{**given, **changes})  # type: ignore[arg-type]


def test_the_tenth_goes_and_the_eleventh_waits() -> None:
    assert bound.pace([NOW - 1] * 9, NOW).until is None
    assert bound.pace([NOW - 1] * 10, NOW).until == NOW + 59
    assert bound.pace([NOW - 60] * 10, NOW).until is None


@given(INSTANTS)
def test_when_the_wait_is_over_there_is_room(sent: list[float]) -> None:
    until = bound.pace(sent, NOW).until
    if until is not None:
        assert NOW < until <= NOW + 60
        assert bound.pace(sent, until).until is None


def test_a_bundle_of_one_is_the_notice_itself() -> None:
    assert bound.bundle([notice(1)], "http://v", NOW) == notice(1)


def test_a_bundle_names_the_first_and_counts_the_rest() -> None:
    told = bound.bundle([notice(n) for n in range(990)], "http://v", NOW)
    assert told.title == "Error 0, and 989 more"
    assert told.text.endswith("and 970 more")
    assert told.text.count("http://v/issues/") == 20
    assert told.link == "http://v/alerts/"
    assert (len(told.alerts), told.truncated) == (20, 970)
    assert "990 are told together" in told.reason


def test_a_bundle_counts_every_alert_of_the_notices_it_does_not_name() -> None:
    group = notice(1, alerts=notice(1).alerts * 7, truncated=5)
    assert bound.bundle([notice(n) for n in range(20)] + [group], "http://v", NOW).truncated == 12


def test_a_bundle_is_as_bad_as_its_worst_and_claims_only_what_all_share() -> None:
    told = bound.bundle(
        [notice(1, project="a"), notice(2, severity="critical", project="b")], "http://v", NOW
    )
    assert told.severity == "critical"
    assert told.project == ""
    assert told.labels == {"room": "errors"}
    assert bound.bundle([notice(1, state="info"), notice(2, state="info")], "http://v", NOW).state == "info"
