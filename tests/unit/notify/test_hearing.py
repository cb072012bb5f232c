"""Who hears of it: each reason to tell a person, each reason not to, and that the quiet stands above all."""

import datetime as dt
import zoneinfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.notify.hearing import LONGEST_QUIET, SEVERITIES, checked, hears, hushed, mentioned
from vedette.notify.hours import until
from vedette.notify.types import Concern, Preferences, QuietHours, Step

NOW = 1_000.0
PLAIN = Concern(severity="high", project=1)


@pytest.mark.parametrize(
    ("wants", "concern", "tell", "reason"),
    [
        ({}, {}, True, "They want everything from high on."),
        ({}, {"severity": "low"}, False, "Severity low is below high."),
        ({"projects": (2,)}, {}, False, "It is of a project they did not choose."),
        ({"severity": None}, {}, False, "They want only what is theirs."),
        ({"severity": None}, {"assigned": True}, True, "It is assigned to them."),
        ({"severity": None, "assigned": False}, {"assigned": True}, False, "They want only what is theirs."),
        ({"severity": None}, {"followed": True}, True, "They follow it."),
        ({"severity": None, "followed": False}, {"mentioned": True}, False, "They want only what is theirs."),
        ({}, {"personal": True, "mentioned": True}, True, "The comment mentions them."),
        ({}, {"personal": True}, False, "It is not theirs."),
        ({"severity": None, "assigned": False}, {"named": True}, True, "The rule names them."),
        ({}, {"own": True, "assigned": True}, False, "They did it themselves."),
    ],
)
def test_a_person_is_told_for_a_reason(
    wants: dict[str, object], concern: dict[str, object], tell: bool, reason: str
) -> None:
    heard = hears(
        msgspec.structs.replace(Preferences(), **wants), msgspec.structs.replace(PLAIN, **concern), NOW
    )
    assert (heard.tell, heard.reason, heard.quieted) == (tell, reason, False)


CONCERNS = st.builds(
    Concern, severity=st.sampled_from(SEVERITIES), project=st.sampled_from([None, 1, 2]), named=st.booleans(), assigned=st.booleans(),
    followed=st.booleans(), mentioned=st.booleans(), own=st.booleans(), personal=st.booleans(),
)  # fmt: skip
WANTS = st.builds(
    Preferences, severity=st.sampled_from([None, *SEVERITIES]), projects=st.sampled_from([(), (1,)]), assigned=st.booleans(),
    followed=st.booleans(), quiet_until=st.sampled_from([None, NOW - 1, NOW, NOW + 1]),
)  # fmt: skip


@given(WANTS, CONCERNS)
def test_the_quiet_keeps_back_exactly_what_would_be_told_and_says_so(
    wants: Preferences, concern: Concern
) -> None:
    loud = hears(msgspec.structs.replace(wants, quiet_until=None), concern, NOW)
    heard = hears(wants, concern, NOW)
    if wants.quiet_until == NOW + 1:
        assert not heard.tell
        assert heard.quieted is loud.tell
    else:
        assert heard == loud
    assert heard.reason


@given(WANTS, CONCERNS)
def test_a_worse_alert_is_never_told_to_fewer(wants: Preferences, concern: Concern) -> None:
    worse = msgspec.structs.replace(concern, severity="critical")
    assert hears(wants, worse, NOW).tell >= hears(wants, concern, NOW).tell


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("@Anna have a look", True), ("see @anna, please", True), ("@Anna Maria Berg!", True), ("(@a.berg)", True),
        ("anna", False), ("@annabel", False), ("mail@anna", False), ("@@anna", False), ("", False),
    ],
)  # fmt: skip
def test_a_comment_mentions_a_person_by_name_or_address(text: str, yes: bool) -> None:
    assert mentioned(text, "Anna Maria Berg", "a.berg@shop.example") is yes


def test_a_person_without_a_name_is_mentioned_by_address_alone() -> None:
    assert not mentioned("@ here", "", "x@y.example")


@pytest.mark.parametrize(
    ("wants", "field"),
    [
        (Preferences(severity="loud"), "severity"),
        (Preferences(projects=(3,)), "projects"),
        (Preferences(quiet_until=NOW + LONGEST_QUIET + 1), "quiet_until"),
        (Preferences(important_from="low"), "important_from"),
        (Preferences(important=()), "important"),
        (Preferences(important=(Step(channel=8),)), "important"),
        (Preferences(default=(Step(channel=7), Step(channel=7, wait=1))), "default"),
        (Preferences(default=(Step(channel=7, wait=1),)), "default"),
        (Preferences(hours=QuietHours(start="24:00", end="07:00")), "hours"),
        (Preferences(hours=QuietHours(start="22:00", end="22:00")), "hours"),
        (Preferences(hours=QuietHours(start="22:00", end="07:00", days=())), "hours"),
        (Preferences(hours=QuietHours(start="22:00", end="07:00", zone="../etc")), "hours"),
    ],
)
def test_preferences_that_cannot_be_kept_name_the_field(wants: Preferences, field: str) -> None:
    with pytest.raises(Invalid) as wrong:
        checked(wants, frozenset({1, 2}), frozenset({7}), NOW)
    assert list(wrong.value.fields) == [field]


def test_a_quiet_that_is_over_is_not_kept() -> None:
    assert checked(Preferences(quiet_until=NOW), frozenset(), frozenset(), NOW).quiet_until is None


NIGHT = QuietHours(start="22:00", end="07:00", days=(2,), zone="Europe/Berlin")  # begins on Wednesdays


def berlin(text: str) -> float:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")).timestamp()


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-11-25T21:59:59", None), ("2026-11-25T22:00", "2026-11-26T07:00"),
        ("2026-11-26T06:59:59", "2026-11-26T07:00"), ("2026-11-26T07:00", None),
        ("2026-11-25T03:00", None), ("2026-11-26T23:00", None),
    ],
)  # fmt: skip
def test_quiet_hours_belong_to_the_day_they_begin(at: str, end: str | None) -> None:
    assert until(NIGHT, berlin(at)) == (None if end is None else berlin(end))


def test_quiet_hours_follow_the_wall_clock_where_it_is_put_back() -> None:
    night = msgspec.structs.replace(NIGHT, days=(5,))
    end = until(night, berlin("2026-10-24T22:00"))  # the night with one hour more
    assert end == berlin("2026-10-24T22:00") + 10 * 3_600.0


@pytest.mark.parametrize(
    ("severity", "critical", "tell"),
    [("high", False, False), ("critical", False, True), ("critical", True, False)],
)
def test_what_is_critical_passes_quiet_hours_unless_they_say_otherwise(
    severity: str, critical: bool, tell: bool
) -> None:
    wants = Preferences(hours=msgspec.structs.replace(NIGHT, critical=critical))
    heard = hears(wants, Concern(severity=severity), berlin("2026-11-25T23:00"))
    assert (heard.tell, heard.quieted) == (tell, not tell)
    if not tell:
        assert heard.reason == "They have quiet hours until 2026-11-26T06:00:00.000Z."
    assert hears(wants, Concern(severity=severity), berlin("2026-11-25T12:00")).tell


def test_what_is_important_passes_quiet_hours_only_if_they_said_so() -> None:
    hours = QuietHours(start="00:00", end="23:59")
    kept = Preferences(important_from="high", hours=hours)
    assert "quiet hours" in hushed(kept, "high", NOW)
    assert not hushed(kept, "critical", NOW)
    passes = Preferences(important_from="high", hours=msgspec.structs.replace(hours, important=True))
    assert not hushed(passes, "high", NOW)
    assert "quiet hours" in hushed(passes, "low", NOW)
    nothing = Preferences(hours=msgspec.structs.replace(hours, critical=True, important=True))
    assert "quiet hours" in hushed(nothing, "critical", NOW)
