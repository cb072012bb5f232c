"""Merge and split with exact counts, whatever comes in between: a state machine against a model that keeps every event."""

from collections import Counter

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.unit.errors.conftest import Journal, error

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.errors import service
from vedette.errors.store import lineage
from vedette.errors.types import Issue, Mute, Resolve, State
from vedette.plumbing.db import sql
from vedette.projects import service as projects
from vedette.projects.types import Project

NAMES = ("pay", "refund", "ship", "search", "login")
VIEWER = Actor(kind=ActorKind.TOKEN, id=9, role=Role.VIEWER, scopes=frozenset({Scope.WRITE}))


class Sent(msgspec.Struct, frozen=True):
    """An event as the model remembers it."""

    name: str
    at: float
    user: int
    value: str


class Merging(RuleBasedStateMachine):
    """Five kinds of events; people merge, take back and split; every count is compared with the events sent."""

    journal: Journal
    clock: ManualClock

    def __init__(self) -> None:
        super().__init__()
        projects.create_project(SYSTEM, f"Shop {self.journal.seq}", "python", self.clock.now())
        self.project = max(projects.projects(), key=lambda project: project.id)
        self.journal.project = self.project.id
        self.sent: list[Sent] = []
        self.keys: dict[str, str] = {}
        self.owner: dict[str, str] = {}
        self.undoable: dict[str, tuple[str, dict[str, str]]] = {}

    @rule(
        name=st.sampled_from(NAMES),
        user=st.integers(0, 3),
        value=st.sampled_from("abc"),
        wait=st.sampled_from([1, 70, 4_000]),
    )
    def send(self, name: str, user: int, value: str, wait: int) -> None:
        self.clock.forward(wait)
        self.journal.send(error(function=name, user={"id": user}, tags={"shelf": value}, release=value))
        self.sent.append(Sent(name, self.clock.now(), user, value))
        if name not in self.keys:
            self.keys[name] = service.latest(self.project.id).short_id  # type: ignore[union-attr]
            self.owner[name] = name

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True), data=st.data())
    def merge(self, names: list[str], data: st.DataObject) -> None:
        known = [name for name in names if name in self.keys]
        owners = {self.owner[name] for name in known}
        if len(owners) < 2:
            return
        into = data.draw(st.sampled_from(known))
        done = service.merge(SYSTEM, [self.keys[name] for name in known], self.keys[into], self.clock.now())
        self._moved(owners, self.owner[into], done.undo)

    def _moved(self, owners: set[str], target: str, token: str) -> None:
        moved = {name: owner for name, owner in self.owner.items() if owner in owners - {target}}
        for earlier, (where, kept) in list(self.undoable.items()):
            left = {name: owner for name, owner in kept.items() if name not in moved}
            self.undoable[earlier] = (where, left)
        self.owner |= dict.fromkeys(moved, target)
        self.undoable[token] = (target, moved)

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        tokens = [token for token, (_, moved) in self.undoable.items() if moved]
        if not tokens:
            return
        token = data.draw(st.sampled_from(tokens))
        service.undo(SYSTEM, token, self.clock.now())
        _, moved = self.undoable.pop(token)
        for name, home in moved.items():
            self.owner[name] = home if home in moved else name

    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        inside = [name for name, owner in self.owner.items() if owner != name]
        if not inside:
            return
        name = data.draw(st.sampled_from(inside))
        service.split(SYSTEM, self.keys[self.owner[name]], [self.keys[name]], self.clock.now())
        self.owner[name] = name
        for _, moved in self.undoable.values():
            moved.pop(name, None)

    @invariant()
    def counts_are_exact(self) -> None:
        shown = {issue.short_id for issue in service.issues("", self.project.slug).issues}
        assert shown == {self.keys[owner] for owner in self.owner.values()}
        for name in self.keys:
            issue = service.issue(self.keys[name])
            assert issue.short_id == self.keys[self.owner[name]]
            self._compare(issue, [one for one in self.sent if self.owner[one.name] == self.owner[name]])

    def _compare(self, issue: Issue, sent: list[Sent]) -> None:
        assert (issue.events, issue.users) == (len(sent), len({one.user for one in sent}))
        assert (issue.first_seen, issue.last_seen) == (sent[0].at, sent[-1].at)
        assert (issue.first_release, issue.last_release) == (sent[0].value, sent[-1].value)
        tags = {tag.key: {value.value: value.count for value in tag.values} for tag in service.tags(issue)}
        assert tags["shelf"] == Counter(one.value for one in sent)
        assert sum(service.chart(issue, 0.0, self.clock.now() + 60, 3600.0 * 24)) == len(sent)
        minutes = sql.query("SELECT minute, n FROM errors_minute WHERE issue = %s", (issue.id,))
        assert dict(minutes) == Counter(int(one.at // 60) for one in sent)
        assert len(service.events(issue, n=500).events) == len(sent)
        groups = service.groups(issue, n=100)
        names = {name for name, owner in self.owner.items() if self.keys[owner] == issue.short_id}
        assert {group.key for group in groups.groups} == (
            {self.keys[name] for name in names} if len(names) > 1 else set()
        )
        assert sum(group.events for group in groups.groups) in {0, len(sent)}


def test_counts_are_exact_whatever_comes_in_between(journal: Journal, clock: ManualClock) -> None:
    machine = type("Machine", (Merging,), {"journal": journal, "clock": clock})
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=checks,
            phases=[Phase.generate], derandomize=True,
        ),
    )  # fmt: skip


@pytest.fixture
def three(journal: Journal, clock: ManualClock) -> None:
    """Three issues, two events each, a minute apart; the second's user is the first's too."""
    for function, user in (("pay", 1), ("refund", 1), ("ship", 2)):
        journal.send(*[error(function=function, value=f"{function} failed", user={"id": user})] * 2)
        clock.forward(60)


@pytest.mark.usefixtures("three")
class TestMerging:
    def test_the_oldest_remains_and_old_keys_lead_to_it(self, clock: ManualClock) -> None:
        done = service.merge(SYSTEM, ["SHOP-3", "SHOP-2", "SHOP-1"], "", clock.now())
        assert (done.changed, done.text) == (("SHOP-1",), "3 issues are one now: SHOP-1.")
        merged = service.issue("shop-3")
        assert (merged.short_id, merged.events, merged.users) == ("SHOP-1", 6, 2)
        assert "pay failed" in merged.title

    def test_what_it_is_found_by_moves_and_comes_back(self, clock: ManualClock) -> None:
        def found(query: str) -> list[str]:
            return [issue.short_id for issue in service.issues(query).issues]

        done = service.merge(SYSTEM, ["SHOP-1", "SHOP-3"], "", clock.now())
        assert found("ship") == found('"ship failed"') == found("user:2") == ["SHOP-1"]
        assert found("!ship") == ["SHOP-2"]
        service.undo(SYSTEM, done.undo, clock.now())
        assert found("ship") == found("user:2") == ["SHOP-3"]

    def test_history_and_audit_tell_it_on_both_sides(self, clock: ManualClock) -> None:
        service.comment(SYSTEM, "SHOP-2", "seen on Friday too", clock.now())
        done = service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "", clock.now())
        told = [entry.text for entry in service.history(service.issue("SHOP-1"))]
        assert told[:2] == ["merged SHOP-2 into it", "seen on Friday too"]
        service.undo(SYSTEM, done.undo, clock.now())
        own, other = (service.history(service.issue(key)) for key in ("SHOP-1", "SHOP-2"))
        assert own[0].text == "took back: merged SHOP-2 into it"
        assert [entry.text for entry in other][:3] == [
            "split it off SHOP-1: the merge was taken back", "merged it into SHOP-1", "seen on Friday too",
        ]  # fmt: skip
        audited = [(entry.action, entry.subject) for entry in accounts.audit_page().entries]
        assert {("issue.merge", "SHOP-1"), ("issue.merge", "SHOP-2"), ("issue.split", "SHOP-2")} <= set(
            audited
        )

    def test_what_is_open_stays_open_until_taken_back(self, clock: ManualClock) -> None:
        service.act(SYSTEM, ["SHOP-1"], Resolve(), clock.now())
        done = service.merge(SYSTEM, ["SHOP-2"], "SHOP-1", clock.now())
        assert service.issue("SHOP-1").state is State.ONGOING
        service.undo(SYSTEM, done.undo, clock.now())
        assert service.issue("SHOP-1").state is State.RESOLVED

    def test_a_mute_counts_as_many_more_events_whatever_is_merged(
        self, journal: Journal, clock: ManualClock
    ) -> None:
        service.act(SYSTEM, ["SHOP-1", "SHOP-2"], Mute(events=3), clock.now())
        service.merge(SYSTEM, ["SHOP-2"], "SHOP-1", clock.now())
        assert service.issue("SHOP-1").mute_events == 3
        journal.send(error(function="refund"), error(function="pay"))
        assert service.issue("SHOP-1").mute_events == 1
        service.split(SYSTEM, "SHOP-1", ["SHOP-2"], clock.now())
        assert [service.issue(key).mute_events for key in ("SHOP-1", "SHOP-2")] == [1, 2]

    def test_a_new_issue_never_takes_the_number_of_a_merged_one(
        self, journal: Journal, clock: ManualClock
    ) -> None:
        service.merge(SYSTEM, ["SHOP-1", "SHOP-3"], "", clock.now())
        journal.send(error(function="login"))
        assert service.issue("SHOP-4").short_id == "SHOP-4"

    def test_what_cannot_be_merged_or_split_says_why(self, clock: ManualClock) -> None:
        other = projects.create_project(SYSTEM, "Other", "python", clock.now())
        mixed = Journal(clock, other.id)
        mixed.seq = 100
        mixed.send(error())
        for keys, into, said in (
            (["SHOP-1"], "", "Two different issues"), (["SHOP-1", "shop-1"], "SHOP-1", "Two different issues"),
            (["SHOP-1", "OTHER-1"], "", "of one project"),
        ):  # fmt: skip
            with pytest.raises(Invalid, match=said):
                service.merge(SYSTEM, keys, into, clock.now())
        with pytest.raises(NotFound):
            service.merge(SYSTEM, ["SHOP-1", "SHOP-9"], "", clock.now())
        with pytest.raises(Forbidden):
            service.merge(VIEWER, ["SHOP-1", "SHOP-2"], "", clock.now())
        service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "", clock.now())
        for key in ("SHOP-1", "SHOP-3", "nonsense"):
            with pytest.raises(NotFound, match="has no group"):
                service.split(SYSTEM, "SHOP-1", [key], clock.now())
        with pytest.raises(Forbidden):
            service.split(VIEWER, "SHOP-1", ["SHOP-2"], clock.now())

    def test_what_inherits_from_a_merged_group_is_counted_in_it(
        self, journal: Journal, clock: ManualClock
    ) -> None:
        """A newer version of grouping gives an event another hash, which leads where the older one leads."""
        group = service.issue("SHOP-2").id
        old = sql.query_one("SELECT hash FROM errors_hash WHERE issue = %s", (group,))
        service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "", clock.now())
        with sql.transaction():
            lineage.inherit({b"a newer hash, 16": bytes(old[0])})  # type: ignore[index, arg-type]
        service.split(SYSTEM, "SHOP-1", ["SHOP-2"], clock.now())
        assert sql.query(
            "SELECT issue, group_id FROM errors_hash WHERE hash = %s", (b"a newer hash, 16",)
        ) == [(group, None)]

    def test_a_deleted_project_takes_its_groups_with_it(self, shop: Project, clock: ManualClock) -> None:
        ids = [service.issue(key).id for key in ("SHOP-1", "SHOP-2", "SHOP-3")]
        service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "", clock.now())
        projects.delete_project(SYSTEM, shop.id, "Shop", clock.now())
        tables = ("group", "group_tag", "group_user", "group_minute", "group_hour", "hash", "history")
        left = [sql.query_one(f"SELECT count(*) FROM errors_{table}") for table in tables]  # noqa: S608
        assert left == [(0,)] * len(tables)
        assert not sql.query("SELECT 1 FROM errors_search WHERE rowid IN (%s, %s, %s)", ids)

    def test_values_beyond_those_kept_are_added_up(self, journal: Journal, clock: ManualClock) -> None:
        for function in ("pay", "refund"):
            journal.send(*[error(function=function, tags={"box": f"{function}-{i}"}) for i in range(80)])
        service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "", clock.now())
        (box,) = [tag for tag in service.tags(service.issue("SHOP-1"), n=1000) if tag.key == "box"]
        assert (box.total, len(box.values), box.other) == (160, 100, 60)
        service.split(SYSTEM, "SHOP-1", ["SHOP-2"], clock.now())
        (box,) = [tag for tag in service.tags(service.issue("SHOP-1"), n=1000) if tag.key == "box"]
        assert (box.total, len(box.values), box.other) == (80, 80, 0)
