"""Results of checks on core.db: verdicts, signals and the story in one transaction, and what is kept of them for how long."""

import msgspec
import pytest
from pytest_django import DjangoAssertNumQueries
from tests.support.rooms import NOW
from tests.unit.monitors.conftest import SITE

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.monitors import keeping, service, tallying
from vedette.monitors.measuring import tallies
from vedette.monitors.outposts import service as locations
from vedette.monitors.types import (
    CheckResult,
    Config,
    Monitor,
    MonitorDraft,
    Objective,
    Once,
    Outcome,
    Reading,
    State,
    Told,
    Tolerance,
)
from vedette.plumbing.db import sql
from vedette.plumbing.telemetry.port import Span
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.signals.types import SignalState

ALL = Span(0.0, 1e11)
HOUR = 3_600.0


def make(name: str, **config: object) -> Monitor:
    draft = MonitorDraft(name=name, kind="http", config=msgspec.convert({"request": SITE, **config}, Config))
    return service.create(SYSTEM, 0, draft, NOW)


def result(monitor: Monitor, reading: Reading, at: float, **more: object) -> CheckResult:
    fields = {"cause": "refused", "sentence": "Nobody listens there."} if reading is Reading.BAD else {}
    told = {"ms": 12.5, **fields, **{k: v for k, v in more.items() if k in Outcome.__struct_fields__}}
    rest = {k: v for k, v in more.items() if k not in Outcome.__struct_fields__}
    return CheckResult(monitor=monitor.id, outcome=Outcome(at=at, reading=reading, **told), **rest)  # type: ignore[arg-type]


def check(monitor: Monitor, *readings: Reading, at: float = NOW) -> float:
    """Record checks a minute apart, each in a batch of its own; return the instant of the last."""
    for place, reading in enumerate(readings):
        service.record([result(monitor, reading, at + place * 60)], at + place * 60)
    return at + (len(readings) - 1) * 60


def published() -> list[tuple[str, str, SignalState]]:
    return [(s.signal.kind, s.signal.subject, s.signal.state) for s in signals.after(0, 10_000)]


def test_down_and_up_are_one_alert_with_a_story(house: MemoryPorts) -> None:
    one = make("Shop API")
    end = check(one, Reading.GOOD, Reading.BAD, Reading.BAD, Reading.BAD, Reading.GOOD)
    down, up = signals.after(0, 9)
    assert (down.signal.state, up.signal.state) == (SignalState.FIRING, SignalState.RESOLVED)
    assert (down.signal.title, up.signal.title) == ("Shop API is down", "Shop API is up again")
    assert (down.signal.text, down.signal.annotations["cause"]) == ("Nobody listens there.", "refused")
    assert down.signal.labels == up.signal.labels
    assert [one.kind for one in signals.moments(0, end + 1, room="monitors")] == [
        "monitor.up",
        "monitor.down",
    ]
    found = service.uptime(one, NOW, end)
    assert (found.up, found.down) == (60.0, 180.0)


def test_what_fails_together_is_told_in_one_transaction(house: MemoryPorts) -> None:
    many = [make(f"site {n}", tolerance={"failures": 1}) for n in range(30)]
    service.record([result(one, Reading.GOOD, NOW) for one in many], NOW)
    service.record([result(one, Reading.BAD, NOW + 60) for one in many[:25]], NOW + 60)
    assert len(published()) == 25
    assert service.states() == {"down": 25, "up": 5}


def test_a_resolver_at_fault_is_one_alert_and_no_outage(house: MemoryPorts) -> None:
    many = [make(f"site {n}", tolerance={"failures": 1}) for n in range(6)]
    lost = [result(one, Reading.BAD, NOW, cause="servfail") for one in many]
    service.record(lost, NOW)
    assert published() == [("monitors.surroundings", "surroundings", SignalState.FIRING)]
    assert service.states() == {"unknown": 6}
    service.record([result(one, Reading.GOOD, NOW + 60) for one in many], NOW + 60)
    assert published()[1:] == [("monitors.surroundings", "surroundings", SignalState.RESOLVED)]


def test_vedette_itself_offline_pages_nobody_for_each_site(house: MemoryPorts) -> None:
    canary = make("example.org", canary=True, tolerance={"failures": 1})
    many = [make(f"site {n}", tolerance={"failures": 1}) for n in range(20)]
    service.record([result(one, Reading.BAD, NOW, cause="unreachable") for one in (canary, *many)], NOW)
    (told,) = signals.after(0, 99)
    assert told.signal.title == "Vedette itself is offline: its canary fails."


def test_children_of_what_is_down_are_unknown_and_it_alone_is_told(house: MemoryPorts) -> None:
    router = make("router", tolerance={"failures": 1})
    child = make("site", tolerance={"failures": 1}, parents=[router.id])
    service.record([result(child, Reading.BAD, NOW + 1)], NOW + 1)
    service.record([result(router, Reading.GOOD, NOW)], NOW)
    service.record([result(child, Reading.GOOD, NOW + 2)], NOW + 2)
    before = published()
    service.record([result(child, Reading.BAD, NOW + 60)], NOW + 60)
    assert published() == before, "the router is looked at first"
    service.record([result(router, Reading.BAD, NOW + 61), result(child, Reading.BAD, NOW + 62)], NOW + 62)
    assert published()[len(before) :] == [("monitor.down", "router", SignalState.FIRING)]
    assert service.watched([child])[0].known.standing.reason == "router is down, on which it depends."


def test_a_maintenance_is_quiet_and_what_changed_is_told_after_it(house: MemoryPorts) -> None:
    window = msgspec.to_builtins(Once(starts=NOW + 90, ends=NOW + 400))
    one = make("Shop", tolerance={"failures": 1}, maintenance=[window])
    check(one, Reading.GOOD, Reading.GOOD, *[Reading.BAD] * 5)
    assert published() == []
    check(one, Reading.BAD, at=NOW + 420)
    assert published() == [("monitor.down", "shop", SignalState.FIRING)]


def test_locations_agree_before_it_is_down(house: MemoryPorts) -> None:
    for name in ("ams", "fra"):
        locations.add(SYSTEM, name, name, NOW)
    one = make("Shop", tolerance={"failures": 1}, agree=2, locations=["ams", "fra"])
    service.record([result(one, Reading.GOOD, NOW, location="ams")], NOW)
    service.record([result(one, Reading.GOOD, NOW, location="fra")], NOW)
    service.record([result(one, Reading.BAD, NOW + 60, location="ams")], NOW + 60)
    assert published() == []
    service.record([result(one, Reading.BAD, NOW + 61, location="fra")], NOW + 61)
    assert published() == [("monitor.down", "shop", SignalState.FIRING)]


def test_slow_and_certificates_are_told_once(house: MemoryPorts) -> None:
    one = make("Shop", slow=200, tolerance={"slow": 2})
    ends = NOW + 5 * 86_400
    for minute in range(6):
        at = NOW + minute * 60
        service.record([result(one, Reading.GOOD, at, ms=400.0, expires=ends)], at)
    assert [kind for kind, _, _ in published()] == ["monitor.certificate", "monitor.degraded"]
    assert service.watched([one])[0].known.standing.state is State.DEGRADED


def test_evidence_is_kept_of_the_first_failures_alone(house: MemoryPorts) -> None:
    one = make("Shop")
    for minute in range(10):
        at = NOW + minute * 60
        service.record([result(one, Reading.BAD, at, evidence=b'{"status": 503}', phases={"dns": 1.0})], at)
    kept = service.evidence(one, ALL)
    assert len(kept) == 3
    assert (kept[-1].evidence, kept[-1].outcome.sentence) == (b'{"status": 503}', "Nobody listens there.")


def test_hours_that_are_over_are_packed_and_say_the_same(house: MemoryPorts) -> None:
    one = make("Shop")
    hour = NOW - NOW % HOUR
    for minute in range(120):
        reading = Reading.BAD if minute % 20 == 0 else Reading.GOOD
        service.record(
            [result(one, reading, hour + minute * 60, ms=10.0 + minute, phases={"dns": 2.0})],
            hour + minute * 60,
        )
    before = [(t.readings, t.ms) for t in tallies(one.id, hour, hour + 2 * HOUR, 600)]
    singles = service.checks(one, Span(hour, hour + 2 * HOUR))
    assert len(singles) == 120
    assert service.pack(hour + HOUR) == 0, "the hour is not long over"
    while service.pack(hour + 3 * HOUR):
        pass
    assert sql.query("SELECT count(*) FROM monitors_result") == [(0,)]
    assert [(t.readings, t.ms) for t in tallies(one.id, hour, hour + 2 * HOUR, 600)] == before
    assert service.checks(one, Span(hour, hour + 2 * HOUR)) == singles
    whole = tallying.merged(tallies(one.id, hour, hour + 2 * HOUR, HOUR))
    assert (whole.total, whole.of(Reading.BAD)) == (120, 6)
    late = result(one, Reading.GOOD, hour + 30, ms=9.0)
    service.record([late], hour + 4 * HOUR)
    assert service.pack(hour + 4 * HOUR) == 1
    assert tallies(one.id, hour, hour + HOUR, HOUR)[0].total == 61
    assert len(service.checks(one, Span(hour, hour + HOUR))) == 61


def test_minutes_and_hours_are_kept_for_their_time(house: MemoryPorts) -> None:
    one = make("Shop")
    check(one, Reading.GOOD)
    while service.pack(NOW + 2 * HOUR):
        pass
    assert service.drop_old(NOW + 50 * HOUR) == 1
    assert (
        tallies(one.id, NOW - HOUR, NOW + HOUR, HOUR)[0].total
        + tallies(one.id, NOW - HOUR, NOW + HOUR, HOUR)[1].total
        == 1
    )
    assert service.drop_old(NOW + 402 * 24 * HOUR) == 1
    assert sql.query("SELECT count(*) FROM monitors_day") == [(1,)]


def test_series_are_in_the_catalogue(house: MemoryPorts) -> None:
    one = make("Shop")
    check(one, Reading.GOOD, Reading.BAD, Reading.GOOD)
    counted = signals.catalogue()["monitors.checks"]
    labels = {"monitor": str(one.id)}
    assert sum(counted.read(labels, NOW, NOW + 600, 60)) == 3
    assert sum(counted.read({**labels, "reading": "bad"}, NOW, NOW + 600, 60)) == 1
    lasted = signals.catalogue()["monitors.duration"].read({**labels, "quantile": "p50"}, NOW, NOW + 600, 600)
    assert lasted[0] == pytest.approx(12.5, rel=0.02)


def test_a_budget_follows_its_objective(house: MemoryPorts) -> None:
    one = make("Shop", tolerance={"failures": 1}, objective={"target": 0.99, "days": 1})
    end = check(one, Reading.GOOD, Reading.BAD, Reading.BAD, Reading.GOOD)
    left = service.budget(one, end)
    assert left is not None
    assert (left.allowed, left.spent) == (pytest.approx(864), 120)
    assert service.budget(make("none"), end) is None


def test_paused_and_removed_monitors_are_heard_of_no_more_and_what_was_told_is_over(
    house: MemoryPorts,
) -> None:
    one = make("Shop", tolerance={"failures": 1})
    check(one, Reading.BAD)
    paused = service.pause(SYSTEM, one, NOW + 1, paused=True)
    assert service.pause(SYSTEM, paused, NOW + 2, paused=True) is paused
    check(one, Reading.BAD, at=NOW + 60)
    assert published() == [
        ("monitor.down", "shop", SignalState.FIRING),
        ("monitor.down", "shop", SignalState.RESOLVED),
    ]
    assert service.watched([paused])[0].known.standing.told is Told.NOTHING
    check(service.pause(SYSTEM, paused, NOW + 90, paused=False), Reading.BAD, at=NOW + 120)
    service.remove(SYSTEM, one, NOW + 180)
    assert [state for _, _, state in published()[2:]] == [SignalState.FIRING, SignalState.RESOLVED]
    assert service.record([result(one, Reading.BAD, NOW + 240)], NOW + 240) == {}
    tables = ("monitor", "standing", "change", "result", "minutes", "hour", "day")
    assert [sql.query(f"SELECT count(*) FROM monitors_{name}")[0][0] for name in tables] == [0] * 7  # noqa: S608
    actions = [entry.action for entry in accounts.audit_page(action="monitor.").entries]
    assert actions == ["monitor.remove", "monitor.resume", "monitor.pause", "monitor.create"]


def test_a_projects_monitors_go_with_it(house: MemoryPorts, shop: Project) -> None:
    draft = MonitorDraft(name="API", kind="http", config=Config(request=SITE))
    service.create(SYSTEM, shop.id, draft, NOW)
    projects.delete_project(SYSTEM, shop.id, "shop", NOW)
    assert service.every() == ()


def test_secrets_are_sealed_and_stay_until_others_come(house: MemoryPorts) -> None:
    draft = MonitorDraft(
        name="API", kind="http", config=Config(request=SITE), secrets={"password": "hunter2"}
    )
    one = service.create(SYSTEM, 0, draft, NOW)
    (row,) = sql.query("SELECT secrets, config FROM monitors_monitor")
    assert "hunter2" not in repr(row)
    changed = service.update(
        SYSTEM, one, MonitorDraft(name="API 2", kind="tcp", config=Config(request=SITE)), NOW
    )
    assert (changed.name, changed.kind, service.secrets(changed)) == (
        "API 2",
        "http",
        {"password": "hunter2"},
    )
    service.update(SYSTEM, one, msgspec.structs.replace(draft, secrets={}), NOW)
    assert service.secrets(one) == {}


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("name", MonitorDraft(name=" ", kind="http", config=Config(request=SITE))),
        ("kind", MonitorDraft(name="a", kind="HTTP!", config=Config())),
        ("slug", MonitorDraft(name="a", kind="http", slug="17", config=Config(request=SITE))),
        ("interval", MonitorDraft(name="a", kind="http", config=Config(request=SITE, interval=1))),
        ("interval", MonitorDraft(name="a", kind="http", config=Config(request=SITE, interval=float("nan")))),
        ("tolerance", MonitorDraft(name="a", kind="http", config=Config(request=SITE, tolerance=Tolerance(failures=0)))),
        ("maintenance", MonitorDraft(name="a", kind="http", config=Config(request=SITE, maintenance=(Once(starts=2, ends=1),)))),
        ("objective", MonitorDraft(name="a", kind="http", config=Config(request=SITE, objective=Objective(target=2)))),
        ("parents", MonitorDraft(name="a", kind="http", config=Config(request=SITE, parents=(99,)))),
        ("request", MonitorDraft(name="a", kind="http", config=Config(request=msgspec.Raw(b'"' + b"x" * 70_000 + b'"')))),
        ("rhythm", MonitorDraft(name="a", kind="heartbeat", config=Config())),
        ("secrets", MonitorDraft(name="a", kind="http", config=Config(request=SITE), secrets={str(n): "" for n in range(99)})),
    ],
)  # fmt: skip
def test_what_is_not_fit_is_refused_by_field(house: MemoryPorts, field: str, draft: MonitorDraft) -> None:
    with pytest.raises(Invalid) as refused:
        service.create(SYSTEM, 0, draft, NOW)
    assert list(refused.value.fields) == [field]


def test_nothing_depends_on_itself_by_way_of_others(house: MemoryPorts) -> None:
    a = make("a")
    b = make("b", parents=[a.id])
    with pytest.raises(Invalid, match="depend on itself"):
        service.update(
            SYSTEM, a, MonitorDraft(name="a", kind="http", config=Config(request=SITE, parents=(b.id,))), NOW
        )
    service.remove(SYSTEM, a, NOW)
    assert service.find("b").config.parents == ()


def test_a_project_goes_with_its_monitors_in_a_few_statements(
    house: MemoryPorts, shop: Project, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    going = [
        service.create(
            SYSTEM, shop.id, MonitorDraft(name=f"shop {n}", kind="http", config=Config(request=SITE)), NOW
        )
        for n in range(60)
    ]
    check(going[0], Reading.BAD, Reading.BAD)
    stays = make("stays")
    child = make("child", parents=[going[0].id, stays.id, going[59].id])
    with django_assert_max_num_queries(20):
        keeping.forget_project(shop.id)
    assert [one.name for one in service.every()] == ["child", "stays"]
    assert service.find(child.slug).config.parents == (stays.id,)
    for table in ("standing", "change", "result"):
        assert sql.query(f"SELECT count(*) FROM monitors_{table} WHERE monitor = {going[0].id}") == [(0,)]  # noqa: S608


def test_monitors_are_found_by_id_and_by_a_slug_that_one_has(house: MemoryPorts, shop: Project) -> None:
    one = make("API")
    assert service.find("api") == service.find(str(one.id)) == one
    service.create(SYSTEM, shop.id, MonitorDraft(name="API", kind="http", config=Config(request=SITE)), NOW)
    with pytest.raises(NotFound, match="2 monitors are called api"):
        service.find("api")
    with pytest.raises(NotFound, match="no monitor"):
        service.find("nothing")
    assert make("API").slug == "api-2"
    with pytest.raises(Conflict, match="already"):
        service.create(
            SYSTEM, 0, MonitorDraft(name="x", slug="api", kind="http", config=Config(request=SITE)), NOW
        )


def test_pages_of_monitors_go_on_where_they_ended(house: MemoryPorts) -> None:
    made = [make(f"site {n}").slug for n in range(7)]
    seen, cursor = [], None
    while True:
        found, cursor = service.page(cursor, 3)
        seen += [one.monitor.slug for one in found]
        if cursor is None:
            break
    assert seen == sorted(made)


def test_a_viewer_watches_and_changes_nothing(house: MemoryPorts) -> None:
    viewer = Actor(kind=ActorKind.USER, id=7, name="v", role=Role.VIEWER)
    one = make("API")
    draft = MonitorDraft(name="x", kind="http", config=Config(request=SITE))
    for act in (
        lambda: service.create(viewer, 0, draft, NOW),
        lambda: service.update(viewer, one, draft, NOW),
        lambda: service.pause(viewer, one, NOW, paused=True),
        lambda: service.remove(viewer, one, NOW),
    ):
        with pytest.raises(Forbidden):
            act()
