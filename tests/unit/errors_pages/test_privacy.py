"""The pages of privacy: ask, see what would go, erase it, and read the receipt."""

import json

from django.test import Client
from tests.unit.errors_pages.conftest import Happen, an_error, signed_in
from tests.unit.errors_pages.test_list import text_of

from vedette.accounts.permissions import Role
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.errors.privacy import service as privacy

PATH = "/settings/privacy/"
ANN = "ann@example.org"


def work(clock: ManualClock) -> None:
    clock.forward(2)
    while privacy.work(clock.now()):
        pass


def asked(admin: Client, value: str = ANN, kind: str = "email") -> str:
    answer = admin.post(f"{PATH}ask/", {"kind": kind, "value": value, "project": ""})
    assert answer.status_code == 302, answer.content
    return answer["Location"]


def test_what_is_found_is_shown_then_erased_then_receipted(happen: Happen, clock: ManualClock) -> None:
    issue = happen(an_error(text=f"mail to {ANN}"))
    admin = signed_in(Role.ADMIN)
    assert "Nothing was erased yet." in text_of(admin.get(PATH))
    looked = asked(admin)
    assert "waiting for what is being digested" in text_of(admin.get(looked))
    assert "1 erasure under way." in text_of(admin.get(PATH))
    work(clock)
    found = admin.get(looked)
    assert "Would go: events of this person 1" in text_of(found)
    assert "The same person is also known as id:7" in text_of(found)
    assert ANN not in found.content.decode()
    assert ANN in service.issue(issue.short_id).title
    begun = admin.post(f"{looked}erase/")["Location"]
    assert "Erasing one email" in text_of(admin.get(begun))
    work(clock)
    receipt = admin.get(begun, follow=True)
    assert "genuine" in text_of(receipt)
    assert "how often an issue happened" in text_of(receipt)
    assert ANN not in service.issue(issue.short_id).title
    path = receipt.request["PATH_INFO"]
    file = admin.get(path.removesuffix("/") + ".json")
    assert file["Content-Disposition"].startswith("attachment")
    assert json.loads(file.content)["counts"]["events"] == 1
    listed = admin.get(PATH)
    assert path in listed.content.decode()


def test_what_is_no_person_is_told_beside_the_field(happen: Happen) -> None:
    admin = signed_in(Role.ADMIN)
    answer = admin.post(f"{PATH}ask/", {"kind": "email", "value": "ann", "project": ""})
    assert answer.status_code == 422
    assert "This is no e-mail address" in text_of(answer)
    unknown = admin.post(f"{PATH}ask/", {"kind": "id", "value": "7", "project": "nowhere"})
    assert unknown.status_code == 422


def test_nothing_found_is_said(happen: Happen, clock: ManualClock) -> None:
    happen(an_error())
    admin = signed_in(Role.ADMIN)
    looked = asked(admin, "nobody@example.org")
    work(clock)
    assert "Nothing was found." in text_of(admin.get(looked))


def test_pages_are_for_administrators(happen: Happen, member: Client) -> None:
    for path in (PATH, f"{PATH}x/", f"{PATH}receipts/x/", f"{PATH}receipts/x.json"):
        assert member.get(path).status_code == 403
    assert signed_in(Role.ADMIN).get(f"{PATH}x/").status_code == 404
