"""Templates of what issues say: found once a minute, counted by the hour, told by two kinds of rules, shown on a page."""

from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import patterns, service
from vedette.alerts.detect import hours, templates
from vedette.alerts.store import rules
from vedette.alerts.types import Params, RuleDraft
from vedette.core.clock import ManualClock
from vedette.errors import service as errors
from vedette.errors.types import Spoken
from vedette.plumbing.testing import MemoryPorts

HOUR, DAY = 3_600.0, 86_400.0
Say = Callable[..., None]


@pytest.fixture
def say(ports: MemoryPorts, clock: ManualClock, db: None, monkeypatch: pytest.MonkeyPatch) -> Say:
    """Let project 1 say messages, each with its events, and let the job and the alerter look a minute later."""
    said: list[Spoken] = []
    monkeypatch.setattr(errors, "spoken", lambda _start, _end, _n: tuple(said))

    def say(*messages: tuple[str, int]) -> None:
        said[:] = [Spoken(1, f"SHOP-{n}", text, events) for n, (text, events) in enumerate(messages)]
        clock.forward(60.0)
        service.find_templates(clock.now())
        service.process(clock.now())
        said.clear()

    return say


def test_messages_of_one_statement_are_one_template_and_are_counted(say: Say, clock: ManualClock) -> None:
    say(("payment 17 of 3.50 failed", 4), ("payment 18 of 9.99 failed", 2))
    say(("payment 19 of 1.00 failed", 1))
    (found,) = service.templates()
    assert (found.pattern, found.count) == ("payment <num> of <num> failed", 7)
    assert found.example == "payment 17 of 3.50 failed"
    assert found.last_seen > found.first_seen
    assert hours.between(found.hours, 0, clock.now() + HOUR) == 7


def test_a_look_comes_once_a_minute(say: Say, clock: ManualClock) -> None:
    say(("the first", 1))
    assert patterns.look(clock.now()) == 0
    assert service.templates()[0].count == 1


def test_what_was_never_said_is_told_after_the_first_day(say: Say, clock: ManualClock) -> None:
    service.create_rule(
        SYSTEM, RuleDraft(name="New", kind="new_template", params=Params(minutes=5)), clock.now()
    )
    say(("all is new on the first day", 1))
    say()
    assert not service.firing().alerts
    clock.forward(2 * DAY)
    say(("all is new on the first day", 1), ("disk sda is full", 1))
    say()
    (alert,) = service.firing().alerts
    assert "disk sda is full" in alert.why
    assert alert.link == "/alerts/patterns/"


def test_the_first_day_of_a_source_that_says_more_than_is_kept_ends(
    say: Say, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "MOST_PATTERNS", 3)
    service.create_rule(
        SYSTEM, RuleDraft(name="New", kind="new_template", params=Params(minutes=5)), clock.now()
    )
    for words in ("alpha", "beta one", "gamma one two", "delta one two three", "epsilon one two three four"):
        clock.forward(DAY / 3)
        say((words, 1))
    say()
    assert "epsilon" in service.firing().alerts[0].why


def test_a_project_that_is_gone_leaves_nothing(say: Say, clock: ManualClock) -> None:
    say(("the first", 1))
    service.forget_project(1)
    assert not service.templates()
    assert not rules.mark("patterns.begun.1")


def test_a_burst_is_told(say: Say, clock: ManualClock) -> None:
    params = Params(factor=5, count=50)
    service.create_rule(SYSTEM, RuleDraft(name="Burst", kind="template_burst", params=params), clock.now())
    say(("queue 1 is slow", 48))
    clock.forward(3 * HOUR)
    say(("queue 2 is slow", 40))
    say()
    assert not service.firing().alerts
    say(("queue 3 is slow", 200))
    say()
    (alert,) = service.firing().alerts
    assert alert.text == "queue <num> is slow"


def test_the_page_lists_them_with_an_example(say: Say, clock: ManualClock, reader: Client) -> None:
    empty = reader.get("/alerts/patterns/")
    assert empty.status_code == 200
    assert "No message yet" in empty.content.decode()
    say(("payment <script> 17 failed", 4))
    page = reader.get("/alerts/patterns/").content.decode()
    assert "One new kind of message in the last 24 hours." in page
    assert "payment &lt;script&gt; &lt;num&gt; failed" in page
    assert "4 events" in page


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9)), max_size=60))
def test_the_hours_are_those_of_the_last_week(come: list[tuple[int, int]]) -> None:
    body, last = b"", 0
    counts: dict[int, int] = {}
    for hour, n in come:
        body = hours.add(body, hour * HOUR + 1, n)
        last = max(last, hour)
        counts = {h: c for h, c in counts.items() if h > last - hours.KEPT}
        if hour > last - hours.KEPT:
            counts[hour] = counts.get(hour, 0) + n
    assert hours.between(body, 0, 500 * HOUR) == sum(counts.values())
    assert all(hours.between(body, h * HOUR, (h + 1) * HOUR) == c for h, c in counts.items())
