"""Events by environment and release: the most frequent of a project by name, the rest together, and rules that look there."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service as alerts
from vedette.alerts.matching import parse
from vedette.alerts.rules import describe
from vedette.alerts.types import Params, Per, RuleDraft, RuleKind
from vedette.core.clock import ManualClock, utc_day
from vedette.errors import service
from vedette.errors.measuring import BY_RELEASE
from vedette.errors.origins import naming, store
from vedette.errors.origins.naming import MOST, NONE, OTHER, Origin
from vedette.notify import service as notify
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals

HOUR, DAY = 3_600.0, 86_400.0
SERIES = signals.catalogue()[BY_RELEASE]


def named(by: tuple[str, ...], start: float, end: float, **labels: str) -> dict[tuple[str, ...], float]:
    assert SERIES.totals is not None
    return {tuple(found.values()): n for found, n in SERIES.totals(by, labels, start, end)}


def sent(journal: Journal, counts: dict[str, int], environment: str = "prod") -> None:
    journal.send(
        *(error(release=name, environment=environment) for name, n in counts.items() for _ in range(n))
    )


ORIGINS = st.builds(Origin, st.sampled_from(("prod", "dev")), st.sampled_from("abcdef"))
BATCHES = st.lists(st.dictionaries(ORIGINS | st.just(OTHER), st.integers(1, 9), max_size=9), max_size=12)


@given(batches=BATCHES, most=st.integers(1, 5))
def test_so_many_are_counted_by_name_and_nothing_is_lost(batches: list[dict[Origin, int]], most: int) -> None:
    counts: Counter[Origin] = Counter()
    for came in batches:
        known = {one: n for one, n in counts.items() if one != OTHER}
        settled = naming.settle(known, came, most)
        assert settled.names.keys() == came.keys()
        assert set(settled.gone) <= known.keys() - came.keys(), "what comes stays"
        for one, name in settled.names.items():
            assert name in {one, OTHER}
            assert name == one or one not in known, "a name that is counted stays"
        for one in settled.gone:
            counts[OTHER] += counts.pop(one)
        for one, n in came.items():
            counts[settled.names[one]] += n
        assert set(settled.fresh) == counts.keys() - known.keys() - {OTHER}
        assert len(counts.keys() - {OTHER}) <= most
    assert sum(counts.values()) == sum(sum(came.values()) for came in batches)


@given(came=st.dictionaries(ORIGINS, st.integers(1, 9)), most=st.integers(1, 12))
def test_of_one_batch_the_most_frequent_are_named(came: dict[Origin, int], most: int) -> None:
    settled = naming.settle({}, came, most)
    rest = [n for one, n in came.items() if settled.names[one] == OTHER]
    assert len(settled.fresh) == min(most, len(came))
    assert all(came[one] >= n for one in settled.fresh for n in rest)


def test_events_are_counted_by_environment_and_release_over_time(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    start = clock.now() // HOUR * HOUR
    sent(journal, {"1.0": 3, "1.1": 1})
    sent(journal, {"1.1": 2}, "dev")
    journal.send(error())
    clock.forward(HOUR)
    sent(journal, {"1.1": 5})
    end = clock.now() + 60
    assert named(("release",), start, end) == {("1.0",): 3, ("1.1",): 8, (NONE,): 1}
    by = named(("project", "environment"), start, end, release="1.1")
    assert by == {(str(shop.id), "prod"): 6, (str(shop.id), "dev"): 2}
    assert named((), start, end, environment="prod", release="2.0") == {}
    assert list(SERIES.read({"environment": "prod"}, start, start + 2 * HOUR, HOUR)) == [4, 5]
    assert list(SERIES.read({"environment": "nowhere"}, start, start + 2 * HOUR, HOUR)) == [0, 0]
    assert sum(SERIES.read({}, start, start + 2 * HOUR, 60.0)) == 12


def test_what_is_past_the_bound_is_counted_with_the_rest(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    start = clock.now()
    sent(journal, {f"1.{n}": 2 for n in range(MOST)})
    sent(journal, {f"flood-{n}": 1 for n in range(30)})
    assert named(("release",), start - 60, start + 60)[OTHER.release,] == 30
    sent(journal, {"2.0": 4, "1.0": 1})
    found = named(("release",), start - 60, start + 60)
    assert (len(found), found["2.0",], found["1.0",]) == (MOST + 1, 4, 3)
    assert found[OTHER.release,] == 32, "the one that made room is counted with the rest"
    assert sum(found.values()) == 2 * MOST + 35
    clock.forward(2 * DAY)
    sent(journal, {"flood-1": 1})
    assert named(("release",), clock.now() - 60, clock.now() + 60) == {("flood-1",): 1}, "others were idle"


def test_another_project_has_names_of_its_own(journal: Journal, clock: ManualClock) -> None:
    blog = projects.create_project(SYSTEM, "Blog", "php", clock.now())
    sent(journal, {f"1.{n}": 1 for n in range(MOST + 3)})
    service.digest([journal.message(error(release="9.0"), project=blog.id)], clock.now())
    start = clock.now()
    assert named(("release",), start - 60, start + 60, project=str(blog.id)) == {("9.0",): 1}
    projects.delete_project(SYSTEM, blog.id, "Blog", clock.now())
    assert named((), start - 60, start + 60, project=str(blog.id)) == {}
    assert {one.project for one in store.all_counted()} == {journal.project}


def test_hours_stay_when_minutes_are_gone_and_names_go_with_the_hours(
    journal: Journal, clock: ManualClock
) -> None:
    hour = clock.now() // HOUR * HOUR
    journal.send(*[error(release="1.0")] * 12, received=hour + 60)
    clock.forward(7 * DAY)
    service.drop_before(utc_day(hour - DAY), clock.now())
    assert named(("release",), hour, hour + 300) == {("1.0",): 1.0}, "a twelfth of its hour"
    service.drop_before(utc_day(clock.now()), clock.now())
    assert store.all_counted() == []


def test_a_rule_tells_each_release_and_the_preview_says_so(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, 1.0)
    draft = RuleDraft(
        name="Bad release", kind=RuleKind.THRESHOLD, matchers=parse('environment="prod"'),
        params=Params(series=BY_RELEASE, per=Per.RELEASE, count=3, minutes=5),
    )  # fmt: skip
    rule = alerts.create_rule(SYSTEM, draft, clock.now())
    assert "more than 3 events in 5 minutes, per release" in describe(rule)
    sent(journal, {"1.0": 2, "1.1": 4})
    sent(journal, {"1.2": 9}, "dev")
    alerts.process(clock.now())
    (alert,) = alerts.firing().alerts
    assert alert.title == "shop 1.1: 4 events in 5 minutes, more than 3"
    assert (alert.labels["release"], alert.labels["project"]) == ("1.1", str(shop.id))
    clock.forward(600)
    alerts.process(clock.now())
    assert alerts.firing().alerts == ()
    found = alerts.preview(SYSTEM, draft, clock.now())
    assert [each.title for each in found.notices] == [alert.title]
    assert sum(found.values) == 6
