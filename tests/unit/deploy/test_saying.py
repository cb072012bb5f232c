"""The first sentence of each page of infrastructure: the worst is said, and what nobody knows is never said to be well."""

import pytest
from tests.support.deployed import hardened

from vedette.deploy.types import (
    Act,
    Change,
    CloudProject,
    Condition,
    Danger,
    DangerKind,
    Deed,
    DeployRun,
    HardenedHost,
    Planned,
    ProjectStanding,
    RunState,
)
from vedette.deploy.views import saying
from vedette.wire.infra import Ref

NOW = 1_764_000_000.0


def standing(name: str, condition: Condition, sentence: str = "All is well.") -> ProjectStanding:
    return ProjectStanding(
        project=CloudProject(id=1, name=name, endpoint=""), condition=condition, sentence=sentence
    )


def run(state: RunState) -> DeployRun:
    return DeployRun(
        id="a", project=1, deed=Deed.APPLY, by="ann", asked_at=NOW - 90, state=state, began_at=NOW - 80
    )


def test_of_several_projects_those_that_want_a_look_are_named() -> None:
    found = (standing("shop", Condition.BROKEN, "db is open."), standing("wiki", Condition.GOOD))
    said = saying.of_projects(found)
    assert (said.title, said.text, said.tone) == ("1 of 2 projects want a look: shop.", "db is open.", "crit")
    assert saying.of_projects(found[:1]).title == "db is open."
    assert saying.of_projects([standing("a", Condition.GOOD), standing("b", Condition.GOOD)]).tone == "ok"
    assert saying.of_projects([]).tone == "off"


def test_nothing_drifted_is_said_only_where_somebody_watches() -> None:
    assert saying.of_drifts((), watched=True).tone == "ok"
    assert saying.of_drifts((), watched=False).tone == "off"


@pytest.mark.parametrize(
    ("dangers", "tone"),
    [((), "info"), ((DangerKind.DOWNTIME,), "warn"), ((DangerKind.DOWNTIME, DangerKind.LOCKOUT), "crit")],
)
def test_a_plan_is_as_bad_as_its_worst_danger(dangers: tuple[DangerKind, ...], tone: str) -> None:
    change = Change(
        act=Act.UPDATE,
        ref=Ref("firewall", "web"),
        dangers=tuple(Danger(kind=each, text="x") for each in dangers),
    )
    planned = Planned(project="shop", at=NOW, digest="", changes=(change,), before="1.00", after="2.00")
    said = saying.of_plan(planned)
    assert (said.title, said.tone) == ("shop: 1 to change.", tone)
    assert "A month costs 2.00 EUR instead of 1.00 (net)." in said.text


def test_a_run_says_how_far_it_is_and_a_list_what_did_not_succeed() -> None:
    assert (
        saying.of_run(run(RunState.RUNNING), "shop", NOW).title
        == "Apply of shop is running for 1\xa0min\xa020\xa0s."
    )
    assert saying.of_run(run(RunState.FAILED), "shop", NOW).tone == "crit"
    assert (
        saying.of_runs([run(RunState.DONE), run(RunState.INTERRUPTED)]).title
        == "1 of the last 2 did not succeed."
    )


def test_a_host_that_changed_since_is_worse_than_one_never_hardened() -> None:
    drifted, bare = hardened(1, NOW), HardenedHost(host=2)
    assert sorted([bare, drifted], key=saying.badness) == [drifted, bare]
    assert saying.of_hosts([drifted, bare], 2).tone == "warn"
    assert saying.of_hosts([bare], 1).title == "This host was never hardened."
    assert saying.of_hosts([], 0).title == "No host is watched yet."
    assert saying.scores(drifted) == "91 of 100, 58 before."
