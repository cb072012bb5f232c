"""Alertmanager itself says what is right: the same alerts lead to the same webhooks, but where we differ on purpose."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from pprint import pformat

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from tests.e2e.oracle.scenarios import (
    DIFFERENCES,
    DOWN,
    DOWN_MUTES_SLOW,
    FEW,
    REPEAT,
    SCENARIOS,
    SLOW,
    Scenario,
    Silence,
    fire,
    mutes,
    over,
    route,
)
from tests.e2e.oracle.stage import Stage, Told
from tests.support.server import Vedette

from vedette.alerts.routing import Route
from vedette.notify.bound import MOST_IN_WINDOW

BEAT, LONG_BEAT = 2.0, 3.0  # seconds; many scenarios at once take more of a beat for their steps
BATCHES, A_BATCH = 10, 50  # more at once, and Alertmanager gives up on notices that wait for our receiver


@pytest.fixture
def stage(
    start_vedette: Callable[..., Vedette], tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    """Return a stage of its own for each play: what fires for ever would go on being told in the next."""
    made = Stage(start_vedette(), tmp_path, getattr(request, "param", BEAT))
    yield made
    made.close()
    made.server.stop()


def different(played: dict[str, tuple[Told, Told]]) -> dict[str, tuple[Told, Told]]:
    return {name: both for name, both in played.items() if both[0] != both[1]}


def bundled(both: tuple[Told, Told]) -> bool:
    """Return whether a channel was told more than it is told one by one: the rest comes in one notice, a minute later."""
    notices = Counter[str]()
    for (receiver, _), told in both[0].items():
        notices[receiver] += len(told)
    return max(notices.values(), default=0) > MOST_IN_WINDOW or any(group == "bundle" for _, group in both[1])


def shown(names: set[str], played: dict[str, tuple[Told, Told]], scenarios: dict[str, Scenario]) -> str:
    return "\n".join(
        f"{name}\n{pformat(scenarios[name], width=150)}\nAlertmanager: {pformat(played[name][0], width=150)}\n"
        f"Vedette: {pformat(played[name][1], width=150)}"
        for name in sorted(names)[:3]
    )


def check(stage: Stage, scenarios: tuple[Scenario, ...], wanted: set[str]) -> None:
    by_name = {each.name: each for each in scenarios}
    assert len(by_name) == len(scenarios), "names are unique"
    played = stage.play(scenarios)
    assert any(both[0] for both in played.values()), "something was told at all"
    apart = {name for name, both in played.items() if bundled(both)}
    assert len(apart) <= len(played) // 20, f"too few are compared: {apart}"
    wrong = (set(different(played)) ^ wanted) - apart
    assert not wrong, shown(wrong, played, by_name)


def test_there_are_enough_scenarios_and_each_difference_has_one() -> None:
    names = {each.name for each in SCENARIOS}
    assert len(names) >= 40
    assert set(DIFFERENCES) | set(FEW) <= names


@pytest.mark.deep
def test_a_few_scenarios(stage: Stage) -> None:
    few = tuple(each for each in SCENARIOS if each.name in FEW)
    check(stage, few, set(DIFFERENCES) & set(FEW))


@pytest.mark.deep
@pytest.mark.timeout(300)
def test_all_scenarios(stage: Stage) -> None:
    check(stage, SCENARIOS, set(DIFFERENCES))


@pytest.mark.deep
def test_after_a_restart_nothing_slips_out(stage: Stage) -> None:
    """What inhibits is still known, though nobody pushed it again yet: Alertmanager forgot it, and tells."""
    inhibited = Scenario(name="restart", inhibitions=DOWN_MUTES_SLOW, steps=(fire(0, DOWN, SLOW),))
    theirs, ours = stage.restart(inhibited, fire(0, SLOW))
    assert [alert[1]["alertname"] for notices in theirs.values() for each in notices for alert in each["alerts"]] == ["Slow"]  # fmt: skip
    assert ours == {}


LABELS = st.fixed_dictionaries(
    {"alertname": st.sampled_from("AB")}, optional={"host": st.sampled_from("xy"), "sev": st.sampled_from(["warn", "info"])}
).map(lambda labels: ",".join(f"{name}={value}" for name, value in sorted(labels.items())))  # fmt: skip
MATCHERS = st.sampled_from(
    ['alertname="A"', 'host="x"', 'host=""', 'host!="x"', 'sev=~"w.*"', 'sev!~"w.*"', 'host=~"x|y",sev!="info"', 'alertname=~"A|B"']
)  # fmt: skip
GROUPS = st.sampled_from([None, "", "alertname", "host", "host alertname", "..."])
NAMES = st.sampled_from(["r1", "r2", "r3", "q1"])


def siblings(each: st.SearchStrategy[Route], most: int) -> st.SearchStrategy[list[Route]]:
    """Return routes beside each other. Of two that say the same, Alertmanager tells once or twice, by chance."""
    return st.lists(each, max_size=most, unique_by=lambda one: one.matchers)


@st.composite
def routes(draw: st.DrawFn, depth: int) -> Route:
    children = draw(siblings(routes(depth - 1), 2)) if depth else []
    receiver = draw(st.none() | NAMES)
    return route(receiver, draw(MATCHERS), *children, by=draw(GROUPS), goes_on=draw(st.booleans()))


@st.composite
def trees(draw: st.DrawFn) -> Route:
    children = draw(siblings(routes(1), 3))
    return route(
        draw(NAMES), "", *children, by=draw(GROUPS), repeat_interval=draw(st.sampled_from([None, REPEAT]))
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Return a scenario of five beats; few alerts, so that they meet, and none begins so often that it flaps.

    Only what fires is told to be over: Alertmanager names an end it is told twice, or of what never fired, beside others.
    """
    known = draw(st.lists(LABELS, min_size=1, max_size=4, unique=True))
    some = st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)
    first = draw(some)
    fired = set(first)
    steps: list[object] = [fire(0, *first)]
    for at in range(5):
        what = draw(st.sampled_from(["fire", "over", "over", "nothing", "silence"]))
        if what == "silence":
            steps.append(
                Silence(at, draw(MATCHERS.filter(lambda text: text != 'host=""' and "!" not in text)))
            )
        elif what == "fire":
            told = draw(some)
            fired.update(told)
            steps.append(fire(at + 0.25, *told))
        elif what == "over" and fired:
            ended = draw(st.lists(st.sampled_from(sorted(fired)), min_size=1, max_size=3, unique=True))
            fired.difference_update(ended)
            steps.append(over(at + 0.25, *ended))
    rules = draw(
        st.lists(st.tuples(MATCHERS, MATCHERS, st.sampled_from([(), ("host",), ("host", "sev")])), max_size=2)
    )
    return Scenario(
        name="generated",
        tree=draw(trees()),
        inhibitions=tuple(mutes(source, target, *equal) for source, target, equal in rules),
        steps=tuple(steps),  # type: ignore[arg-type]
    )


def generated(n: int, number: int) -> tuple[Scenario, ...]:
    """Return `n` scenarios; they are collected first, for all are played at once."""
    found: list[Scenario] = []

    @seed(number)
    @settings(
        max_examples=n,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(scenarios())
    def collect(each: Scenario) -> None:
        if len(found) < n:
            found.append(Scenario(name=f"generated-{number}-{len(found)}", tree=each.tree, inhibitions=each.inhibitions, steps=each.steps))  # fmt: skip

    collect()
    return tuple(found)


@pytest.mark.deep
@pytest.mark.timeout(300)
@pytest.mark.parametrize("stage", [LONG_BEAT], indirect=True)
@pytest.mark.parametrize("number", range(BATCHES))
def test_generated_scenarios(stage: Stage, number: int) -> None:
    check(stage, generated(A_BATCH, number), set())
