"""The days that are remembered, and how few queries a list and a page cost."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.unit.status.conftest import NOW, draft

from vedette.accounts.permissions import SYSTEM
from vedette.monitors import service as monitors
from vedette.monitors.models import ChangeRow
from vedette.monitors.types import Monitor, MonitorDraft
from vedette.plumbing.testing import MemoryPorts
from vedette.status import days, service
from vedette.status.gathering import History
from vedette.status.types import DAY, Component, ShownDay, StatusPage

TODAY = days.starts(NOW, 1)[0]


def changed(monitor: int, at: float, state: str) -> None:
    ChangeRow.objects.create(monitor=monitor, at=at, state=state, cause="", reason="")


def down(history: History, monitor: Monitor, now: float = NOW) -> list[float]:
    """Return for how long it was down on each of the last four days."""
    return [one.down for one in history.days([monitor.id], now)[monitor.id][-4:]]


def queries(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as found:
        act()
    return len(found)


@pytest.mark.parametrize("most", [0, 1, 1_000])
def test_a_day_is_remembered_once_it_has_been_over_for_a_day(checkout: Monitor, most: int) -> None:
    history = History(most)
    changed(checkout.id, TODAY - 3 * DAY, "up")
    assert down(history, checkout) == [0, 0, 0, 0]
    changed(checkout.id, TODAY - DAY + 100, "down")  # dated back, into yesterday
    changed(checkout.id, TODAY - DAY + 160, "up")
    assert down(history, checkout) == [0, 0, 60, 0]
    assert down(history, checkout, NOW + DAY) == [0, 60, 0, 0]
    changed(checkout.id, TODAY + 100, "down")
    changed(checkout.id, TODAY + 400, "up")
    assert down(history, checkout, NOW + DAY) == [0, 60, 300, 0]
    assert down(History(), checkout, NOW + DAY) == [0, 60, 300, 0]


def test_what_is_remembered_is_not_read_again(checkout: Monitor) -> None:
    history = History()
    changed(checkout.id, TODAY - 9 * DAY, "up")
    history.days([checkout.id], NOW)
    ChangeRow.objects.filter(at__lt=TODAY - 2 * DAY).update(state="down")
    assert down(history, checkout)[:2] == [0, 0]


def test_a_full_memory_keeps_who_is_asked_for_and_forgets_who_is_not(checkout: Monitor) -> None:
    history, other = History(1), checkout.id + 1
    changed(checkout.id, TODAY - 9 * DAY, "up")
    changed(other, TODAY - 9 * DAY, "up")

    def ups(monitor: int, now: float) -> set[float]:
        found: tuple[ShownDay, ...] = history.days([monitor], now)[monitor]
        return {one.up for one in found[-8:-2]}

    assert (ups(checkout.id, NOW), ups(other, NOW)) == ({DAY}, {DAY})
    ChangeRow.objects.update(state="down")
    assert (ups(checkout.id, NOW), ups(other, NOW)) == ({DAY}, {0.0})
    ups(other, NOW + DAY)  # the first was not asked for on this day yet, and makes room
    ChangeRow.objects.update(state="up")
    assert (ups(checkout.id, NOW + DAY), ups(other, NOW + DAY)) == ({DAY}, {0.0})


@pytest.fixture
def many(house: MemoryPorts, checkout: Monitor) -> list[Monitor]:
    made = [
        monitors.create(
            SYSTEM, 0, MonitorDraft(name=f"m{n}", kind=checkout.kind, config=checkout.config), NOW
        )
        for n in range(4)
    ]
    return [checkout, *made]


def test_a_page_of_many_components_costs_what_one_of_few_does(page: StatusPage, many: list[Monitor]) -> None:
    components = tuple(Component(monitor=one.id, name=one.name) for one in many)
    wide = service.create(SYSTEM, draft(many[0], slug="wide", components=components), NOW)
    few = queries(lambda: service.shown(page, History(), NOW))
    assert queries(lambda: service.shown(wide, History(), NOW)) == few


@pytest.mark.parametrize("path", ["/status-pages/", "/api/v1/status-pages"])
def test_a_list_asks_once_whatever_stands_in_it(
    web: Client, page: StatusPage, many: list[Monitor], path: str
) -> None:
    web.get(path)
    one = queries(lambda: web.get(path))
    for n in range(3):
        service.create(SYSTEM, draft(many[n + 1], slug=f"p{n}"), NOW)
    assert queries(lambda: web.get(path)) <= one
    told = web.get(path).content.decode()
    assert told.count("Nothing is known of Checkout now.") == 4
