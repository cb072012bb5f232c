"""The settings pages of projects: every form works without a script, and errors stand at their field."""

import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service
from vedette.projects.types import ScrubRules, UsageCount

pytestmark = pytest.mark.django_db
HOME = "/settings/projects/"


def text(web: Client, path: str) -> str:
    answer = web.get(path)
    assert answer.status_code == 200, answer.content[:500]
    return str(answer.content.decode())


def test_an_empty_list_says_what_to_do(web: Client, reader: Client) -> None:
    assert "vedette projects add shop --platform python" in text(web, HOME)
    assert "An administrator can make the first one" in text(reader, HOME)


def test_a_project_is_made_by_form(web: Client) -> None:
    answer = web.post(f"{HOME}new/", {"name": "Shop", "platform": "django"})
    assert answer.headers["Location"] == f"{HOME}shop/"
    page = text(web, f"{HOME}shop/")
    assert service.dsn(service.keys(service.project("shop").id)[0], "https://vedette.example") in page
    assert "Shop" in text(web, HOME)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "", "platform": "python"}, "This field is required"),
        ({"name": "Shop", "platform": "python", "slug": "Bad Slug"}, "A slug is lower-case letters"),
        ({"name": "Other", "platform": "python", "slug": "shop"}, "The slug shop is taken"),
    ],
)
def test_a_wrong_field_is_told_at_the_form(web: Client, data: dict[str, str], said: str) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    answer = web.post(f"{HOME}new/", data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert len(service.projects()) == 1


def test_who_may_only_read_sees_no_form_and_no_project_of_nobody(reader: Client) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    page = text(reader, f"{HOME}shop/")
    assert 'method="post"' not in page.split("<main")[1].split("</main")[0]
    assert reader.post(f"{HOME}shop/delete/", {"confirm": "Shop"}).status_code == 403
    assert reader.get(f"{HOME}nothing/").status_code == 404
    assert reader.get(f"{HOME}new/").status_code == 403


def test_keys_by_form(web: Client) -> None:
    project = service.create_project(SYSTEM, "Shop", "python", 1.0)
    base = f"{HOME}shop/keys/"
    web.post(
        f"{base}new/",
        {"label": "Web", "origins": "https://shop.example\nhttps://www.shop.example", "per_minute": "60"},
    )
    first, made = service.keys(project.id)
    assert (made.label, made.per_minute, len(made.origins)) == ("Web", 60, 2)
    assert web.post(f"{base}{made.id}/", {"label": "Web", "origins": "not an origin"}).status_code == 422
    web.post(f"{base}{made.id}/", {"label": "Site", "origins": ""})
    assert service.key(project.id, made.id).origins == ("*",)
    web.post(f"{base}{first.id}/rotate/")
    web.post(f"{base}{first.id}/revoke/")
    assert [key.label for key in service.keys(project.id) if key.active] == ["Site", "Default"]
    page = text(web, f"{HOME}shop/")
    assert "Revoked" in page
    assert web.post(f"{base}{2**70}/revoke/").status_code == 404


def test_what_was_not_kept_is_told_by_type_and_day(web: Client, ports: MemoryPorts) -> None:
    project = service.create_project(SYSTEM, "Shop", "python", 1.0)
    assert "Everything that came is kept." in text(web, f"{HOME}shop/")
    service.add_usage([UsageCount(project.id, "2025-11-24", "session", "not_kept", 1204)])
    page = text(web, f"{HOME}shop/")
    assert "2025-11-24" in page
    assert "session" in page
    assert "1 204" in page.replace("\u202f", " ").replace("\u2009", " ")


def test_what_was_left_out_is_told_with_the_reason(web: Client, ports: MemoryPorts) -> None:
    project = service.create_project(SYSTEM, "Shop", "python", 1.0)
    assert "Left out" not in text(web, f"{HOME}shop/")
    service.add_usage([UsageCount(project.id, "2025-11-24", "security", "extension", 1204)])
    page = text(web, f"{HOME}shop/")
    assert "Blocked by the browser: extensions" in page
    assert "1 204" in page.replace("\u202f", " ").replace("\u2009", " ")


def test_scrub_rules_by_form(web: Client) -> None:
    project = service.create_project(SYSTEM, "Shop", "python", 1.0)
    web.post(f"{HOME}shop/scrubbing/", {"extra_keys": "pin\niban", "mask_addresses": "on"})
    assert service.scrub_rules(project.id) == ScrubRules(("pin", "iban"), (), True, False)


def test_name_and_platform_by_form(web: Client) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    web.post(f"{HOME}shop/edit/", {"name": "The Shop", "platform": "django"})
    assert (service.project("shop").name, service.project("shop").platform) == ("The Shop", "django")
    assert web.post(f"{HOME}shop/edit/", {"name": "", "platform": "django"}).status_code == 422


def test_a_name_to_be_typed_is_no_regular_expression(web: Client) -> None:
    service.create_project(SYSTEM, "Shop (C++", "python", 1.0)
    page = text(web, f"{HOME}shop-c/")
    assert "Delete Shop (C++?" in page
    assert 'name="confirm" required' in page
    assert " pattern=" not in page
    web.post(f"{HOME}shop-c/delete/", {"confirm": "Shop (C++"})
    assert service.projects() == ()


def test_deleting_takes_the_name(web: Client) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    web.post(f"{HOME}shop/delete/", {"confirm": "no"})
    assert len(service.projects()) == 1
    assert web.post(f"{HOME}shop/delete/", {"confirm": "Shop"}).headers["Location"] == HOME
    assert service.projects() == ()


def test_retention_by_form(web: Client, reader: Client) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    assert "Events are kept for 30 days" in text(reader, "/settings/retention/")
    assert reader.post("/settings/retention/edit/", {"days": "7"}).status_code == 403
    web.post("/settings/retention/edit/", {"days": "7"})
    assert "Events are kept for 7 days" in text(web, "/settings/retention/")
    assert web.post("/settings/retention/edit/", {"days": "0"}).status_code == 422


def test_what_people_typed_stays_text(web: Client) -> None:
    service.create_project(SYSTEM, "<script>alert(1)</script>", "python", 1.0, "evil")
    page = text(web, f"{HOME}evil/")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
