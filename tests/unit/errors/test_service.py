"""What is stored is found, shown, acted on, taken back, counted and forgotten."""

import json

import pytest
from tests.unit.errors.conftest import Journal, error

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.clock import ManualClock, utc_day
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.errors import service
from vedette.errors.query import QueryProblem, parse
from vedette.errors.store import listing
from vedette.errors.types import (
    Assign,
    Event,
    Level,
    Mute,
    Reopen,
    Resolve,
    Sort,
    State,
    Status,
)
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals

VIEWER = Actor(kind=ActorKind.TOKEN, id=9, role=Role.VIEWER, scopes=frozenset({Scope.WRITE}))


def keys(query: str = "", **how: object) -> list[str]:
    return [issue.short_id for issue in service.issues(query, **how).issues]  # type: ignore[arg-type]


@pytest.fixture
def four(journal: Journal, clock: ManualClock) -> None:
    """Four issues: a fatal one, two errors and an information, a minute apart."""
    sent = (
        error(
            "DatabaseDown",
            level="fatal",
            value="no route to db-1",
            release="1.0",
            environment="prod",
            user={"id": 1},
        ),
        error(
            "KeyError",
            value="basket",
            release="2.0",
            user={"email": "anna@example.org"},
            tags={"browser": "Firefox 128"},
        ),
        error(
            "KeyError",
            function="refund",
            environment="test",
            request={"url": "https://shop.example.org/refund"},
        ),
        {"message": "stock is low", "level": "info", "logger": "shop.stock"},
    )
    for event in sent:
        journal.send(event)
        clock.forward(60)
    journal.send(sent[1], sent[1])


@pytest.mark.usefixtures("four")
class TestFinding:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", "1 2 3 4"), ("is:open", "1 2 3 4"), ("is:new", "1 2 3 4"), ("is:resolved", ""), ("!is:open", ""),
            ("level:fatal", "1"), ("!level:info", "1 2 3"), ("release:1.0", "1"), ("!release:1.0", "2 3 4"), ("environment:test", "3"),
            ("user:1", "1"), ("user:id:1", "1"), ("user:anna@example.org", "2"), ("!user:1", "2 3 4"), ("type:KeyError", "2 3"),
            ("keyerror", "2 3"), ("key", "2 3"), ("database", "1"), ('"no route"', "1"), ('"route no"', ""), ("refund", "3"),
            ("shop.example.org/refund", "3"), ("firefox", "2"), ("orders.py", "1 2 3"), ("!keyerror", "1 4"), ("stock low", "4"),
            ("type:KeyError release:2.0", "2"), ("level:info keyerror", ""), ('tag.browser:"Firefox 128"', "2"),
            ("is:unassigned level:fatal", "1"), ("is:assigned", ""), ("logger:shop.stock", "4"), ("is:handled", ""),
            ("assigned:none", "1 2 3 4"), ("!assigned:none", ""), ("assigned:7", ""), ("!assigned:7", "1 2 3 4"), ("Zürich", ""),
            ("times:1", "1 3 4"), ("times:>1", "2"), ("!times:>1", "1 3 4"), ("times:2..5", "2"), ("times:<=3", "1 2 3 4"), ("users:>=1", "1 2"),
            ("users:0", "3 4"), ("has:user", "1 2"), ("!has:user", "3 4"), ("has:release", "1 2"), ("!has:release", "3 4"), ("has:browser", "2"),
            ("has:assignee", ""), ("release:2.*", "2"), ("release:*.0", "1 2"), ('release:"*.0"', ""), ("!release:*.0", "3 4"), ("type:Key*", "2 3"),
            ("type:*Down", "1"), ("platform:python", "1 2 3"), ("!platform:pyth*", "4"), ("environment:*o*", "1"), ("url:*/refund", "3"),
            ("first-seen:<150m", "1 2 3 4"), ("first-seen:<3m", "2 3 4"), ("first-seen:>3m", "1"), ("age:2m..4m", "1 2"), ("last-seen:<1m", "2 4"),
            ("last-seen:<=61m times:2..", "2"), ("last-seen:2025-11-24", "1 2 3 4"), ("first-seen:>2025-11-24", ""), ("first-seen:<2025-11-24", ""),
            ("last-seen:2025-11-24T16:00Z..2025-11-24T16:01Z", "1"), ("refun*", "3"), ("tag.browser:Firefox*", "2"), ("browser:Firefox*", ""),
        ],
    )  # fmt: skip
    def test_searches(self, query: str, found: str) -> None:
        assert sorted(keys(query)) == [f"SHOP-{number}" for number in found.split()]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [
            (Sort.WORST, "1 2 3 4"), (Sort.LAST_SEEN, "2 4 3 1"), (Sort.FIRST_SEEN, "4 3 2 1"), (Sort.EVENTS, "2 4 3 1"),
            (Sort.USERS, "2 1 4 3"),
        ],
    )  # fmt: skip
    def test_orders_and_their_pages(self, sort: Sort, order: str) -> None:
        expected = [f"SHOP-{number}" for number in order.split()]
        assert keys(sort=sort) == expected
        assert keys(sort=sort, project="shop") == expected
        walked, cursor = [], None
        while True:
            page = service.issues(sort=sort, cursor=cursor, n=1)
            walked += [issue.short_id for issue in page.issues]
            cursor = page.cursor
            if cursor is None:
                break
        assert walked == expected

    def test_what_is_wrong_is_said(self) -> None:
        with pytest.raises(QueryProblem):
            service.issues("is:bad")
        with pytest.raises(NotFound):
            service.issues(project="nothing")
        with pytest.raises(Invalid):
            service.issues(sort="colour")
        with pytest.raises(Invalid):
            service.issues(cursor="nonsense")
        with pytest.raises(Invalid):
            service.issues(sort=Sort.EVENTS, cursor=service.issues(n=1).cursor)
        for key in ("SHOP-9", "OTHER-1", "", "x" * 200, "SHOP-ZZZZZZZZZZ"):
            with pytest.raises(NotFound):
                service.issue(key)

    def test_counts(self) -> None:
        service.act(SYSTEM, ["SHOP-1"], Resolve(), 1e9)
        assert service.counts() == {
            "open": 3,
            "new": 3,
            "regressed": 0,
            "escalating": 0,
            "ongoing": 0,
            "muted": 0,
            "resolved": 1,
        }
        assert service.counts("shop") == service.counts()

    @pytest.mark.parametrize("sort", Sort)
    @pytest.mark.parametrize(
        ("query", "numbers"),
        [("keyerror", "2 3"), ("type:KeyError", "2 3"), ("level:error", "2 3"), ("is:new", "1 2 3 4"), ("user:1", "1"),
         ("release:1.0", "1"), ("keyerror shop", "2 3"), ("!keyerror", "1 4"), ("keyerror is:resolved", ""), ("times:>1", "2"), ("users:1..", "1 2"),
         ("first-seen:>3m", "1"), ("last-seen:<1m", "2 4"), ("!has:user", "3 4"), ("has:release", "1 2"), ("release:2.*", "2"),
         ("!release:*.0", "3 4"), ("!platform:pyth*", "4"), ("type:*Down", "1")],
    )  # fmt: skip
    def test_what_very_many_issues_have_is_looked_up_row_by_row(
        self, query: str, numbers: str, sort: Sort, clock: ManualClock
    ) -> None:
        known = {project.id: project for project in projects.projects()}
        found, _ = listing.page(
            parse(query), known, project=None, sort=sort, cursor=None, n=9, now=clock.now(), few=0
        )
        assert sorted(issue.short_id for issue in found) == [f"SHOP-{number}" for number in numbers.split()]


def test_events_are_found_and_walked(journal: Journal, clock: ManualClock) -> None:
    for n in range(5):
        journal.send(error(tags={"n": n}), event_id=f"{n}bcdef" + f"{n:026x}")
        clock.forward(10)
    issue = service.issue("SHOP-1")
    latest = service.event(issue)
    assert (latest.event.id[:1], latest.older[:1], latest.newer) == ("4", "3", None)  # type: ignore[index]
    oldest = service.event(issue, "oldest")
    assert (oldest.event.id[:1], oldest.older, oldest.newer[:1]) == ("0", None, "1")  # type: ignore[index]
    middle = service.event(issue, "2bcdef")
    assert (middle.older[:1], middle.newer[:1]) == ("1", "3")  # type: ignore[index]
    assert service.find_event(middle.event.id) == (issue, middle)
    first = service.events(issue, n=2)
    rest = service.events(issue, first.cursor, 10)
    assert [event.id[:1] for event in (*first.events, *rest.events)] == ["4", "3", "2", "1", "0"]
    for which in ("2bc", "ffffff", "nonsense", ""):
        with pytest.raises(NotFound):
            service.event(issue, which)
    for event_id in ("f" * 32, "xyz", ""):
        with pytest.raises(NotFound):
            service.find_event(event_id)


def test_charts_count_by_minute_and_by_hour(journal: Journal, shop: Project, clock: ManualClock) -> None:
    start = clock.now()
    for minutes, n in ((0, 2), (1, 1), (90, 3)):
        clock.forward(start + minutes * 60 - clock.now())
        journal.send(*[error()] * n)
    issue, end = service.issue("SHOP-1"), start + 7_200
    assert service.chart(issue, start, start + 180, 60.0) == (2, 1, 0)
    assert service.chart(None, start, end, 3_600.0) == (3, 3)
    assert service.chart(None, start, end, 3_600.0, project=shop.id) == (3, 3)
    assert service.chart(None, start, end, 3_600.0, project=shop.id + 1) == (0, 0)
    assert sum(service.chart(issue, start - 30 * 86_400, end, 86_400.0)) == 6
    assert service.trends([issue], clock.now())[issue.id][-3:] == (0, 3, 3)
    assert sum(service.trends([issue], clock.now(), step=1_800.0, n=48)[issue.id]) == 6
    assert service.chart(issue, start, start, 60.0) == ()


def test_the_series_of_the_catalogue(journal: Journal, shop: Project, clock: ManualClock) -> None:
    start = clock.now()
    journal.send(error(), error(), error("KeyError"))
    series = signals.catalogue()["errors.events"]
    assert series.totals is not None
    own = str(shop.id)
    by_issue = {
        row["issue"]: (row["project"], row["link"], n)
        for row, n in series.totals(("project", "issue"), {}, start, start + 60)
    }
    assert by_issue == {"SHOP-1": (own, "/issues/SHOP-1/", 2.0), "SHOP-2": (own, "/issues/SHOP-2/", 1.0)}
    assert series.totals(("project",), {"project": str(shop.id)}, start, start + 60) == [
        ({"project": own}, 3.0)
    ]
    assert series.totals(("project",), {"project": "9"}, start, start + 60) == []
    assert series.totals((), {}, start, start + 60) == [({}, 3.0)]
    assert series.totals(("issue",), {}, start + 60, start + 120) == []
    assert list(series.read({"issue": "SHOP-1"}, start, start + 120, 60.0)) == [2, 0]
    assert list(series.read({"project": own}, start, start + 120, 60.0)) == [3, 0]


class TestActing:
    @pytest.fixture(autouse=True)
    def _issues(self, journal: Journal) -> None:
        journal.send(error(), error("KeyError"), error("OSError"))

    def test_each_act_changes_says_and_is_audited(self, clock: ManualClock) -> None:
        done = service.act(SYSTEM, ["SHOP-1", "shop-2"], Resolve(), clock.now())
        assert (done.changed, done.text) == (("SHOP-1", "SHOP-2"), "2 issues resolved.")
        assert service.issue("SHOP-1").status is Status.RESOLVED
        again = service.act(SYSTEM, ["SHOP-1"], Resolve(), clock.now())
        assert (again.changed, again.undo) == ((), "")
        assert service.act(SYSTEM, ["SHOP-1"], Reopen(), clock.now()).text == "SHOP-1 reopened."
        assert service.issue("SHOP-1").state is State.ONGOING
        audit = accounts.audit_page(action="issue.").entries
        assert [(entry.action, entry.subject) for entry in audit] == [
            ("issue.reopen", "SHOP-1"), ("issue.resolve", "SHOP-2"), ("issue.resolve", "SHOP-1"),
        ]  # fmt: skip

    def test_an_act_is_taken_back(self, clock: ManualClock) -> None:
        done = service.act(SYSTEM, ["SHOP-1", "SHOP-2"], Resolve(), clock.now())
        clock.forward(1)
        service.act(SYSTEM, ["SHOP-2"], Reopen(), clock.now())
        undone = service.undo(SYSTEM, done.undo, clock.now())
        assert undone.changed == ("SHOP-1",)
        assert service.issue("SHOP-1").state is State.NEW
        assert service.issue("SHOP-2").state is State.ONGOING
        for token in (done.undo, "", "nonsense"):
            with pytest.raises(NotFound):
                service.undo(SYSTEM, token, clock.now())
        assert service.history(service.issue("SHOP-1"))[0].text == "took back: resolved it"

    def test_counts_that_came_meanwhile_stay_when_an_act_is_taken_back(
        self, journal: Journal, clock: ManualClock
    ) -> None:
        done = service.act(SYSTEM, ["SHOP-1"], Mute(), clock.now())
        journal.send(error())
        service.undo(SYSTEM, done.undo, clock.now())
        assert (service.issue("SHOP-1").events, service.issue("SHOP-1").state) == (2, State.NEW)

    def test_a_mute_ends_by_events(self, journal: Journal, clock: ManualClock) -> None:
        service.act(SYSTEM, ["SHOP-1"], Mute(events=3), clock.now())
        journal.send(error())
        muted = service.issue("SHOP-1")
        assert (muted.state, muted.mute_events) == (State.MUTED, 2)
        journal.send(error(), error())
        assert service.issue("SHOP-1").state is State.ONGOING
        assert [stored.signal.kind for stored in signals.after(0, 9)][-1] == "issue.unmuted"

    def test_a_mute_ends_by_time_without_an_event(self, clock: ManualClock) -> None:
        service.act(SYSTEM, ["SHOP-1"], Mute(until=clock.now() + 60), clock.now())
        assert service.unmute_due(clock.now() + 59) == 0
        assert service.unmute_due(clock.now() + 60) == 1
        issue = service.issue("SHOP-1")
        assert (issue.state, issue.muted_until) == (State.ONGOING, None)
        assert service.history(issue)[0].kind == "unmuted"

    def test_what_is_new_gets_old(self, clock: ManualClock) -> None:
        assert service.unmute_due(clock.now() + 86_401) == 0
        assert {issue.state for issue in service.issues().issues} == {State.ONGOING}

    def test_assigning_and_commenting(self, clock: ManualClock) -> None:
        anna = accounts.create_user(
            SYSTEM, "Anna Berg", "anna@example.org", "kJ8#vQ2!mZ5x", Role.MEMBER, clock.now()
        )
        actor = Actor(kind=ActorKind.USER, id=anna.id, name="Anna Berg", role=Role.MEMBER)
        assert service.act(actor, ["SHOP-1"], Assign(anna.id), clock.now()).text == "SHOP-1 assigned."
        assert service.issue("SHOP-1").assignee == anna.id
        for query in ("assignee:anna", "assignee:anna@example.org", 'assignee:"Anna Berg"', "is:assigned"):
            assert keys(query) == ["SHOP-1"]
        entry = service.comment(actor, "SHOP-1", "  I look at it  ", clock.now())
        assert (entry.kind, entry.text, entry.who, entry.user) == (
            "comment",
            "I look at it",
            "Anna Berg",
            anna.id,
        )
        assert service.act(actor, ["SHOP-1"], Assign(None), clock.now()).text == "SHOP-1 assigned to nobody."
        assert [e.kind for e in service.history(service.issue("SHOP-1"))] == [
            "unassigned",
            "comment",
            "assigned",
            "new",
        ]
        assert service.history(service.issue("SHOP-1"))[2].text == "gave it to Anna Berg"

    def test_what_is_refused(self, clock: ManualClock) -> None:
        with pytest.raises(NotFound):
            service.act(SYSTEM, ["SHOP-1", "SHOP-99"], Resolve(), clock.now())
        assert service.issue("SHOP-1").state is State.NEW
        for action in (Mute(until=clock.now()), Mute(events=0), Mute(users=-1), Assign(4711)):
            with pytest.raises(Invalid):
                service.act(SYSTEM, ["SHOP-1"], action, clock.now())
        with pytest.raises(Invalid):
            service.act(SYSTEM, ["SHOP-1"] * 501, Resolve(), clock.now())
        for text in ("", "   ", "x" * 4_001):
            with pytest.raises(Invalid):
                service.comment(SYSTEM, "SHOP-1", text, clock.now())
        for act in (
            lambda: service.act(VIEWER, ["SHOP-1"], Resolve(), 1.0),
            lambda: service.comment(VIEWER, "SHOP-1", "x", 1.0),
            lambda: service.undo(VIEWER, "x", 1.0),
        ):
            with pytest.raises(Forbidden):
                act()


def test_overview(journal: Journal, clock: ManualClock) -> None:
    clock.forward(30)
    journal.send(error(), error(), error("KeyError", level="fatal"))
    found = service.overview(clock.now() + 60)
    assert (found.open, found.new, found.regressed, found.last_hour, sum(found.hours)) == (2, 2, 0, 3, 3)
    assert found.worst[0].level is Level.FATAL
    assert [(issue.short_id, n) for issue, n in found.busiest] == [("SHOP-1", 2), ("SHOP-2", 1)]


def test_what_issues_said_in_a_time(journal: Journal, clock: ManualClock) -> None:
    journal.send(error(value="order 1 is lost"), error(value="order 2 is lost"), error("KeyError", "id"))
    minute = clock.now() // 60 * 60
    found = service.spoken(minute, minute + 60, 10)
    assert [(each.issue, each.events) for each in found] == [("SHOP-1", 2), ("SHOP-2", 1)]
    assert "order" in found[0].message
    assert [each.issue for each in service.spoken(minute, minute + 60, 1)] == ["SHOP-1"]
    assert service.spoken(minute + 60, minute + 120, 10) == ()


def test_retention_drops_events_and_counts_and_keeps_issues(
    journal: Journal, clock: ManualClock, ports: MemoryPorts
) -> None:
    journal.send(error(user={"id": 1}))
    old = clock.now()
    clock.forward(3 * 86_400)
    journal.send(error("KeyError"))
    assert service.drop_before(utc_day(clock.now()), clock.now()) == 1
    issue = service.issue("SHOP-1")
    assert (issue.events, issue.users) == (1, 1)
    assert service.events(issue).events == ()
    assert sum(service.chart(issue, old - 60, clock.now() + 60, 3_600.0)) == 0
    assert service.tags(issue)
    with pytest.raises(NotFound):
        service.event(issue)
    assert sum(service.chart(None, clock.now() - 60, clock.now() + 60, 60.0)) == 1


def test_export_is_json_lines(journal: Journal, clock: ManualClock) -> None:
    journal.send(error(), error(), error("KeyError"))
    issues = [json.loads(line) for line in service.export_issues()]
    assert [issue["short_id"] for issue in issues] == ["SHOP-1", "SHOP-2"]
    assert len(list(service.export_issues("shop"))) == 2
    events = list(service.export_events(0, clock.now() + 1))
    assert len(events) == 3
    assert all(b"\n" not in line and json.loads(line)["data"] for line in events)
    assert list(service.export_events(0, clock.now())) == []


def test_a_deleted_project_takes_its_issues_along(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    other = projects.create_project(SYSTEM, "Blog", "php", clock.now())
    journal.send(error(), error("KeyError"))
    service.digest([journal.message(error(), project=other.id)], clock.now())
    projects.delete_project(SYSTEM, shop.id, "Shop", clock.now())
    assert keys() == ["BLOG-1"]
    assert keys("ValueError") == ["BLOG-1"]
    assert service.chart(None, clock.now(), clock.now() + 60, 60.0) == (1,)
    with pytest.raises(NotFound):
        service.issue("SHOP-1")


def test_what_is_stored_is_scrubbed(journal: Journal) -> None:
    journal.send(
        error(extra={"password": "hunter2-Xq"}, tags={"token": "hunter2-Xq"}),
        error(value="password=hunter2-Xq"),
    )
    issue = service.issue("SHOP-1")
    shown = [*service.export_issues(), *service.export_events(0, 1e12), repr(service.tags(issue)).encode()]
    assert not [line for line in shown if b"hunter2-Xq" in line]
    assert keys('"hunter2-Xq"') == []
    place = service.event(issue)
    assert isinstance(place.event, Event)


def totals(name: str, by: tuple[str, ...], labels: dict[str, str], start: float, end: float) -> list[object]:
    series = signals.catalogue()[name]
    assert series.totals is not None
    return list(series.totals(by, labels, start, end))


def test_a_week_ago_a_window_takes_its_part_of_the_hour(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    hour = clock.now() // 3_600 * 3_600
    journal.send(*[error("TypeError")] * 12, received=hour + 60)
    clock.forward(7 * 86_400)
    service.drop_before(utc_day(hour - 86_400), clock.now())
    journal.send(error("TypeError"))
    assert totals("errors.events", (), {}, hour, hour + 300) == [({}, 1.0)]
    assert totals("errors.events", ("project",), {}, hour, hour + 1_800) == [({"project": str(shop.id)}, 6.0)]
    assert totals("errors.events", (), {}, hour, clock.now() + 60) == [({}, 13.0)], (
        "hours and minutes together"
    )


def test_events_are_counted_by_the_level_of_their_issue(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    journal.send(error("TypeError", level="fatal"), error("KeyError"), error("KeyError"))
    start = clock.now() // 60 * 60
    found = totals("errors.events", ("level",), {}, start, start + 60)
    assert sorted(found, key=str) == [({"level": "error"}, 2.0), ({"level": "fatal"}, 1.0)]
    assert totals("errors.events", (), {"level": "fatal"}, start, start + 60) == [({}, 1.0)]
    read = signals.catalogue()["errors.events"].read
    assert list(read({"level": "error", "project": str(shop.id)}, start, start + 60, 60.0)) == [2]


def test_releases_count_from_when_they_were_first_named_to_when_last(
    journal: Journal, shop: Project, clock: ManualClock
) -> None:
    start = clock.now()
    journal.send(error(release="1.0", environment="prod"))
    clock.forward(3_600)
    journal.send(error(release="1.1", environment="prod"))
    now = clock.now()
    named = {"project": str(shop.id)}
    found = totals("errors.seen", ("project", "release"), {}, now - 60, now + 60)
    assert found == [({**named, "release": "1.1"}, 1.0)]
    assert len(totals("errors.seen", ("project", "release"), {}, start, now + 60)) == 2
    assert totals("errors.seen", ("environment",), {}, start, now + 60) == [({"environment": "prod"}, 1.0)]
    read = signals.catalogue()["errors.seen"].read
    assert list(read({"release": "1.1"}, start - 60, now + 60, 3_600.0)) == [0, 1]
