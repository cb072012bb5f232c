"""From the set-up link to the first error somebody is told about, as a browser without JavaScript walks it."""

import re

import msgspec
import pytest
from django.test import Client

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.accounts.store import factors
from vedette.errors import service as errors
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.wire import delivery

from .conftest import NOW

PASSWORD = "a-long-walk-to-the-lighthouse"
PERSON = {"name": "Mira Lind", "email": "mira@tidemark.example", "password": PASSWORD}


@pytest.fixture
def owner(browser: Client) -> Client:
    """Return a browser in which the owner has just been made."""
    browser.post(f"/setup/{accounts.setup_link_token(NOW)}/", PERSON)
    return browser


def digest(ports: MemoryPorts) -> int:
    return errors.digest(ports.log.pull("errors", 10, NOW), NOW)


def test_the_link_makes_the_owner_once_and_signs_them_in(browser: Client) -> None:
    link = f"/setup/{accounts.setup_link_token(NOW)}/"
    assert "Who looks after this Vedette?" in browser.get(link).content.decode()
    done = browser.post(link, PERSON)
    assert (done.status_code, done["Location"]) == (302, "/setup/two-factor/")
    (made,) = accounts.user_refs().values()
    assert (made.email, made.role) == ("mira@tidemark.example", Role.OWNER)
    assert browser.get("/setup/two-factor/").status_code == 200
    again = Client().get(link)
    assert again.status_code == 410
    assert "Vedette is set up already" in again.content.decode()
    assert Client().post(link, {**PERSON, "email": "eve@evil.example"}).status_code == 410
    assert len(accounts.user_refs()) == 1


@pytest.mark.parametrize("path", ["not-a-token", "x" * 300])
def test_a_wrong_link_says_what_to_do(browser: Client, path: str) -> None:
    shown = browser.get(f"/setup/{path}/")
    assert shown.status_code == 410
    assert "vedette up" in shown.content.decode()


def test_an_old_link_is_refused(browser: Client, ports: MemoryPorts) -> None:
    link = f"/setup/{accounts.setup_link_token(NOW)}/"
    ports.clock.forward(86_401)  # type: ignore[attr-defined]
    assert browser.get(link).status_code == 410
    assert browser.post(link, PERSON).status_code == 410
    assert not accounts.has_admin()


@pytest.mark.parametrize(("wrong", "said"), [
    ({"password": "short"}, "12"), ({"password": "password1234"}, "guess"), ({"email": "nobody"}, "email"), ({"name": ""}, "required"),
])  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(browser: Client, wrong: dict[str, str], said: str) -> None:
    link = f"/setup/{accounts.setup_link_token(NOW)}/"
    shown = browser.post(link, {**PERSON, **wrong})
    assert shown.status_code == 422
    assert said in shown.content.decode()
    assert PASSWORD not in shown.content.decode()
    assert not accounts.has_admin()
    assert browser.post(link, PERSON).status_code == 302, "the link still works after a mistake"


def test_an_authenticator_is_enrolled_and_codes_shown_once(owner: Client) -> None:
    page = owner.get("/setup/two-factor/").content.decode()
    me = next(iter(accounts.user_refs()))
    seed = accounts.begin_totp(me).secret
    assert seed in page
    drawn = owner.get("/setup/two-factor/qr.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert b"<svg" in drawn.content
    wrong = owner.post("/setup/two-factor/", {"code": "000000"})
    assert wrong.status_code == 422
    assert "This code is not right" in wrong.content.decode()
    code = factors.code_at(seed, NOW)
    done = owner.post("/setup/two-factor/", {"code": f"{code[:3]} {code[3:]}"}).content.decode()
    codes = accounts.recovery_codes(me)
    assert len(codes) == 10
    assert all(code in done for code in codes)
    again = owner.get("/setup/two-factor/")
    assert (again.status_code, again["Location"]) == (302, "/setup/project/")


def test_the_seed_is_for_its_owner_alone(owner: Client) -> None:
    assert Client().get("/setup/two-factor/qr.svg").status_code in {302, 401}
    assert Client().get("/setup/two-factor/").status_code in {302, 401}


def test_a_project_is_made_and_its_snippet_shown(owner: Client) -> None:
    picker = owner.get("/setup/project/").content.decode()
    assert picker.count('name="platform"') == 14
    done = owner.post("/setup/project/", {"name": "Web shop", "platform": "django"})
    assert (done.status_code, done["Location"]) == (302, "/setup/web-shop/snippet/")
    made = projects.project("web-shop")
    (key,) = projects.keys(made.id)
    page = owner.get("/setup/web-shop/snippet/").content.decode()
    assert page.count(projects.dsn(key, "http://localhost:8700")) >= 3
    assert "Waiting for the first event" in page
    assert '<meta http-equiv="refresh"' in page
    assert f"live:project:{made.id}" in page


@pytest.mark.parametrize(
    "wrong", [{"name": "", "platform": "python"}, {"name": "a", "platform": "cobol"}, {}]
)
def test_a_wrong_project_is_not_made(owner: Client, wrong: dict[str, str]) -> None:
    assert owner.post("/setup/project/", wrong).status_code == 422
    assert projects.projects() == ()


def test_the_test_error_takes_the_way_of_any_event_and_turns_the_page_green(
    owner: Client, ports: MemoryPorts
) -> None:
    owner.post("/setup/project/", {"name": "shop", "platform": "python"})
    sent = owner.post("/setup/shop/test/")
    assert sent["Location"] == "/setup/shop/snippet/?sent=1"
    (message,) = ports.log.pull("errors", 10, NOW)
    assert message.subject == "event"
    carried = delivery.decode(message.body)
    assert carried.project == projects.project("shop").id
    assert msgspec.json.decode(carried.payload)["exception"]["values"][0]["type"] == "TestError"
    assert errors.digest([message], NOW) == 1
    page = owner.get("/setup/shop/snippet/").content.decode()
    found = re.search(r'href="(/issues/[A-Z0-9-]+/)"', page)
    assert "The first event arrived" in page
    assert '<meta http-equiv="refresh"' not in page
    assert found is not None
    assert "First light, Mira Lind" in owner.get(found[1]).content.decode()


def test_a_webhook_is_added_and_tried(owner: Client, ports: MemoryPorts) -> None:
    page = owner.get("/setup/notify/").content.decode()
    assert "Nobody for now" in page
    form = {
        "kind": "webhook",
        "webhook-name": "Ops",
        "webhook-url": "https://hooks.example/vedette",
        "webhook-secret": "s3cret-s3cret",
    }
    done = owner.post("/setup/notify/", form, follow=True).content.decode()
    (channel,) = notify.channels()
    assert (channel.name, channel.kind, channel.default) == ("Ops", "webhook", True)
    assert "Ops hears of new issues from now on" in done
    assert "s3cret-s3cret" not in done
    tried = owner.post(f"/setup/notify/{channel.id}/test/", follow=True).content.decode()
    assert "The test was accepted" in tried or "The test did not arrive" in tried
    assert len(ports.net.requests) == 1


def test_mail_without_a_server_says_what_is_missing(owner: Client) -> None:
    assert "put smtp_host into vedette.toml" in owner.get("/setup/notify/").content.decode()


def test_what_a_channel_refuses_stands_beside_its_field(owner: Client) -> None:
    shown = owner.post("/setup/notify/", {"kind": "webhook", "webhook-name": "x", "webhook-url": "ftp://x"})
    assert shown.status_code == 422
    assert "Starts with http:// or https://" in shown.content.decode()
    assert notify.channels() == ()


@pytest.mark.parametrize("path", ["/setup/project/", "/setup/notify/", "/setup/shop/snippet/"])
def test_nobody_gets_past_the_first_step_without_an_account(browser: Client, path: str) -> None:
    projects.create_project(SYSTEM, "shop", "python", NOW)
    assert browser.get(path).status_code in {302, 401}
    assert browser.post("/setup/shop/test/").status_code in {302, 401, 403}


def test_a_viewer_makes_no_project(browser: Client) -> None:
    ref = accounts.create_user(SYSTEM, "Ola", "ola@tidemark.example", PASSWORD, Role.VIEWER, NOW)
    from django.contrib.auth import get_user_model

    browser.force_login(get_user_model().objects.get(pk=ref.id))
    assert browser.post("/setup/project/", {"name": "x", "platform": "python"}).status_code == 403
    assert projects.projects() == ()


def test_every_post_needs_the_token_of_its_form(ports: MemoryPorts) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/setup/{accounts.setup_link_token(NOW)}/", PERSON).status_code == 403
    assert not accounts.has_admin()
