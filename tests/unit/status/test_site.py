"""What stands in memory when a page, or everything, cannot be drawn."""

import dataclasses
from collections.abc import Mapping

import pytest
from django.db import connection
from tests.unit.status.conftest import NOW, draft

from vedette.accounts.permissions import SYSTEM
from vedette.core.errors import Invalid
from vedette.core.settings import Settings
from vedette.monitors.types import Monitor
from vedette.plumbing.ports import install
from vedette.plumbing.testing import MemoryPorts
from vedette.status import service
from vedette.status.answers import Body
from vedette.status.site import PATIENCE, Site
from vedette.status.types import ShownPage, StatusPage
from vedette.status.views.public import render


class Pen:
    """Draws pages, but not those of the slugs that are broken."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.told: list[tuple[str, str]] = []
        self.site = Site(self.draw, lambda slug, error: self.told.append((slug, type(error).__name__)))

    def draw(self, shown: ShownPage) -> Mapping[str, Body]:
        if shown.page.slug in self.broken:
            raise ZeroDivisionError
        return render(shown)

    def text(self, slug: str) -> str:
        found = self.site.find(slug)
        return "" if found is None else found.answers[""].text


@pytest.fixture
def pen(page: StatusPage) -> Pen:
    return Pen()


def test_a_page_that_cannot_be_drawn_stops_no_other(pen: Pen, page: StatusPage, checkout: Monitor) -> None:
    pen.broken = {"shop"}
    service.create(SYSTEM, draft(checkout, slug="other", title="Other"), NOW)
    assert pen.site.refresh(NOW) == 1
    assert (pen.text("shop"), pen.told) == ("", [("shop", "ZeroDivisionError")])
    assert "Other" in pen.text("other")
    pen.site.refresh(NOW + 1)
    assert len(pen.told) == 1, "it is not tried with every look"
    pen.broken = set()
    assert not pen.site.due(NOW + 1)
    assert pen.site.due(NOW + PATIENCE)
    assert pen.site.refresh(NOW + PATIENCE) == 1
    assert "Tidemark" in pen.text("shop")


def test_what_was_drawn_stays_while_everybody_may_see_it(
    pen: Pen, page: StatusPage, checkout: Monitor
) -> None:
    pen.site.refresh(NOW)
    pen.broken = {"shop"}
    service.update(SYSTEM, page, draft(checkout, title="Other"), NOW + 1)
    pen.site.refresh(NOW + 1)
    assert "Tidemark" in pen.text("shop")
    service.update(SYSTEM, page, draft(checkout, password="open sesame"), NOW + 2)
    pen.site.refresh(NOW + 2)
    assert pen.site.find("shop") is None, "it would stand open"


def test_what_asks_for_a_password_now_goes_also_when_no_monitor_can_be_read(
    pen: Pen, page: StatusPage, checkout: Monitor
) -> None:
    own = draft(checkout, domain="status.shop.example")
    service.update(SYSTEM, page, own, NOW)
    service.create(SYSTEM, draft(checkout, slug="other", title="Other"), NOW)
    pen.site.refresh(NOW)
    service.update(SYSTEM, page, draft(checkout, domain="status.shop.example", password="open sesame"), NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE monitors_monitor RENAME TO monitors_gone")
    with pytest.raises(Exception, match="no such table"):
        pen.site.refresh(NOW + 1)
    assert (pen.site.find("shop"), dict(pen.site.hosts)) == (None, {})
    assert "Other" in pen.text("other")


def test_a_page_that_is_switched_off_goes(pen: Pen, page: StatusPage, checkout: Monitor) -> None:
    pen.site.refresh(NOW)
    service.update(SYSTEM, page, draft(checkout, enabled=False), NOW + 1)
    pen.broken = {"shop"}
    pen.site.refresh(NOW + 1)
    assert pen.site.find("shop") is None
    pen.broken = set()
    pen.site.refresh(NOW + 1 + PATIENCE)
    found = pen.site.find("shop")
    assert found is not None
    assert all(path.startswith("=") for path in found.answers), "nothing but what is said to who leaves"


def test_the_host_of_vedette_is_never_that_of_a_page(
    pen: Pen, page: StatusPage, checkout: Monitor, house: MemoryPorts
) -> None:
    made = service.update(SYSTEM, page, draft(checkout, domain="status.shop.example"), NOW)
    pen.site.refresh(NOW)
    assert set(pen.site.hosts) == {"status.shop.example"}
    moved = Settings(base_url="https://status.shop.example")
    install(dataclasses.replace(house, settings=moved))
    pen.site.refresh(NOW + 60)
    assert not pen.site.hosts
    assert service.url(made) == "https://status.shop.example/s/shop/"
    with pytest.raises(Invalid) as refused:
        service.update(SYSTEM, made, draft(checkout, domain="STATUS.shop.example"), NOW)
    assert set(refused.value.fields) == {"domain"}
