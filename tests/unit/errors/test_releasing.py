"""Which releases have a fix."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.errors import releasing
from vedette.errors.releasing import Fix, Release, compared, newest

AT = 100.0
# The example of section 11 of Semantic Versioning 2.0, in its order, with what people write around it.
ORDER = ("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
         "1.0.0", "1.0.1", "1.2", "v1.10.0", "2.0.0", "2026.11.24-3", "2026.11.24-12")  # fmt: skip
NAMES = st.sampled_from(
    [*ORDER, "shop@1.0.0", "web@1.0.0", "shop@2.0.0-rc.1", "3f2a9c1", "main", "1", "", "@", "1.0.0-"]
)


def test_versions_are_compared_as_semver_says() -> None:
    for place, name in enumerate(ORDER):
        assert [compared(name, other) for other in ORDER] == [
            (place > at) - (place < at) for at in range(len(ORDER))
        ]


@pytest.mark.parametrize(("one", "other", "order"), [
    ("shop@1.10.0", "shop@1.9.0", 1), ("shop@1.0.0", "web@0.9.0", None), ("shop@1.5.0", "1.4.9", 1), ("3f2a", "9b1c", None),
    ("1.0.0+build.7", "1.0.0+build.2", 0), ("42", "43", None), ("main", "main", 0),
])  # fmt: skip
def test_only_versions_of_one_package_can_be_compared(one: str, other: str, order: int | None) -> None:
    assert compared(one, other) == order


@given(NAMES, NAMES)
def test_comparing_is_the_same_from_both_sides(one: str, other: str) -> None:
    there, back = compared(one, other), compared(other, one)
    assert (there is None) == (back is None)
    assert there is None or there == -(back or 0)


@given(st.text(max_size=60))
def test_any_name_can_be_read(name: str) -> None:
    assert compared(name, name) == 0
    releasing.version(name)


def test_the_newest_is_the_highest_version_or_what_was_seen_last() -> None:
    seen = [Release("shop@1.10.0", 3.0), Release("shop@1.9.9", 9.0), Release("web@7.0.0", 1.0)]
    assert newest(seen) == "shop@1.10.0"
    assert newest([Release("3f2a", 3.0), Release("9b1c", 9.0)]) == "9b1c"
    assert newest([]) == ""
    assert newest([Release("shop@1.4.2", 3.0), Release("1.4.2", 9.0)]) == "shop@1.4.2", "as events call it"


AFTER = Fix(AT, "shop@1.4.2")
IN = Fix(AT, None, Release("shop@1.5.0"))


@pytest.mark.parametrize(("fix", "came", "regresses"), [
    (AFTER, "shop@1.4.2", False), (AFTER, "shop@1.4.1", False), (AFTER, "shop@1.4.3", True), (AFTER, "web@0.1.0", True),
    (AFTER, "shop@1.4.3-rc.1", True), (AFTER, "1.4.2", False), (Fix(AT, "1.4.3"), "shop@1.4.3", False), (AFTER, "", False), (IN, "shop@1.5.0", True), (IN, "shop@1.4.9", False),
    (IN, "shop@1.6.0", True), (IN, "3f2a", False), (Fix(AT, ""), "1.0.0", True), (Fix(AT, ""), "", False),
])  # fmt: skip
def test_only_a_release_with_the_fix_makes_it_come_back(fix: Fix, came: str, regresses: bool) -> None:
    found = releasing.decide(fix, [Release(came)])
    assert found.regresses is regresses
    assert found.reason


def test_what_was_known_already_does_not_bring_it_back_and_what_has_no_version_counts_by_its_first_event() -> (
    None
):
    fix = Fix(AT, "9b1c")
    assert not releasing.decide(fix, [Release("3f2a", AT - 1), Release("77ee", AT)]).regresses
    back = releasing.decide(fix, [Release("3f2a", AT - 1), Release("c0de")])
    assert (back.regresses, back.reason) == (
        True, "It was resolved in the release after 9b1c, and came again in c0de.",
    )  # fmt: skip
    within = Fix(AT, None, Release("9b1c", 50.0))
    assert not releasing.decide(within, [Release("3f2a", 49.0)]).regresses
    assert releasing.decide(within, [Release("3f2a", 51.0)]).regresses
    assert releasing.decide(within, [Release("9b1c", 50.0)]).regresses


@given(
    st.sampled_from(["shop@1.4.2", "9b1c", ""]),
    st.lists(st.sampled_from(ORDER), max_size=3),
    st.floats(0, AT),
)
def test_releases_that_were_known_never_bring_it_back(after: str, names: list[str], at: float) -> None:
    assert not releasing.decide(Fix(AT, after), [Release(name, at) for name in names]).regresses
