"""Incident rules and runbooks as files: what is wrong is told by file and line, and what a file says is what is in force."""

from pathlib import Path

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import NOW
from tests.unit.incidents_learning.conftest import person

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM
from vedette.app import filing
from vedette.core.errors import Conflict, Forbidden
from vedette.incidents import service
from vedette.incidents.runbooks import keeping, store
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import IncidentRuleDraft, Runbook
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.wire.ascode import frontmatter
from vedette.wire.ascode.changing import told
from vedette.wire.ascode.reading import Document

RULE = """
[[incident_rule]]
name = "Shop is down"
project = "shop"
matchers = 'service="checkout"'
group_by = ["service"]
impact = "many"
runbook = "checkout"
"""
BOOK = """+++
name = "Checkout fails"
owner = "Mira@example.org"
matchers = 'service="checkout"'
+++
Nobody can pay.

- [ ] Look
- [ ] Drain the queue
  webhook: https://ops.example.org/drain
"""
RULES, BOOKS = "incidents/shop.toml", "runbooks/checkout.md"


@pytest.fixture
def shop(house: MemoryPorts) -> None:
    projects.create_project(SYSTEM, "shop", "django", NOW)
    person("Mira")


def secret_of(slug: str) -> str:
    return keeping.opened(store.secret(slug))


def apply(*files: tuple[str, str], rooms: tuple[str, ...] = ("runbooks", "incidents")) -> list[str]:
    done = filing.apply(SYSTEM, files, NOW, rooms)
    return [str(fault) for fault in done.faults] or [told(change) for change in done.changes]


def test_files_make_change_and_delete(shop: None) -> None:
    assert apply((RULES, RULE), (BOOKS, BOOK)) == [
        "+ runbook checkout (runbooks/checkout.md)",
        "+ incident rule Shop is down (incidents/shop.toml)",
    ]
    (rule,), book = service.rules(), keeping.find("checkout")
    assert (rule.source, rule.runbook, rule.group_by) == (RULES, "checkout", ("service",))
    assert (book.source, book.name, len(book.steps)) == (BOOKS, "Checkout fails", 2)
    assert accounts.user_refs()[book.owner or 0].email == "mira@example.org"
    assert apply((RULES, RULE), (BOOKS, BOOK)) == []
    assert apply((RULES, RULE.replace("many", "all")), (BOOKS, BOOK.replace("Look", "Listen"))) == [
        "~ runbook checkout (runbooks/checkout.md)",
        "~ incident rule Shop is down (incidents/shop.toml)\n    impact: many → all",
    ]
    assert keeping.find("checkout").steps[0].text == "Listen"
    with pytest.raises(Conflict, match=r"written in incidents/shop\.toml"):
        service.enable_rule(SYSTEM, rule.id, NOW, enabled=False)
    assert apply(("x.toml", "")) == [
        "- runbook checkout (runbooks/checkout.md)",
        "- incident rule Shop is down (incidents/shop.toml)",
    ]
    assert (service.rules(), keeping.every()) == ((), ())
    acts = {entry.action for entry in accounts.audit_page(action="file.").entries}
    assert acts == {"file.add", "file.change", "file.remove"}


def test_what_was_made_by_hand_becomes_the_one_of_its_name(shop: None) -> None:
    draft = RunbookDraft(slug="checkout", name="By hand", text="- [ ] x", secret="s3cret")
    keeping.create(SYSTEM, draft, NOW)
    keeping.create(SYSTEM, RunbookDraft(slug="other", name="Stays", text="- [ ] x"), NOW)
    service.create_rule(SYSTEM, IncidentRuleDraft(name="Shop is down"), NOW)
    service.create_rule(SYSTEM, IncidentRuleDraft(name="Stays"), NOW)
    assert [line[0] for line in apply((RULES, RULE), (BOOKS, BOOK))] == ["~", "~"]
    assert secret_of("checkout") == "s3cret"
    apply(("x.toml", ""))
    assert [rule.name for rule in service.rules()] == ["Stays"]
    assert [book.slug for book in keeping.every()] == ["other"]


def test_of_a_runbook_of_a_file_the_secret_alone_is_set_by_hand(shop: None) -> None:
    apply((BOOKS, BOOK))
    there = keeping.find("checkout")

    def draft(**more: str) -> RunbookDraft:
        return RunbookDraft(
            slug=there.slug, name=more.get("name", there.name), text=there.text, owner=there.owner,
            matchers=there.matchers, secret="s3cret",
        )  # fmt: skip

    with pytest.raises(Conflict, match=r"written in runbooks/checkout\.md"):
        keeping.update(SYSTEM, "checkout", draft(name="Another"), NOW)
    kept: Runbook = keeping.update(SYSTEM, "checkout", draft(), NOW)
    assert (kept.source, secret_of("checkout")) == (BOOKS, "s3cret")
    assert apply((BOOKS, BOOK)) == []


def test_the_page_of_a_runbook_of_a_file_takes_its_secret(shop: None, web: Client) -> None:
    apply((BOOKS, BOOK))
    page = "/incidents/runbooks/checkout/"
    assert f'href="{page}edit/"' in web.get(page).content.decode()
    there = keeping.find("checkout")
    given = {
        "name": there.name, "slug": there.slug, "text": there.text.replace("\n", "\r\n"), "owner": str(there.owner),
        "matchers": 'service="checkout"', "secret": "s3cret",
    }  # fmt: skip
    refused = web.post(f"{page}edit/", {**given, "name": "Another"})
    assert (refused.status_code, "vedette apply" in refused.content.decode()) == (422, True)
    assert web.post(f"{page}edit/", given).status_code == 302
    assert (secret_of("checkout"), keeping.find("checkout").source) == ("s3cret", BOOKS)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (RULES, RULE, "incidents/shop.toml:8: There is no runbook checkout; write it first"),
        (RULES, RULE.replace('"shop"', '"shoe"'), "incidents/shop.toml:4: There is no project 'shoe'."),
        (RULES, RULE.replace("impact", "impakt"), "incidents/shop.toml:7: [[incident_rule]] has no `impakt`"),
        (RULES, RULE.replace('"many"', '"much"'), "incidents/shop.toml:7: `impact`: Invalid enum value"),
        (RULES, RULE.replace('"checkout"\'', "\"'"), "incidents/shop.toml:5: "),
        (
            BOOKS,
            BOOK.replace("Mira@", "nobody@"),
            "runbooks/checkout.md:3: Nobody in the team has the address",
        ),
        (
            BOOKS,
            BOOK.replace("https://", "ftp://"),
            "runbooks/checkout.md:9: A webhook is an http or https URL",
        ),
        (
            BOOKS,
            BOOK.replace("matchers", "macthers"),
            "runbooks/checkout.md:4: [[runbook]] has no `macthers`",
        ),
        (BOOKS, BOOK.replace('"Checkout fails"', "x"), "runbooks/checkout.md:2: This is no TOML"),
        (BOOKS, "Nobody can pay.", "runbooks/checkout.md:1: It begins with its front matter"),
        (
            BOOKS,
            BOOK.replace("name", "text"),
            "runbooks/checkout.md:2: The text stands below the front matter.",
        ),
        ("runbooks/New.md", BOOK, "runbooks/New.md:1: Small letters, digits and dashes"),
    ],
)
def test_what_is_wrong_is_told_by_its_line(shop: None, name: str, text: str, said: str) -> None:
    assert any(fault.startswith(said) for fault in apply((name, text)))
    assert (service.rules(), keeping.every()) == ((), ())


def test_two_of_one_name_are_refused(shop: None) -> None:
    assert "two incident rules named" in apply((RULES, RULE + RULE), (BOOKS, BOOK))[0]
    assert "two runbooks named" in apply((BOOKS, BOOK), ("more/runbooks/checkout.md", BOOK))[0]


def test_a_rule_whose_runbook_left_the_files_undoes_all_of_it(shop: None) -> None:
    apply((RULES, RULE), (BOOKS, BOOK))
    assert apply((RULES, RULE)) == [
        "incidents/shop.toml:8: There is no runbook checkout; write it first, or leave this empty."
    ]
    assert keeping.find("checkout").source == BOOKS, "its removal is undone"


def test_a_folder_speaks_of_its_room_alone(shop: None) -> None:
    apply((RULES, RULE), (BOOKS, BOOK))
    assert apply((BOOKS, BOOK), rooms=("runbooks",)) == []
    assert apply((RULES, RULE), rooms=("incidents",)) == []
    assert len(service.rules()) == 1


def test_the_examples_in_the_docs_are_taken(shop: None) -> None:
    page = (Path(__file__).parents[3] / "docs/as-code.md").read_text().partition("## Incident rules")[2]
    rule, book = page.split("```toml\n")[1].split("```")[0], page.split("```markdown\n")[1].split("```")[0]
    files = ((RULES, rule), (BOOKS, book.replace("mira@example.com", "mira@example.org")))
    assert [line[0] for line in apply(*files)] == ["+", "+"]


def test_who_may_not(shop: None) -> None:
    for name, text, room in ((RULES, "", "incidents"), (BOOKS, BOOK, "runbooks")):
        with pytest.raises(Forbidden):
            filing.apply(person(f"Ada{room}"), [(name, text)], NOW, [room])


@given(st.text(alphabet="+ab=\n\"'[]# 1", max_size=60))
def test_front_matter_of_any_text_is_a_document_or_a_fault(text: str) -> None:
    found = frontmatter.document("runbooks/x.md", text, section="runbook")
    if isinstance(found, Document):
        (made,) = found.table["runbook"]
        assert text.endswith(made["text"])
        assert found.lines["runbook", 0, "text"] <= len(text.splitlines()) + 1
