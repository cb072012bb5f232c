"""Spike protection: what a flood keeps, what it counts, and what is told of it."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.errors import service, spikes
from vedette.errors.spikes import FEW, Arrival, decide
from vedette.errors.types import Event, Issue
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals

COUNTS = st.integers(0, 10_000_000)
Raised = Callable[..., dict[str, object]]


@given(st.booleans(), COUNTS, COUNTS, st.integers(0, 100_000))
def test_every_decision_has_its_reason(first: bool, of_project: int, of_group: int, budget: int) -> None:
    verdict = decide(Arrival(first, of_project, of_group), budget)
    assert verdict.reason.endswith(".")
    if first or of_project < budget or of_group < FEW:
        assert verdict.whole


@given(COUNTS, st.integers(0, 100_000))
def test_a_group_is_never_thinned_out_entirely(of_group: int, budget: int) -> None:
    one_in = spikes.sampling(of_group, budget)
    start = -(-of_group // one_in) * one_in
    assert decide(Arrival(False, 10**9, start), budget).whole == (
        start < FEW or start % spikes.sampling(start, budget) == 0
    )
    assert one_in <= max(10, 10 * of_group)


@given(st.integers(1, 2_000), st.integers(1, 200))
def test_a_flood_of_one_group_keeps_a_bounded_sample(n: int, budget: int) -> None:
    kept = sum(decide(Arrival(g == 0, g, g), budget).whole for g in range(n))
    assert min(n, budget) <= kept <= max(budget, FEW) + n // 10 + 1


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**5))
def test_more_of_a_group_never_means_a_denser_sample(a: int, b: int, budget: int) -> None:
    low, high = sorted((a, b))
    assert spikes.sampling(low, budget) <= spikes.sampling(high, budget)


@pytest.mark.parametrize(
    ("hours", "rate"),
    [([], 0.0), ([0, 0], 0.0), ([6_000], 100.0), ([60, 0, 60], 1.0), ([60] * 19 + [600_000], 1.0)],
)
def test_the_usual_rate_leaves_out_the_busiest_hours(hours: list[int], rate: float) -> None:
    assert spikes.usual_rate(hours) == rate


@given(st.floats(0, 1e6), st.integers(1, 10_000))
def test_the_budget_is_tenfold_and_never_below_the_floor(usual: float, floor: int) -> None:
    assert spikes.budget(usual, floor) == max(floor, int(usual * 10))


@pytest.fixture
def tight(ports: MemoryPorts) -> MemoryPorts:
    """Return ports with a budget of 20 events a minute."""
    made = dataclasses.replace(
        ports, settings=dataclasses.replace(ports.settings, spike_events_per_minute=20)
    )
    install(made)
    return made


def all_events(issue: Issue) -> tuple[Event, ...]:
    return service.events(issue, None, 500).events


@pytest.fixture
def flooded(tight: MemoryPorts, journal, raised: Raised, clock: ManualClock) -> tuple[Issue, Issue]:
    """Return a flooding issue and a quiet one beside it, after 220 and 6 events in one minute."""
    for _ in range(2):
        journal.send(*[raised("Flood", function="loud") for _ in range(110)])
    journal.send(*[raised("Quiet", function="calm") for _ in range(6)])
    by_title = {issue.title: issue for issue in service.issues().issues}
    return by_title["Flood: no"], by_title["Quiet: no"]


def test_counts_stay_exact_and_a_sample_stays_whole(flooded: tuple[Issue, Issue]) -> None:
    loud, quiet = flooded
    found = all_events(loud)
    whole = [event for event in found if event.data]
    assert (loud.events, len(found)) == (220, 220)
    assert len(whole) == 220 - service.thinned_out(loud) == 20 + 18 + 1
    assert "exception" in service.event(loud, "oldest").event.data
    light = next(event for event in found if not event.data)
    assert (light.title, light.notes[-1].what[:16]) == ("Flood: no", "Spike protection")
    assert (quiet.events, service.thinned_out(quiet)) == (6, 0)


def test_what_a_flood_lost_is_told_once(
    flooded: tuple[Issue, Issue], journal, raised: Raised, clock: ManualClock, shop: Project
) -> None:
    lost = service.thinned_out(flooded[0])
    told = [s for s in signals.after(0, 100) if s.signal.kind == "project.spike"]
    assert [s.signal.subject for s in told] == [shop.slug]
    [row] = [row for row in projects.left_out(shop.id) if row.reason.startswith("Spike protection")]
    assert row.count == lost
    clock.forward(120)
    journal.send(*[raised("Flood", function="loud") for _ in range(200)])
    assert service.thinned_out(flooded[0]) > lost
    assert len([s for s in signals.after(0, 100) if s.signal.kind == "project.spike"]) == 1
    assert [m.kind for m in signals.moments(0, 1e11, n=100)].count("project.spike") == 1


def test_a_batch_handed_in_again_thins_nothing_twice(
    tight: MemoryPorts, journal, raised: Raised, clock: ManualClock
) -> None:
    batch = [journal.message(raised("Flood")) for _ in range(100)]
    service.digest(batch, clock.now())
    [issue] = service.issues().issues
    before = service.thinned_out(issue)
    assert service.digest(batch, clock.now()) == 0
    [issue] = service.issues().issues
    assert (issue.events, service.thinned_out(issue)) == (100, before)


def test_a_client_that_repeats_an_event_counts_once_even_when_it_was_thinned_out(
    tight: MemoryPorts, journal, raised: Raised
) -> None:
    events = [journal.message(raised("Flood"), event_id=f"{n:032x}") for n in range(1, 101)]
    service.digest(events, 1_764_000_000.0)
    again = [journal.message(raised("Flood"), event_id=f"{n:032x}") for n in range(1, 101)]
    assert service.digest(again, 1_764_000_000.0) == 0


def test_below_the_budget_and_switched_off_nothing_is_thinned_out(
    ports: MemoryPorts, journal, raised: Raised
) -> None:
    journal.send(*[raised("Busy") for _ in range(100)])
    off = dataclasses.replace(ports, settings=dataclasses.replace(ports.settings, spike_events_per_minute=0))
    install(off)
    journal.send(*[raised("Busy") for _ in range(100)])
    [issue] = service.issues().issues
    assert (issue.events, service.thinned_out(issue)) == (200, 0)


def test_what_each_group_of_a_merged_issue_lost_is_counted_apart(
    tight: MemoryPorts, journal, raised: Raised, clock: ManualClock
) -> None:  # type: ignore[no-untyped-def]
    for function in ("pay", "refund"):
        journal.send(*[raised("Flood", function=function) for _ in range(200)])
    lost = [service.thinned_out(service.issue(key)) for key in ("SHOP-1", "SHOP-2")]
    assert all(lost)
    done = service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "", clock.now())
    assert service.thinned_out(service.issue("SHOP-1")) == sum(lost)
    journal.send(*[raised("Flood", function="refund") for _ in range(200)])
    more = service.thinned_out(service.issue("SHOP-1")) - sum(lost)
    assert more > 0
    service.undo(SYSTEM, done.undo, clock.now())
    apart = [service.thinned_out(service.issue(key)) for key in ("SHOP-1", "SHOP-2")]
    assert apart == [lost[0], lost[1] + more]


def test_the_counts_go_with_their_project(
    flooded: tuple[Issue, Issue], shop: Project, clock: ManualClock
) -> None:
    projects.delete_project(SYSTEM, shop.id, shop.name, clock.now())
    assert service.thinned_out(flooded[0]) == 0
