"""The forms and lists on which status pages are kept."""

import html
import re
from html.parser import HTMLParser

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from tests.unit.status.conftest import NOW, draft

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.core.errors import Forbidden, NotFound
from vedette.monitors.types import Monitor
from vedette.plumbing.testing import MemoryPorts
from vedette.status import service
from vedette.status.models import IncidentRow, SubscriberRow
from vedette.status.types import StatusPage

NEW = "/status-pages/new/"


def filled(monitor: Monitor, **more: str) -> dict[str, str]:
    """Return the form of a page with one component, as a browser posts it."""
    rows = {"c-TOTAL_FORMS": "1", "c-INITIAL_FORMS": "0", "c-0-monitor": monitor.slug, "c-0-name": "Checkout"}
    return {"title": "Tidemark", "slug": "shop", "enabled": "on", **rows, **more}


class Buttons(HTMLParser):
    """The values of the buttons that send a form, in their order; Enter presses the first."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str | None] = []
        self.feed(page.partition('<form class="card"')[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "button" and told.get("type") == "submit":
            self.found.append(told.get("value"))


@pytest.mark.parametrize("more", [{"act": "more"}, {"title": ""}, {"domain": "no host"}])
def test_a_password_that_was_typed_is_never_lost_silently(
    web: Client, checkout: Monitor, more: dict[str, str]
) -> None:
    again = web.post(NEW, filled(checkout, password="open sesame", **more))
    text = again.content.decode()
    assert "Type the password again" in text
    assert "open sesame" not in text
    hidden = re.search(r'<input type="hidden" name="typed" value="([^"]+)"', text)
    assert hidden
    without = web.post(NEW, filled(checkout, typed=hidden[1]))
    assert (without.status_code, "Type the password again" in without.content.decode()) == (422, True)
    with pytest.raises(NotFound):
        service.page("shop")
    assert web.post(NEW, filled(checkout, typed=hidden[1], password="open sesame")).status_code == 302
    assert service.page("shop").stamp


def test_a_password_may_be_given_up_in_so_many_words(web: Client, checkout: Monitor) -> None:
    assert web.post(NEW, filled(checkout, typed="on", public="on")).status_code == 302
    assert not service.page("shop").stamp


def test_enter_saves(web: Client) -> None:
    buttons = Buttons(web.get(NEW).content.decode()).found
    assert (buttons[0], "more" in buttons) == (None, True)


def test_more_rows_keep_what_was_filled_in(web: Client, checkout: Monitor) -> None:
    text = web.post(NEW, filled(checkout, act="more")).content.decode()
    assert 'name="c-4-name"' in text
    assert 'value="Checkout"' in text
    assert "Type the password again" not in text


@pytest.mark.parametrize("name", ["", "  "])
def test_a_component_needs_a_public_name(web: Client, page: StatusPage, checkout: Monitor, name: str) -> None:
    answer = web.post("/status-pages/shop/edit/", filled(checkout, **{"c-0-name": name}))
    assert answer.status_code == 422
    assert 'id="id_c-0-name_error"' in answer.content.decode()
    body = {"title": "x", "components": [{"monitor": str(checkout.id), "name": name}]}
    told = web.put("/api/v1/status-pages/shop", body, content_type="application/json")
    assert (told.status_code, "components" in told.content.decode()) == (422, True)
    assert service.page("shop").components[0].name == "Checkout"


def test_a_domain_is_chosen_by_administrators_alone(house: MemoryPorts, checkout: Monitor) -> None:
    ann = Actor(kind=ActorKind.USER, id=1, name="Ann", role=Role.MEMBER)
    own = draft(checkout, domain="status.shop.example")
    with pytest.raises(Forbidden):
        service.create(ann, own, NOW)
    made = service.create(SYSTEM, own, NOW)
    renamed = service.update(ann, made, draft(checkout, domain="Status.shop.example", title="Other"), NOW)
    assert (renamed.title, renamed.domain) == ("Other", "status.shop.example")
    for domain in ("", "other.example"):
        with pytest.raises(Forbidden):
            service.update(ann, renamed, draft(checkout, domain=domain), NOW)


def test_the_form_keeps_the_domain_from_who_may_not_choose_it(house: MemoryPorts, checkout: Monitor) -> None:
    service.create(SYSTEM, draft(checkout, domain="status.shop.example"), NOW)
    web = Client()
    web.force_login(get_user_model().objects.create(name="Ann", email="ann@example.org", role="member"))
    field = re.search(r'<input[^>]*name="domain"[^>]*>', web.get("/status-pages/shop/edit/").content.decode())
    assert field
    assert "disabled" in field[0]
    assert 'value="status.shop.example"' in field[0]
    answer = web.post("/status-pages/shop/edit/", filled(checkout, domain="other.example", title="Other"))
    assert answer.status_code == 302
    assert (service.page("shop").title, service.page("shop").domain) == ("Other", "status.shop.example")


def followed(web: Client, path: str, row: str) -> list[str]:
    """Return the rows of a list, from page to page by the link to the next."""
    found: list[str] = []
    following: str | None = ""
    while following is not None:
        text = web.get(f"{path}{following}").content.decode()
        found += re.findall(row, text)
        link = re.search(r'href="([^"]+)" rel="next"', text)
        following = html.unescape(link[1]) if link else None
    return found


def test_lists_lead_to_their_next_page(web: Client, page: StatusPage) -> None:
    IncidentRow.objects.bulk_create(
        IncidentRow(page=page.id, kind="incident", title=f"No. {n}", impact="none", starts=NOW + n, ends=None)
        for n in range(60)
    )
    SubscriberRow.objects.bulk_create(
        SubscriberRow(
            page=page.id, kind="email", target=f"u{n}@shop.example", mark=f"m{n}", created_at=NOW, asked_at=NOW,
            confirmed_at=NOW, failures=0,
        )
        for n in range(60)
    )  # fmt: skip
    titles = followed(web, "/status-pages/shop/", r">(No\. \d+)<")
    assert titles == [f"No. {n}" for n in reversed(range(60))]
    targets = followed(web, "/status-pages/shop/subscribers/", r"<b>(u\d+@shop\.example)</b>")
    assert targets == [f"u{n}@shop.example" for n in range(60)]


def test_a_component_that_is_named_twice_is_named_once(web: Client, page: StatusPage) -> None:
    number = page.components[0].id
    body = {"title": "x", "text": "x", "components": [number, number]}
    told = web.post("/api/v1/status-pages/shop/incidents", body, content_type="application/json")
    assert (told.status_code, told.json()["components"]) == (201, [number])
    path = f"/api/v1/status-pages/shop/incidents/{told.json()['id']}/updates"
    assert web.post(path, body, content_type="application/json").json()["components"] == [number]
