"""Mutes that end when an issue escalates, and issues resolved in a release, as events come."""

import pytest
from django.db import connection
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.deploys import service as deploys
from vedette.deploys.types import DeployDraft
from vedette.errors import service, signal
from vedette.errors.types import Assign, Fixed, Mute, Reopen, Resolve, State, Transition
from vedette.plumbing.db import sql
from vedette.projects.types import Project
from vedette.signals import service as signals

HOUR = 3_600.0


def told() -> list[str]:
    return [stored.signal.kind for stored in signals.after(0, 50)]


def few_an_hour(journal: Journal, clock: ManualClock, hours: int = 30, n: int = 3) -> None:
    for _ in range(hours):
        journal.send(*[error()] * n)
        clock.forward(HOUR)


def test_a_muted_issue_wakes_when_it_escalates(journal: Journal, clock: ManualClock) -> None:
    few_an_hour(journal, clock)
    service.act(SYSTEM, ["SHOP-1"], Mute(escalating=True), clock.now())
    assert service.issue("SHOP-1").mute_usual == 3
    few_an_hour(journal, clock, 3, 12)
    assert (service.issue("SHOP-1").state, told()) == (State.MUTED, ["issue.new"])
    journal.send(*[error()] * 9)
    clock.forward(60)
    batch = [journal.message(error(level="info")) for _ in range(5)]
    service.digest(batch, clock.now())
    woken = service.issue("SHOP-1")
    assert (woken.state, woken.mute_usual) == (State.ESCALATING, None)
    sent = signals.after(0, 50)[-1].signal
    assert (sent.kind, sent.severity.value, sent.title) == (
        "issue.escalated", "high", "Escalated: ValueError: no",
    )  # fmt: skip
    assert sent.text.startswith("14 events in the last hour; it usually has at most 3.")
    line, *_ = service.history(woken)
    assert (line.kind, line.text) == (
        "escalated", "Escalated: 14 events in the last hour; it usually has at most 3",
    )  # fmt: skip
    assert signals.moments(0, clock.now() + 1, room="errors", subject="SHOP-1")[0].kind == "issue.escalated"
    assert service.digest(batch, clock.now() + 9) == 0
    journal.send(*[error()] * 40)
    assert told() == ["issue.new", "issue.escalated"]
    assert [issue.short_id for issue in service.issues("is:escalating is:open").issues] == ["SHOP-1"]
    assert service.counts()["escalating"] == service.counts()["open"] == 1
    service.unmute_due(clock.now() + 8 * 86_400)
    assert service.issue("SHOP-1").state is State.ONGOING


def test_what_came_before_the_mute_does_not_wake_it(journal: Journal, clock: ManualClock) -> None:
    journal.send(*[error()] * 200)
    service.act(SYSTEM, ["SHOP-1"], Mute(escalating=True), clock.now())
    assert service.issue("SHOP-1").mute_usual == 200
    journal.send(*[error()] * 100)
    clock.forward(2 * HOUR)
    journal.send(*[error()] * 300)
    assert service.issue("SHOP-1").state is State.MUTED
    journal.send(*[error()] * 101)
    assert service.issue("SHOP-1").state is State.ESCALATING


def test_events_of_more_than_an_hour_do_not_add_up(journal: Journal, clock: ManualClock) -> None:
    journal.send(error())
    service.act(SYSTEM, ["SHOP-1"], Mute(escalating=True), clock.now())
    for _ in range(20):
        clock.forward(HOUR / 2)
        journal.send(*[error()] * 5)
    assert service.issue("SHOP-1").state is State.MUTED


def test_it_can_be_taken_back_and_ends_by_other_ends_too(journal: Journal, clock: ManualClock) -> None:
    journal.send(error())
    done = service.act(SYSTEM, ["SHOP-1"], Mute(events=2, escalating=True), clock.now())
    assert (
        service.history(service.issue("SHOP-1"))[0].text
        == "muted it until it escalates or until 2 more events"
    )
    service.undo(SYSTEM, done.undo, clock.now())
    assert (service.issue("SHOP-1").state, service.issue("SHOP-1").mute_usual) == (State.NEW, None)
    service.act(SYSTEM, ["SHOP-1"], Mute(events=2, escalating=True), clock.now())
    journal.send(error(), error())
    assert told()[-1] == "issue.unmuted"


def test_a_merged_issue_is_used_to_what_its_groups_are_used_to(journal: Journal, clock: ManualClock) -> None:
    few_an_hour(journal, clock, n=1)
    for _ in range(30):
        journal.send(*[error("KeyError")] * 20)
        clock.forward(HOUR)
    service.act(SYSTEM, ["SHOP-1", "SHOP-2"], Mute(escalating=True), clock.now())
    service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "SHOP-1", clock.now())
    assert service.issue("SHOP-1").mute_usual == 20
    journal.send(*[error("KeyError")] * 30)
    assert service.issue("SHOP-1").state is State.MUTED


class _Counter:
    """Counts the statements that ask for a table."""

    def __init__(self, name: str) -> None:
        self.name, self.n = name, 0

    def __call__(self, execute, statement, params, many, context):  # type: ignore[no-untyped-def]
        self.n += self.name in statement and statement.startswith("SELECT")
        return execute(statement, params, many, context)


def test_issues_that_wait_for_nothing_cost_no_question(journal: Journal, clock: ManualClock) -> None:
    journal.send(error())
    service.act(SYSTEM, ["SHOP-1"], Mute(), clock.now())
    for name, waits in (
        ("sum(n) FROM errors_minute WHERE issue", Mute(escalating=True)),
        ("projects_seen", Resolve(fixed=Fixed.NEXT)),
    ):
        with connection.execute_wrapper(counter := _Counter(name)):
            journal.send(error(release="1.0"))
        service.act(SYSTEM, ["SHOP-1"], waits, clock.now())
        clock.forward(1)
        with connection.execute_wrapper(asked := _Counter(name)):
            journal.send(error(release="1.0"))
        assert (counter.n, asked.n > 0) == (0, True), name
        service.act(SYSTEM, ["SHOP-1"], Reopen(), clock.now())


def test_an_issue_resolved_in_the_next_release_waits_for_it(journal: Journal, clock: ManualClock) -> None:
    journal.send(error(release="shop@1.4.1"), error(release="shop@1.4.2"))
    service.act(SYSTEM, ["SHOP-1"], Resolve(fixed=Fixed.NEXT), clock.now())
    assert service.issue("SHOP-1").fixed_after == "shop@1.4.2"
    assert service.history(service.issue("SHOP-1"))[0].text == "resolved it in the release after shop@1.4.2"
    clock.forward(60)
    journal.send(error(release="shop@1.4.2"), error(), error(release="shop@1.4.0"))
    assert (service.issue("SHOP-1").state, service.issue("SHOP-1").events) == (State.RESOLVED, 5)
    journal.send(error(release="shop@1.4.2"), error(release="shop@1.4.3"))
    back = service.issue("SHOP-1")
    assert (back.state, back.fixed_after) == (State.REGRESSED, None)
    sent = signals.after(0, 50)[-1].signal
    assert (sent.kind, "came again in shop@1.4.3" in sent.text) == ("issue.regressed", True)


def test_releases_without_versions_count_by_their_first_event(journal: Journal, clock: ManualClock) -> None:
    journal.send(error("KeyError", release="9b1c"), error(release="3f2a"))
    service.act(SYSTEM, ["SHOP-2"], Resolve(fixed=Fixed.NEXT), clock.now())
    clock.forward(60)
    journal.send(error("KeyError", release="c0de"), error(release="9b1c"))
    assert service.issue("SHOP-2").state is State.RESOLVED
    journal.send(error(release="c0de"))
    assert service.issue("SHOP-2").state is State.REGRESSED


def test_what_was_deployed_is_known_before_its_first_event(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    journal.send(error(release="shop@1.4.2"), error("KeyError", release="9b1c"))
    deploys.record(SYSTEM, shop, DeployDraft(version="1.4.3", finished=clock.now()), clock.now())
    service.act(SYSTEM, ["SHOP-1"], Resolve(fixed=Fixed.NEXT), clock.now())
    deploys.record(SYSTEM, shop, DeployDraft(version="c0de", finished=clock.now()), clock.now())
    service.act(SYSTEM, ["SHOP-2"], Resolve(fixed=Fixed.NEXT), clock.now())
    assert service.issue("SHOP-1").fixed_after == "1.4.3"
    clock.forward(60)
    journal.send(error(release="shop@1.4.3"), error("KeyError", release="c0de"))
    assert [service.issue(key).state for key in ("SHOP-1", "SHOP-2")] == [State.RESOLVED, State.RESOLVED]
    journal.send(error(release="shop@1.4.4"), error("KeyError", release="d00d"))
    assert [service.issue(key).state for key in ("SHOP-1", "SHOP-2")] == [State.REGRESSED, State.REGRESSED]


def test_it_is_resolved_in_the_current_or_a_named_release(journal: Journal, clock: ManualClock) -> None:
    journal.send(error(release="1.0.0"), error("KeyError", release="1.0.0"))
    service.act(SYSTEM, ["SHOP-1"], Resolve(fixed=Fixed.CURRENT), clock.now())
    service.act(SYSTEM, ["SHOP-2"], Resolve(fixed=Fixed.RELEASE, release="1.2.0"), clock.now())
    assert [service.issue(key).fixed_in for key in ("SHOP-1", "SHOP-2")] == ["1.0.0", "1.2.0"]
    clock.forward(60)
    journal.send(error(release="0.9.0"), error("KeyError", release="1.1.0"))
    assert [service.issue(key).state for key in ("SHOP-1", "SHOP-2")] == [State.RESOLVED, State.RESOLVED]
    journal.send(error(release="1.0.0"), error("KeyError", release="1.2.1"))
    assert [service.issue(key).state for key in ("SHOP-1", "SHOP-2")] == [State.REGRESSED, State.REGRESSED]


@pytest.mark.parametrize("action", [
    Resolve(fixed=Fixed.RELEASE), Resolve(fixed=Fixed.RELEASE, release="x" * 201), Resolve(fixed=Fixed.NEXT, release="1.0"),
])  # fmt: skip
def test_a_release_is_named_where_it_says_something(
    journal: Journal, clock: ManualClock, action: Resolve
) -> None:
    journal.send(error())
    with pytest.raises(Invalid):
        service.act(SYSTEM, ["SHOP-1"], action, clock.now())


def test_giving_it_to_somebody_says_nothing_of_releases(journal: Journal, clock: ManualClock) -> None:
    journal.send(error(release="1.0.0"))
    service.act(SYSTEM, ["SHOP-1"], Resolve(fixed=Fixed.NEXT), clock.now())
    sql.execute("UPDATE errors_issue SET assignee = 7")
    service.act(SYSTEM, ["SHOP-1"], Assign(None), clock.now())
    assert service.history(service.issue("SHOP-1"))[0].text == "gave it to nobody"


def test_a_group_that_waited_knows_its_last_release_when_it_is_split_off(
    journal: Journal, clock: ManualClock
) -> None:
    journal.send(error(release="1.0.0"), error("KeyError", release="1.0.0"))
    for key in ("SHOP-1", "SHOP-2"):
        service.act(SYSTEM, [key], Resolve(fixed=Fixed.NEXT), clock.now())
    done = service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "SHOP-1", clock.now())
    clock.forward(60)
    journal.send(error("KeyError", release="1.1.0"))
    service.undo(SYSTEM, done.undo, clock.now())
    assert service.issue("SHOP-2").state is State.REGRESSED


def test_every_transition_has_its_words() -> None:
    assert set(signal.KINDS) == set(Transition) - {Transition.NONE}
