"""Web vitals from the journal to the percentile of a page, and what is told when it becomes worse."""

import pytest
from tests.unit.vitals.conftest import Browsers, transaction

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import observing
from vedette.alerts import service as alerts
from vedette.alerts.conditions import registry
from vedette.alerts.types import Compare, Params, Per, Rule, RuleDraft
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.plumbing.log.port import Message
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.signals.types import Severity, SignalState
from vedette.vitals import judging, measuring, service, store
from vedette.vitals.types import OTHER, SERIES, Measured, Rating, Vital

HOUR, DAY = 3_600.0, 86_400.0
PLACE = (1, "/", Vital.LCP)


def test_three_of_four_page_loads_were_at_most_so_slow(
    browsers: Browsers, shop: Project, clock: ManualClock
) -> None:
    for n in range(1, 101):
        browsers.load(lcp=n * 10.0, cls=n / 1_000)
    found = {one.vital: one for one in service.pages(clock.now())}
    assert found[Vital.LCP].now.p75 == pytest.approx(750, rel=0.03)
    assert found[Vital.CLS].now.p75 == pytest.approx(0.075, rel=0.03)
    assert (found[Vital.LCP].now.samples, found[Vital.LCP].project, found[Vital.LCP].page) == (
        100,
        shop.id,
        "/",
    )


def test_a_replay_counts_nothing_and_a_strange_message_stops_nothing(
    browsers: Browsers, clock: ManualClock
) -> None:
    batch = [browsers.message(transaction("/a", lcp=100)), browsers.message(transaction("/b", ttfb=9))]
    strange = Message(seq=3, subject="span", body=b"\xc1", msg_id="", at=0.0)
    assert service.digest([*batch, strange], clock.now()) == 2
    assert service.digest(batch, clock.now()) == 0
    assert sorted(one.now.samples for one in service.pages(clock.now())) == [1, 1]


def test_pages_are_told_apart_up_to_a_bound(browsers: Browsers, clock: ManualClock) -> None:
    for n in range(store.MOST_PAGES + 5):
        browsers.load(page=f"/p{'abcdefghij'[n % 10]}x{'abcdefghijk'[n // 10]}", lcp=100)
    found = {one.page: one.now.samples for one in service.pages(clock.now())}
    assert len(found) == store.MOST_PAGES + 1
    assert found[OTHER] == 5
    assert service.drop_old(clock.now()) == 0
    assert service.drop_old(clock.now() + 91 * DAY) == 3 * (store.MOST_PAGES + 1)


def test_names_that_somebody_made_up_give_their_places_back(browsers: Browsers, clock: ManualClock) -> None:
    for n in range(store.MOST_PAGES):
        browsers.load(page=f"/made-{'abcdefghij'[n % 10]}x{'abcdefghij'[n // 10]}", lcp=100)
    browsers.load(store.RARE, "/pay", lcp=100)
    assert service.drop_old(clock.now()) == 0, "what came today may be the beginning of more"
    clock.forward(2 * DAY)
    service.drop_old(clock.now())
    browsers.load(store.RARE, "/pay", lcp=100)
    assert [one.page for one in service.pages(clock.now())] == ["/pay"]


def test_a_page_that_became_worse_is_one_signal_and_its_end_another(
    browsers: Browsers, shop: Project, clock: ManualClock
) -> None:
    browsers.load(60, "/pay", lcp=2_000.0)
    clock.forward(3 * DAY)
    browsers.load(60, "/pay", lcp=4_800.0)
    assert (service.look(clock.now()), service.look(clock.now())) == (1, 0)
    [told] = [stored.signal for stored in signals.after(0, 10)]
    assert (told.kind, told.state, told.severity) == ("vitals.worse", SignalState.FIRING, Severity.HIGH)
    assert told.title.startswith("LCP of /pay became worse: 4.")
    assert "in the week before" in told.text
    assert told.labels == {"page": "/pay", "vital": "lcp"}
    [page] = service.pages(clock.now())
    assert page.worse
    assert page.change == pytest.approx(1.4, rel=0.05)
    browsers.load(600, "/pay", lcp=2_000.0)
    assert service.look(clock.now()) == 1
    assert signals.after(0, 10)[-1].signal.state is SignalState.RESOLVED
    assert signals.moments(0, clock.now() + 1, shop.id)[0].text == "LCP of /pay is as it was"


def test_a_page_that_nobody_opens_any_more_is_worse_no_more(browsers: Browsers, clock: ManualClock) -> None:
    browsers.load(60, lcp=2_000.0)
    clock.forward(3 * DAY)
    browsers.load(60, lcp=4_800.0)
    service.look(clock.now())
    clock.forward(2 * DAY)
    assert service.look(clock.now()) == 1
    assert signals.after(0, 10)[-1].signal.text == "No page load was measured in the last 24 hours."


def test_a_project_takes_its_vitals_with_it(browsers: Browsers, shop: Project, clock: ManualClock) -> None:
    browsers.load(lcp=1)
    projects.delete_project(SYSTEM, shop.id, "Shop", clock.now())
    assert service.pages(clock.now()) == ()
    assert browsers.load(lcp=1) == 1  # what was still in the journal is of nobody
    assert store.days(0, 10**6) == []


# --- decisions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vital", "value", "rating"),
    [
        (Vital.LCP, 2_500, Rating.GOOD), (Vital.LCP, 2_501, Rating.FAIR), (Vital.LCP, 4_001, Rating.POOR),
        (Vital.INP, 200, Rating.GOOD), (Vital.INP, 501, Rating.POOR), (Vital.CLS, 0.1, Rating.GOOD),
        (Vital.CLS, 0.26, Rating.POOR), (Vital.FCP, 1_801, Rating.FAIR), (Vital.TTFB, 1_801, Rating.POOR),
    ],
)  # fmt: skip
def test_the_thresholds_are_those_of_web_dev(vital: Vital, value: float, rating: Rating) -> None:
    assert judging.rating(vital, value) is rating


@pytest.mark.parametrize(
    ("now", "before", "was_worse", "worse"),
    [
        (Measured(2_400, 50), Measured(2_000, 50), False, True),
        (Measured(2_399, 50), Measured(2_000, 50), False, False),
        (Measured(2_399, 50), Measured(2_000, 50), True, True),  # it stays so until it is nearly as it was
        (Measured(2_199, 50), Measured(2_000, 50), True, False),
        (Measured(9_000, 49), Measured(2_000, 50), False, False),
        (Measured(9_000, 50), Measured(2_000, 49), False, False),
        (Measured(150, 50), Measured(100, 50), False, False),  # nobody notices
        (Measured(9_000, 50), Measured(None, 0), False, False),
    ],
)  # fmt: skip
def test_worse_is_a_fifth_with_enough_page_loads(
    now: Measured, before: Measured, was_worse: bool, worse: bool
) -> None:
    assert judging.judge(PLACE, now, before, was_worse=was_worse).worse is worse


def test_the_sentence_tells_the_worst() -> None:
    good = judging.judge((1, "/a", Vital.LCP), Measured(1_000, 90), Measured(1_000, 90))
    poor = judging.judge((1, "/b", Vital.INP), Measured(900, 90), Measured(None, 0))
    worse = judging.judge((1, "/c", Vital.TTFB), Measured(700, 90), Measured(300, 90))
    assert judging.sentence([]) == "No browser measured a page in the last 24 hours."
    assert judging.sentence([good]) == "All vitals of the only page are good."
    assert judging.sentence([good, poor]).startswith("INP of /b is poor: 900 ms")
    assert judging.sentence([good, poor, worse]).startswith("TTFB of /c became worse: 700 ms after 300 ms")
    assert [one.page for one in judging.worst_first([good, poor, worse])] == ["/c", "/b", "/a"]


# --- the series ---------------------------------------------------------------------------------------------------


def rule(kind: str, **params: object) -> Rule:
    given = {"series": SERIES, "count": 2_500.0, "minutes": 60, "per": Per.PAGE, **params}
    return Rule(id=1, name="slow", kind=kind, params=Params(**given))  # type: ignore[arg-type]


def test_a_rule_sees_the_level_of_each_page_and_never_a_sum(
    browsers: Browsers, shop: Project, clock: ManualClock
) -> None:
    for _ in range(3):
        browsers.load(5, "/pay", lcp=3_000.0, ttfb=100.0)
        browsers.load(5, "/cart", lcp=1_000.0)
        clock.forward(60)
    slow = rule("threshold")
    seen = {one.labels["page"]: one for one in observing.observations(slow, clock.now())}
    assert seen["/pay"].value == pytest.approx(3_000, rel=0.03)
    assert seen["/pay"].labels["project"] == str(shop.id)
    judge = registry.of("threshold").judge
    assert judge is not None
    assert [judge(slow.params, seen[page]).fire for page in ("/pay", "/cart")] == [True, False]
    series = signals.catalogue()[SERIES]
    start = clock.now() // HOUR * HOUR
    assert series.read({"page": "/pay", "vital": "ttfb"}, start - HOUR, start + HOUR, HOUR) == pytest.approx(
        [0.0, 100.0], rel=0.03
    )


@pytest.mark.parametrize("per", [Per.PAGE, Per.ALL])
def test_a_level_of_nothing_is_unknown_and_not_zero(browsers: Browsers, clock: ManualClock, per: Per) -> None:
    """Nobody opened the page for an hour, then one person did: neither is a rise, a fall, or too little."""
    rules = [
        rule("threshold", compare=Compare.BELOW, per=per),
        rule("threshold", compare=Compare.ABOVE, per=per),
        rule("rate_of_change", compare=Compare.ABOVE, percent=20.0, per=per),
        rule("rate_of_change", compare=Compare.BELOW, percent=20.0, per=per),
    ]

    def seen() -> list[int]:
        return [len(observing.observations(one, clock.now())) for one in rules]

    browsers.load(measuring.LEAST, "/pay", lcp=3_000.0)
    assert seen() == [1, 1, 0, 0], "there was nothing before"
    clock.forward(2 * HOUR)
    assert seen() == [0, 0, 0, 0]
    browsers.load(measuring.LEAST - 1, "/pay", lcp=9_000.0)
    assert seen() == [0, 0, 0, 0], "so few say nothing"


def test_a_level_is_looked_at_by_as_much_as_it_is_known_by(shop: Project) -> None:
    for kind in ("threshold", "rate_of_change"):
        few = Params(series=SERIES, count=100.0, minutes=30, percent=20.0, per=Per.PAGE)
        told = registry.of(kind).problems(few, signals.catalogue())
        assert told == {"minutes": "web.vitals is known by 60 minutes: take as many, or more."}


@pytest.mark.parametrize(
    ("kind", "fits"), [("threshold", True), ("rate_of_change", True), ("ratio", False), ("absence", False)]
)
def test_a_level_is_for_bounds_and_changes(shop: Project, clock: ManualClock, kind: str, fits: bool) -> None:
    params = Params(series=SERIES, good="errors.events", count=100.0, minutes=60, percent=20.0, per=Per.PAGE)
    draft = RuleDraft(name="slow", kind=kind, params=params, channels=())
    problems = registry.of(kind).problems(draft.params, signals.catalogue())
    assert ("series" not in problems) is fits, problems
    if fits:
        assert "not tried on the past" in alerts.preview(SYSTEM, draft, clock.now()).note
    else:
        with pytest.raises(Invalid):
            alerts.preview(SYSTEM, draft, clock.now())
