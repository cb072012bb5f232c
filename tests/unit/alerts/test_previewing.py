"""What a rule would have sent: the replay says what life says, within its time, and on the form without a script."""

from collections.abc import Callable
from typing import Protocol

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import previewing, replaying, routing, service, timelines
from vedette.alerts.replaying import Happened
from vedette.alerts.routing import Route
from vedette.alerts.telling import Story
from vedette.alerts.types import Params, Per, Routing, Rule, RuleDraft, Standing
from vedette.core.clock import ManualClock, iso
from vedette.core.errors import Invalid
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.signals.types import Severity, Signal, SignalState

Publish = Callable[..., Signal]
HOUR, DAY = 3_600.0, 86_400.0
BUILT_IN = Routing(tree=Route())


class Events(Protocol):
    """The `events` fixture."""

    def add(self, at: float, issue: str, n: int = 1, project: str = "1") -> None: ...


@pytest.fixture
def mail(ports: MemoryPorts, db: None) -> None:
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "anna@shop.example"}, 1.0)


def run(clock: ManualClock, seconds: float, step: float = 10.0) -> None:
    """Let the alerter take its turns for a while."""
    for _ in range(int(seconds / step)):
        service.process(clock.now())
        clock.forward(step)


def sent() -> list[tuple[float, str]]:
    """Return when what was really sent, oldest first."""
    told = [(each.queued_at, each.title) for each in notify.deliveries(n=100).deliveries]
    return sorted(told)


def foreseen(draft: RuleDraft, now: float) -> list[tuple[float, str]]:
    found = previewing.preview(draft, now, seconds=60.0)
    return [(each.at, each.title) for each in found.notices]


def test_the_replay_of_signals_is_what_was_really_sent(
    mail: None, ports: MemoryPorts, clock: ManualClock, publish: Publish
) -> None:
    draft = RuleDraft(name="Bad", kind="severity", repeat_minutes=30, send_resolved=True)
    service.create_rule(SYSTEM, draft, clock.now())

    def check(name: str, state: SignalState, **changes: object) -> None:
        publish("check", name, room="monitors", state=state, title=f"{name} is down", **changes)

    for minute in range(120):
        if minute in {2, 20}:
            check("shop", SignalState.FIRING)
        if minute == 3:
            check("blog", SignalState.FIRING, severity=Severity.CRITICAL)
        if minute in {10, 90}:
            check("shop", SignalState.RESOLVED)
        if minute == 30:
            check("api", SignalState.FIRING, ends=clock.now() + 300)
        if minute in {40, 41, 42, 43, 44, 45, 46}:
            check("flaky", SignalState.FIRING if minute % 2 else SignalState.RESOLVED)
        if minute == 50:
            publish("issue.new", "SHOP-1")
            publish("issue.new", "SHOP-2", severity=Severity.LOW)
        run(clock, 60)
    real, told = sent(), foreseen(draft, clock.now())
    assert len(real) > 8
    assert [title.partition(", and")[0] for _, title in real] == [title for _, title in told]
    for (at, _), (would, _) in zip(real, told, strict=True):
        assert would <= at <= would + 10, "the alerter looks every ten seconds"


def test_the_replay_of_a_series_is_what_was_really_sent(
    mail: None, ports: MemoryPorts, clock: ManualClock, events: Events
) -> None:
    params = Params(count=5, minutes=5, hold=2)
    draft = RuleDraft(name="Many", kind="threshold", params=params, send_resolved=True)
    service.create_rule(SYSTEM, draft, clock.now())
    for minute in range(60):
        events.add(clock.now(), "SHOP-1", 3 if 5 <= minute < 15 or 30 <= minute < 33 else 0)
        events.add(clock.now(), "SHOP-2", 9 if minute in {20, 50} else 0)
        run(clock, 60)
    real, told = sent(), foreseen(draft, clock.now())
    assert len(real) == len(told) == 8
    for (at, title), (would, said) in zip(real, told, strict=True):
        assert title.partition(":")[0] == said.partition(":")[0]
        assert abs(at - would) <= 60, "series are looked at by the minute"


def test_nothing_is_saved_or_sent(
    mail: None, ports: MemoryPorts, clock: ManualClock, publish: Publish
) -> None:
    publish()
    clock.forward(60)
    found = service.preview(SYSTEM, RuleDraft(name="New", kind="new_issue"), clock.now())
    assert [each.receivers for each in found.notices] == [("Mail",)]
    assert sum(found.values) == 1
    assert found.note == ""
    assert service.rules() == ()
    assert service.firing().alerts + service.past().alerts == ()
    assert sent() == []


def test_whom_it_names_is_whom_it_would_have_told(
    mail: None, ports: MemoryPorts, clock: ManualClock, publish: Publish
) -> None:
    hook = notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)
    publish()
    draft = RuleDraft(name="New", kind="new_issue", channels=(hook.id,), assignee=True)
    (notice,) = service.preview(SYSTEM, draft, clock.now() + 1).notices
    assert notice.receivers == ("Hook", "whoever it is assigned to")


def test_what_is_older_than_two_days_is_looked_at_by_the_hour_and_that_is_said(
    mail: None, ports: MemoryPorts, clock: ManualClock
) -> None:
    draft = RuleDraft(name="Many", kind="threshold", params=Params(per=Per.ALL))
    found = service.preview(SYSTEM, draft, clock.now())
    assert found.note.startswith("Before the last two days it is counted by the hour")
    assert len(found.values) == 120


def test_a_wrong_rule_is_not_previewed(ports: MemoryPorts, db: None) -> None:
    with pytest.raises(Invalid):
        service.preview(SYSTEM, RuleDraft(name="r", kind="threshold", params=Params(minutes=0)), 1.0)


@pytest.mark.parametrize("kind", ["threshold", "rate_of_change", "ratio", "absence", "new_value"])
def test_every_kind_has_a_preview(kind: str, mail: None, clock: ManualClock, events: Events) -> None:
    for day in range(20):
        events.add(clock.now() - day * DAY, "SHOP-1", 40)
    params = Params(label="issue", minutes=60, count=10, factor=0.5)
    found = previewing.preview(RuleDraft(name="r", kind=kind, params=params), clock.now() + 120, seconds=60.0)
    assert found.notices
    assert sum(found.values) == 800


Step = tuple[float, str, SignalState]


def story(name: str, state: SignalState, at: float) -> Story:
    seen = Standing(state=state, severity=Severity.HIGH, change=0, starts=at)
    return Story(
        labels={"alertname": "check", "subject": name}, annotations={}, seen=seen, title=name, text="", link="/",
        subject=name, project=None,
    )  # fmt: skip


@given(
    st.lists(
        st.tuples(st.floats(0, 4_000), st.sampled_from("abc"), st.sampled_from(SignalState)), max_size=40
    )
)
def test_a_replay_never_speaks_before_something_happened_and_in_order(steps: list[Step]) -> None:
    at, happened = 0.0, []
    for seconds, name, state in steps:
        at += seconds
        happened.append(Happened(at, story(name, state, at), "why."))
    rule = Rule(id=0, name="r", kind="severity", send_resolved=True)
    notices, reached = replaying.replay(rule, happened, BUILT_IN, at + DAY, lambda: True)
    assert reached == at + DAY
    instants = [each.at for each in notices]
    assert instants == sorted(instants)
    spoken = [each.at for each in happened if each.story.seen.state is not SignalState.RESOLVED]
    assert all(spoken and each >= spoken[0] for each in instants)
    assert {each.destination.key for each in notices} <= {each.key for each in routing.every(BUILT_IN.tree)}


def test_a_replay_stops_when_its_time_is_up_and_says_how_far_it_came() -> None:
    happened = [Happened(float(n), story(f"s{n}", SignalState.INFO, float(n)), "why.") for n in range(1_000)]
    left = iter([True, True, False])
    rule = Rule(id=0, name="r", kind="severity")
    _, reached = replaying.replay(rule, happened, BUILT_IN, 2_000.0, lambda: next(left))
    assert reached == 128.0


@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=20),
    st.lists(st.integers(0, 50), min_size=1, max_size=60),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_line_of_sums_loses_nothing(hours: list[int], minutes: list[int], one: float, other: float) -> None:
    edge = len(hours) * HOUR
    end = edge + len(minutes) * 60
    line = timelines.sums([(0.0, HOUR, hours), (edge, 60.0, minutes)])
    assert line.between(-5, end + 5) == sum(hours) + sum(minutes)
    assert line.between(edge, end) == sum(minutes)
    assert line.between(0, HOUR) == hours[0]
    early, late = sorted((one * end, other * end))
    assert line.between(early, late) >= 0
    assert (
        abs(
            line.between(0, early)
            + line.between(early, late)
            + line.between(late, end)
            - line.between(0, end)
        )
        < 0.01
    )


FORM = {
    "name": "New ones", "kind": "new_issue", "count": "50", "minutes": "10", "per": "project", "least": "high",
    "project": "", "severity": "", "repeat_minutes": "30", "enabled": "on", "preview": "1",
}  # fmt: skip


def test_the_form_shows_what_it_would_have_sent_and_keeps_what_was_typed(
    web: Client, mail: None, clock: ManualClock, publish: Publish
) -> None:
    shop = projects.create_project(SYSTEM, "Shop", "python", clock.now())
    publish("issue.new", "SHOP-1", title="Error <1>", project=shop.id)
    clock.forward(60)
    answer = web.post("/settings/rules/new/", FORM)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "It would have sent 1 notice on 1 day, to Mail." in page
    assert "Error &lt;1&gt;" in page
    assert "To Mail: A new issue. Nobody was told yet." in page
    assert 'value="New ones"' in page
    assert '<svg class="flags"' in page, "the notice is a line in the chart"
    assert service.rules() == ()
    rule = service.create_rule(SYSTEM, RuleDraft(name="r", kind="regression"), 1.0)
    page = web.post(f"/settings/rules/{rule.id}/", {**FORM, "kind": "regression"}).content.decode()
    assert "It would have sent nothing." in page
    assert web.post("/settings/rules/new/", {**FORM, "minutes": "0"}).status_code == 422
    series = web.post("/settings/rules/new/", {**FORM, "kind": "burn_rate", "good": ""})
    assert series.status_code == 422
    assert "There is no series" in series.content.decode()


def test_a_preview_by_rest(
    web: Client, reader: Client, mail: None, clock: ManualClock, publish: Publish
) -> None:
    publish()
    at = clock.now()
    clock.forward(60)
    wanted = {"name": "r", "kind": "new_issue"}
    answer = web.post("/api/v1/rules/preview", wanted, content_type="application/json")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["notices"] == [
        {"at": iso(at), "receivers": ["Mail"], "title": "Error in SHOP-1", "alerts": 1, "code": "first",
         "reason": "A new issue. Nobody was told yet."}
    ]  # fmt: skip
    assert len(body["values"]) * body["step"] == 30 * DAY
    assert reader.post("/api/v1/rules/preview", wanted, content_type="application/json").status_code == 403


def test_what_takes_too_long_ends_and_says_how_far_it_looked(
    mail: None, clock: ManualClock, events: Events
) -> None:
    events.add(clock.now(), "SHOP-1", 900)
    draft = RuleDraft(name="r", kind="threshold")
    found = previewing.preview(draft, clock.now() + 60, seconds=0.0)
    assert found.notices == ()
    assert "Time was up: the 0 busiest of 1 were looked at." in found.note


def test_signals_beyond_what_is_looked_at_are_said(
    mail: None, clock: ManualClock, publish: Publish, db: None
) -> None:
    many = [publish() for _ in range(3)]
    signals.publish(many * (signals.MOST_AT_ONCE // 3), clock.now())
    found = previewing.preview(RuleDraft(name="r", kind="new_issue"), clock.now() + 60, seconds=60.0)
    assert "Signals are looked at from" in found.note


def test_notices_are_lines_in_the_charts_that_show_events(
    web: Client, mail: None, clock: ManualClock, publish: Publish
) -> None:
    service.ensure_default_rules(clock.now())
    publish("issue.new", "SHOP-1", title="Broken")
    service.process(clock.now())
    (mark,) = service.marks(clock.now() - 60, clock.now() + 60)
    assert (mark.at, mark.text, mark.tone, mark.note) == (0.5, "alert", "crit", "Told Mail: Broken")
    assert service.marks(clock.now() + 1, clock.now() + 60) == ()
    clock.forward(60)
    assert "Told Mail: Broken" in web.get("/").content.decode()
