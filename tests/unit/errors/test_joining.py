"""Merge and split with exact counts, whatever comes in between: a state machine against a model that keeps every event."""

from collections import Counter

import msgspec
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.types import Issue
from vedette.plumbing.db import sql
from vedette.projects import service as projects

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
        self.project = projects.projects()[-1]
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
        wait=st.sampled_from([0, 70, 4_000]),
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
