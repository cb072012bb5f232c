"""Which issues are like one, found by an index of a few features."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.alike.features import features_of, likeness
from vedette.errors.alike.types import FeatureKind, Traits
from vedette.errors.types import Part, Resolve
from vedette.plumbing.db import sql
from vedette.projects import service as projects
from vedette.projects.types import Project

OWN = {
    1: FeatureKind.PLACE,
    2: FeatureKind.MESSAGE,
    3: FeatureKind.FRAME,
    4: FeatureKind.FRAME,
    5: FeatureKind.FRAME,
}


def like(key: str) -> list[tuple[str, str]]:
    return [(one.issue.short_id, one.reason) for one in service.similar(service.issue(key))]


def traits(**more: object) -> Traits:
    given = {"id": 1, "project": 1, "kind": "", "culprit": "", "message": "", "parts": ()}
    return Traits(**{**given, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(("shared", "score", "reason"), [
    ({1, 2, 3, 4, 5}, 1.0, "Same exception at the same place, same message, 3 of 3 frames shared"),
    ({1}, 0.4, "Same exception at the same place"), ({2, 3}, 0.4, "Same message, 1 of 3 frames shared"),
    ({3, 4}, 0.2, "2 of 3 frames shared"), ({3}, 0.0, "They share too little."), (set(), 0.0, "They share too little."),
])  # fmt: skip
def test_what_is_shared_says_how_much_and_why(shared: set[int], score: float, reason: str) -> None:
    assert (likeness(OWN, shared).score, likeness(OWN, shared).reason) == (score, reason)


@given(
    st.dictionaries(st.integers(0, 9), st.sampled_from(FeatureKind)),
    st.sets(st.integers(0, 9)),
    st.integers(0, 9),
)
def test_sharing_more_is_never_less_alike(own: dict[int, FeatureKind], shared: set[int], more: int) -> None:
    assert 0.0 <= likeness(own, shared).score <= likeness(own, shared | {more}).score <= 1.0


def test_messages_are_templates_and_those_without_words_say_nothing() -> None:
    one, other = traits(message="order 17 of anna@example.org"), traits(message="order 9 of bo@example.org")
    assert features_of(one) == features_of(other) != ()
    assert features_of(traits(message="17")) == features_of(traits(message="'basket'")) == ()


def test_the_newest_frames_of_the_application_count() -> None:
    parts = (
        *(Part("your frame", f"shop.f{n}") for n in range(9)),
        Part("frame", "lib"),
        Part("your frame", "shop.f8"),
    )
    found = features_of(traits(parts=parts))
    assert {one.kind for one in found} == {FeatureKind.FRAME}
    assert len(found) == 4, "five frames, one of them twice"


@pytest.fixture
def alike(journal: Journal) -> None:
    """1, 2 and 4 say the same, 3 and 4 come from where 1 does; 5 is like none."""
    for sent in (
        error("KeyError", value="no basket for 17"), error("TypeError", value="no basket for 4", function="refund"),
        error("OSError", value="disk is full"), error("ValueError", value="no basket for 3", level="fatal"),
        error("EOFError", value="ended", function="save"),
    ):  # fmt: skip
        journal.send(sent)


@pytest.mark.usefixtures("alike")
def test_issues_like_one_are_found_worst_first(journal: Journal, clock: ManualClock) -> None:
    other = projects.create_project(SYSTEM, "Other", "python", clock.now())
    journal.send(error("KeyError", value="no basket for 17"), project=other.id)
    first, *rest = like("SHOP-1")
    assert first == ("SHOP-4", "Same message, 1 of 1 frame shared"), "it is the fatal one"
    assert set(rest) == {("SHOP-2", "Same message"), ("SHOP-3", "1 of 1 frame shared")}
    assert like("SHOP-5") == like("OTHER-1") == []
    service.act(SYSTEM, ["SHOP-4"], Resolve(), clock.now())
    assert like("SHOP-1")[-1][0] == "SHOP-4"


@pytest.mark.usefixtures("alike")
def test_what_was_merged_is_found_as_what_it_is_now(clock: ManualClock) -> None:
    done = service.merge(SYSTEM, ["SHOP-2", "SHOP-5"], "SHOP-5", clock.now())
    assert ("SHOP-5", "Same message") in like("SHOP-1")
    assert "SHOP-2" not in dict(like("SHOP-1"))
    assert set(dict(like("SHOP-5"))) == {"SHOP-1", "SHOP-4"}
    service.undo(SYSTEM, done.undo, clock.now())
    assert ("SHOP-2", "Same message") in like("SHOP-1")
    service.merge(SYSTEM, ["SHOP-1", "SHOP-4"], "SHOP-1", clock.now())
    assert not {"SHOP-1", "SHOP-4"} & set(dict(like("SHOP-1")))


@pytest.mark.usefixtures("alike")
def test_older_issues_learn_it_in_pieces(clock: ManualClock) -> None:
    service.merge(SYSTEM, ["SHOP-2", "SHOP-5"], "SHOP-5", clock.now())
    before = {key: like(key) for key in ("SHOP-1", "SHOP-3", "SHOP-5")}
    sql.execute("DELETE FROM errors_feature")
    assert like("SHOP-1") == []
    sql.execute("INSERT OR REPLACE INTO errors_mark (name, seq) SELECT 'features', max(id) FROM errors_group")
    assert service.remember_likeness() == 6, "four issues, and two groups of one of them"
    assert {key: like(key) for key in before} == before
    assert service.remember_likeness() == 0


@pytest.mark.usefixtures("alike")
def test_a_deleted_project_leaves_nothing(shop: Project, clock: ManualClock) -> None:
    projects.delete_project(SYSTEM, shop.id, shop.name, clock.now())
    assert sql.query("SELECT * FROM errors_feature", ()) == []
