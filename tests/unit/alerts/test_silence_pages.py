"""The pages of alerts and silences: what fires by place, acknowledge and silence from the row, forms without a script."""

import datetime as dt
import zoneinfo
from collections.abc import Sequence

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.alerting import hush, lead, push, seen

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import governing, matching, processing, recounting, service, silencing
from vedette.alerts.quieting import spans
from vedette.alerts.quieting.spans import Span
from vedette.alerts.silencing import Recurrence, SilenceState
from vedette.alerts.standing_out import Place
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
FORM = {"matchers": 'alertname="disk"', "span": "1h", "comment": "a new disk comes"}
NEW = "/alerts/silences/new/"


def text(web: Client, path: str) -> str:
    answer = web.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def fires(ports: MemoryPorts, clock: ManualClock, db: None) -> int:
    notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)
    lead()
    return push(clock, "disk", cluster="a")


def pass_by(clock: ManualClock, seconds: float) -> None:
    clock.forward(seconds)
    service.process(clock.now())
    notify.deliver_due(clock.now())


def test_what_fires_stands_in_its_place(web: Client, fires: int, clock: ManualClock) -> None:
    page = text(web, "/alerts/?state=open")
    assert "disk fires" in page
    assert f'action="/alerts/{fires}/acknowledge/"' in page
    hush(clock, "alertname=disk")
    assert "disk fires" not in text(web, "/alerts/?state=open")
    silenced = text(web, "/alerts/?state=silenced")
    assert "vedette silenced it until" in silenced
    assert "/acknowledge/" not in silenced
    assert "The one alert that fires needs nobody." in silenced


def test_alerts_told_together_stand_together(web: Client, fires: int, clock: ManualClock) -> None:
    for number in range(12):
        push(clock, f"page{number:02}", cluster="a")
    push(clock, "lonely", cluster="b")
    page = text(web, "/alerts/?state=open")
    assert "<b>13 together</b>" in page
    assert "cluster=a" in page
    assert "and 3 more of this group" in page
    found = service.listing(clock.now()).bundles
    (group,) = service.named([each for bundles in found.values() for each in bundles if len(each.alerts) > 1])
    number = group.group
    whole = text(web, f"/alerts/?state=open&group={number}")
    assert whole.count('<li id="a') == 13
    assert 'aria-label="Silence: lonely fires"' not in whole


def test_acknowledge_from_the_row_and_take_it_back(
    web: Client, reader: Client, fires: int, clock: ManualClock
) -> None:
    answer = web.post(f"/alerts/{fires}/acknowledge/", {"next": "/alerts/?state=open"})
    assert answer["Location"] == "/alerts/?state=open"
    assert "test takes care of it" in text(web, "/alerts/?state=acknowledged")
    page = text(web, f"/alerts/{fires}/")
    assert "It fires, and test takes care of it" in page
    assert (
        web.post(f"/alerts/{fires}/unacknowledge/", {"next": "//evil.example/"})["Location"]
        == f"/alerts/{fires}/"
    )
    assert governing.alert_of(fires).acked_at is None
    assert reader.post(f"/alerts/{fires}/acknowledge/").status_code == 403
    push(clock, "disk", over=True, cluster="a")
    page = web.post(f"/alerts/{fires}/acknowledge/", follow=True).content.decode()
    assert "It is over already" in page


def test_many_groups_are_shown_in_part_and_counted(web: Client, fires: int, clock: ManualClock) -> None:
    processing.push([seen(clock, f"page{n:02}", cluster=f"c{n}") for n in range(30)], clock.now())
    page = text(web, "/alerts/?state=open")
    assert page.count("/acknowledge/") == 20
    assert "and 11 more groups" in page
    assert '>Open <span class="dim">31</span>' in page
    (group,) = service.named(service.listing(clock.now()).bundles[Place.OPEN][-1:])
    alone = text(web, f"/alerts/?state=open&group={group.group}")
    assert (alone.count("/acknowledge/"), "more groups" in alone) == (1, False)


def test_more_than_are_looked_at_are_counted_where_they_can_be(
    web: Client, fires: int, clock: ManualClock
) -> None:
    processing.push([seen(clock, f"page{n:03}", cluster=f"c{n}") for n in range(310)], clock.now())
    page = text(web, "/alerts/?state=open")
    assert "and 310 more fire" in page
    assert "and at least 280 more groups" in page
    assert ">Open</a>" in page, "of the worst three hundred nobody knows the share"
    assert len(recounting.firing_that_match(matching.parse('alertname=~"page.+"'))) == 310


def test_an_alert_shows_its_whole_way(web: Client, reader: Client, fires: int, clock: ManualClock) -> None:
    pass_by(clock, 30)
    page = text(web, f"/alerts/{fires}/")
    for part in (
        "It fires; told to Hook.",
        "Takes it",
        "team=&quot;db&quot; does not hold",
        "Knows",
        "Sent",
        "HTTP 204",
    ):
        assert part in page, part
    assert "/acknowledge/" not in text(reader, f"/alerts/{fires}/")
    assert web.get("/alerts/999/").status_code == 404


def test_a_silence_is_filled_in_from_an_alert_and_counts_what_it_means(
    web: Client, fires: int, clock: ManualClock
) -> None:
    page = text(web, f"{NEW}?alert={fires}&span=4h")
    assert "alertname=&quot;disk&quot;,\ncluster=&quot;a&quot;" in page
    assert "1 alert that fires now" in page
    assert '<option value="4h" selected>' in page
    assert "No alert that fires now would be silenced" in text(
        web, "/alerts/silences/count/?matchers=alertname%3Dno"
    )
    assert "A label&#x27;s name is missing" in text(web, "/alerts/silences/count/?matchers=%3Dno")
    counted = web.post(NEW, {**FORM, "act": "count"})
    assert counted.status_code == 200
    assert "1 alert that fires now" in counted.content.decode()
    assert governing.silences(clock.now()) == ()


def test_a_silence_is_made_changed_and_ended(
    web: Client, reader: Client, fires: int, clock: ManualClock
) -> None:
    assert web.post(NEW, FORM)["Location"] == "/alerts/silences/"
    (made,) = governing.silences(clock.now())
    assert (made.ends - made.starts, made.author) == (3_600.0, "test")
    page = text(web, "/alerts/silences/")
    assert "1 silence holds now." in page
    assert "1 alert fires unheard." in page
    assert "a new disk comes" in page
    web.post(f"/alerts/silences/{made.id}/", {**FORM, "span": "until", "until": "2026-01-01T08:00"})
    (changed,) = governing.silences(clock.now())
    assert (changed.id, changed.ends) == (made.id, dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC).timestamp())
    assert 'value="2026-01-01T08:00"' in text(web, f"/alerts/silences/{made.id}/")
    assert reader.post(f"/alerts/silences/{made.id}/end/").status_code == 403
    assert "The silence is over" in web.post(f"/alerts/silences/{made.id}/end/", follow=True).content.decode()
    assert "over already" in web.post(f"/alerts/silences/{made.id}/end/", follow=True).content.decode()
    assert "Nothing is silenced." in text(reader, "/alerts/silences/")
    assert "It never comes back" in text(web, f"/alerts/silences/{made.id}/")


def test_a_silence_comes_back_every_week_in_the_browsers_zone(
    web: Client, clock: ManualClock, ports: MemoryPorts
) -> None:
    web.cookies["tz"] = "Europe/Berlin"
    assert 'value="Europe/Berlin"' in text(web, NEW)
    weekly = {
        **FORM,
        "span": "weekly",
        "days": ["5", "6"],
        "start": "22:00",
        "minutes": "120",
        "zone": "Europe/Berlin",
    }
    assert web.post(NEW, weekly)["Location"] == "/alerts/silences/"
    (made,) = governing.silences(clock.now())
    assert made.recurrence == Recurrence(days=(5, 6), start="22:00", minutes=120, zone="Europe/Berlin")
    assert silencing.state(made, clock.now()) is SilenceState.PENDING
    assert "Sat, Sun from 22:00 for 2\xa0h (Europe/Berlin)" in text(web, "/alerts/silences/")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"matchers": "disk"}, "comes =, !=, =~ or !~"),
        ({"matchers": 'a=""'}, "at least one must ask for a value"),
        ({"span": "until"}, "Say until when."),
        ({"span": "until", "until": "noon"}, "Write a day and a time"),
        ({"span": "until", "until": "1999-01-01T00:00"}, "It must end after it starts."),
        ({"span": "weekly", "start": "25:00", "minutes": "1", "zone": "Mars"}, "There is no time zone"),
        ({"span": "weekly", "start": "22:00", "minutes": "1", "zone": "UTC"}, "Choose the days"),
    ],
)
def test_what_is_wrong_is_told_beside_its_field(
    web: Client, ports: MemoryPorts, clock: ManualClock, changes: dict[str, str], said: str
) -> None:
    answer = web.post(NEW, {**FORM, **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert governing.silences(clock.now()) == ()


@given(st.floats(1.7e9, 1.9e9))
def test_the_morning_is_the_next_eight_that_is_at_least_four_hours_away(now: float) -> None:
    at = spans.morning(now, BERLIN)
    assert dt.datetime.fromtimestamp(at, BERLIN).time() == dt.time(8)
    assert 3 * 3_600 <= at - now <= 29 * 3_600  # an hour is lost or won where the clock is changed


@pytest.mark.parametrize(
    ("span", "until", "ends"),
    [
        (Span.HOUR, None, 3_600.0),
        (Span.HOURS, 5.0, 4 * 3_600.0),
        (Span.UNTIL, 5.0, 5.0),
        (Span.UNTIL, None, None),
        (Span.WEEKLY, None, spans.FOREVER),
        (Span.MORNING, None, 8 * 3_600.0),
    ],
)
def test_spans(span: Span, until: float | None, ends: float | None) -> None:
    assert spans.end(span, 0.0, until, dt.UTC) == ends


@pytest.mark.parametrize("values", [("a, b",), ('say "no"', "x\\y"), ("1\n2",)])
def test_any_label_survives_from_alert_to_silence(
    web: Client, ports: MemoryPorts, clock: ManualClock, values: Sequence[str]
) -> None:
    number = push(clock, "odd", **{f"l{n}": value for n, value in enumerate(values)})
    page = web.get(f"{NEW}?alert={number}")
    matchers = page.context["form"]["matchers"].value()
    web.post(NEW, {**FORM, "matchers": matchers})
    assert service.why(number, clock.now()).quiet.by == "silence"
