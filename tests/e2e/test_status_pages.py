"""Status pages of a real server: what visitors see, from the first state to the last mail, and in a browser."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from playwright.sync_api import Browser
from tests.e2e.conftest import Start
from tests.support.browser import SIZES, THEMES, context, watch
from tests.support.ports import free_port
from tests.support.server import Vedette

pytestmark = pytest.mark.xdist_group("status-pages")
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Postbox(Message):
    """A mail server that keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[str] = []

    def handle_message(self, message) -> None:  # type: ignore[no-untyped-def]
        self.mails.append(message.get_payload(decode=True).decode())


@pytest.fixture(scope="module")
def postbox() -> Iterator[tuple[Postbox, int]]:
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture(scope="module")
def server(start_vedette: Start, postbox: tuple[Postbox, int]) -> Vedette:
    mail = {
        "VEDETTE_SMTP_HOST": "127.0.0.1",
        "VEDETTE_SMTP_PORT": str(postbox[1]),
        "VEDETTE_SMTP_TLS": "none",
    }
    made = start_vedette(env=mail)
    rhythm = {"schedule": {"kind": "every", "seconds": 86_400}, "grace": 60}
    status, monitor = made.api("POST", "/monitors", {"name": "db-7.internal", "config": {"rhythm": rhythm}})
    assert status == 201, monitor
    made.api_ping = urlsplit(monitor["ping_url"]).path  # type: ignore[attr-defined]
    for slug, more in (
        ("shop", {}),
        ("inner", {"password": "open sesame"}),
        ("own", {"domain": "status.shop.example"}),
    ):
        page = {
            "title": "Tidemark",
            "components": [{"monitor": str(monitor["id"]), "name": "Checkout", "section": "Shop"}],
            **more,
        }
        status, said = made.api("PUT", f"/status-pages/{slug}", page)
        assert status == 201, said
    made.wait(lambda: made.request("GET", "/s/inner/")[0] == 200)
    return made


def sentence(server: Vedette, path: str = "/s/shop/") -> str:
    return str(json.loads(server.request("GET", f"{path}status.json")[2])["sentence"])


def post(server: Vedette, path: str, **form: str) -> tuple[int, dict[str, str], str]:
    status, headers, body = server.request("POST", path, urlencode(form).encode(), FORM)
    return status, headers, body.decode()


def test_a_state_that_changes_is_seen(server: Vedette) -> None:
    ping = server.api_ping  # type: ignore[attr-defined]
    assert server.request("GET", ping)[0] == 200
    server.wait(lambda: sentence(server) == "All systems work.")
    assert server.request("GET", f"{ping}/fail")[0] == 200
    server.wait(lambda: sentence(server).startswith("Checkout is down since "))
    _, headers, body = server.request("GET", "/s/shop/")
    assert "server-timing" not in headers, "Django has answered"
    page = body.decode()
    assert "Checkout is down since" in page
    assert "db-7" not in page
    assert server.request("GET", ping)[0] == 200
    server.wait(lambda: sentence(server) == "All systems work.")


def test_from_subscribing_to_leaving(server: Vedette, postbox: tuple[Postbox, int]) -> None:
    box, _ = postbox
    status, _, text = post(server, "/s/shop/subscribe/", email="ann@shop.example")
    assert (status, "Confirm it now" in text) == (200, True)
    server.wait(lambda: len(box.mails) == 1)
    found = re.search(r"/s/shop/confirm/\S+", box.mails[0])
    assert found
    assert "Hear of this page?" in server.request("GET", found[0])[2].decode()
    assert post(server, found[0])[0] == 200
    told = {"title": "Payments fail", "text": "We look for the cause.", "impact": "down"}
    status, incident = server.api("POST", "/status-pages/shop/incidents", told)
    assert status == 201, incident
    server.wait(lambda: len(box.mails) == 2)
    assert "Investigating: Payments fail" in box.mails[1]
    server.wait(lambda: "Payments fail" in server.request("GET", "/s/shop/")[2].decode())
    assert "Payments fail" in server.request("GET", "/s/shop/feed.atom")[2].decode()
    left = re.search(r"/s/shop/leave/\S+", box.mails[1])
    assert left
    assert post(server, left[0], **{"List-Unsubscribe": "One-Click"})[0] == 200
    _, page = server.api("GET", "/status-pages/shop")
    assert page["subscribers"] == 0


def test_a_password_and_a_domain_of_its_own(server: Vedette) -> None:
    assert "Checkout" not in server.request("GET", "/s/inner/")[2].decode()
    assert post(server, "/s/inner/", password="a wrong one")[0] == 403
    status, headers, _ = post(server, "/s/inner/", password="open sesame")
    assert status == 303
    cookie = headers["set-cookie"].partition(";")[0]
    assert "Checkout" in server.request("GET", "/s/inner/", headers={"Cookie": cookie})[2].decode()
    host = {"Host": "status.shop.example"}
    assert "Checkout" in server.request("GET", "/", headers=host)[2].decode()
    assert server.request("GET", "/sign-in/", headers=host)[0] == 404


@pytest.mark.browser
def test_visitors_pages_in_a_browser_without_script(server: Vedette, browser: Browser) -> None:
    profile = context(browser, 360, script=True)
    seen = watch(profile)
    found: list[str] = []
    for path in ("", "history/", "embed/", "confirm/1.x/"):
        for width in (360, 1280):
            seen.forget()
            seen.page.set_viewport_size(SIZES[width])
            seen.page.goto(f"{server.url}/s/shop/{path}")
            for theme in THEMES:
                seen.page.emulate_media(color_scheme=theme)
                found += [
                    f"{path} {width} {theme} axe: {line}"
                    for line in seen.axe(looks_only=(width, theme) != (360, THEMES[0]))
                ]
            found += [f"{path} {line}" for line in seen.problems()]
            if seen.overflow() > 0:
                found.append(f"{path} {width} px: {seen.overflow()} px too wide")
    profile.close()
    assert found == []
