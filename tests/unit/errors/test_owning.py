"""Owners of new issues: rules and their words, who wins, CODEOWNERS, what digestion does, and the try."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.errors.conftest import Journal, error

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.errors import owning, service
from vedette.errors.owners import service as owners
from vedette.errors.owners.types import OwnerRules
from vedette.projects import service as projects
from vedette.projects.types import Project

PEOPLE = {"anna@example.org", "jonas@example.org"}
TRAITS = owning.Traits(
    paths=("app/src/billing/pay.py", "src/billing/pay.py", "billing/pay.py", "pay.py"), modules=("app.billing.pay",),
    urls=("https://shop.example/de/checkout/2",), tags={"area": "checkout"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "email", "reason"),
    [
        ("path:src/billing/* anna@example.org", "anna", "owner by path:src/billing/*"),
        ("module:app.billing.* Anna@Example.org", "anna", "owner by module:app.billing.*"),
        ("url:*/checkout/* jonas@example.org", "jonas", "owner by url:*/checkout/*"),
        ("tag.area:checkout jonas@example.org", "jonas", "owner by tag.area:checkout"),
        ("path:* anna@example.org\npath:*.py jonas@example.org", "jonas", "owner by path:*.py"),
        ("path:*.py jonas@example.org # backend\n# all\npath:* anna@example.org", "anna", "owner by path:*"),
        ("/src/billing/ @org/team anna@example.org", "anna", "owner by path:src/billing/*"),
        ("*.py jonas@example.org", "jonas", "owner by path:*.py"),
        ("src/**/pay.py jonas@example.org", "jonas", "owner by path:src/*pay.py"),
        ("path:src/mail/* anna@example.org", "", ""),
        (
            "tag.area:basket anna@example.org\ntag.none:* anna@example.org\nmodule:billing anna@example.org",
            "",
            "",
        ),
    ],
)
def test_the_last_rule_that_fits_wins(source: str, email: str, reason: str) -> None:
    rules, problems = owning.parse(source, PEOPLE)
    found = owning.owner(rules, TRAITS)
    assert problems == ()
    assert (found.email if found else "", found.reason if found else "") == (
        email and f"{email}@example.org",
        reason,
    )


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("path:x", "Line 1: it names no owner"),
        ("\npath:x eva@example.org", "Line 2: eva@example.org is nobody here"),
        ("files:x anna@example.org", "files:x is no rule; begin with path:"),
        ("path:x @org/team", "@org/team is nobody here"),
        ("path:x anna@example.org\n" * 501, "At most 500 rules; there are 501."),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: str, says: str) -> None:
    assert says in " ".join(owning.parse(source, PEOPLE)[1])


@given(st.text(max_size=200))
def test_any_text_is_rules_or_problems(source: str) -> None:
    rules, problems = owning.parse(source, PEOPLE)
    assert len(rules) + len(problems) <= len(source.splitlines()) + 1
    owning.owner(rules, TRAITS)


@given(st.text("ab*/", max_size=12), st.text("ab/", max_size=12))
def test_a_star_stands_for_anything(pattern: str, value: str) -> None:
    wanted = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), value, re.DOTALL) is not None
    rule = owning.OwnerRule("tag.x", pattern, "anna@example.org", 1)
    traits = owning.Traits(paths=(), modules=(), urls=(), tags={"x": value})
    assert (owning.owner((rule,), traits) is not None) == wanted


@pytest.fixture
def anna(shop: Project, clock: ManualClock) -> int:
    return accounts.create_user(
        SYSTEM, "Anna Berg", "anna@example.org", "kJ8#vQ2!mZ5x", Role.MEMBER, clock.now()
    ).id


def test_a_new_issue_goes_to_its_owner_once(journal: Journal, anna: int, clock: ManualClock) -> None:
    owners.set_rules(SYSTEM, "shop", OwnerRules("path:shop/* anna@example.org"), clock.now())
    journal.send(error(), {"message": "stock is low"})
    issue = service.issue("SHOP-1")
    assert (issue.assignee, service.issue("SHOP-2").assignee) == (anna, None)
    said = [entry.text for entry in service.history(issue)]
    assert said == ["Given to Anna Berg: owner by path:shop/*", "First seen"]
    journal.send(error())
    assert len([entry for entry in service.history(issue) if entry.kind == "assigned"]) == 1
    assert accounts.audit_page(action="project.owners").entries[0].subject == "shop"


def test_an_owner_may_only_be_named(journal: Journal, anna: int, clock: ManualClock) -> None:
    owners.set_rules(SYSTEM, "shop", OwnerRules("module:shop.* anna@example.org", suggest=True), clock.now())
    journal.send(error())
    issue = service.issue("SHOP-1")
    assert issue.assignee is None
    assert "Could be for Anna Berg: owner by module:shop.*" in [
        entry.text for entry in service.history(issue)
    ]


def test_who_left_owns_nothing(journal: Journal, anna: int, clock: ManualClock) -> None:
    owners.set_rules(SYSTEM, "shop", OwnerRules("path:* anna@example.org"), clock.now())
    accounts.set_active(SYSTEM, anna, False, clock.now())
    assert journal.send(error()) == 1
    assert service.issue("SHOP-1").assignee is None


def test_the_try_keeps_nothing(journal: Journal, anna: int) -> None:
    journal.send(error(), {"message": "stock is low"})
    trials = owners.preview("shop", "path:shop/* anna@example.org")
    assert {(t.issue.short_id, t.owner, t.reason) for t in trials} == {
        ("SHOP-1", "Anna Berg", "owner by path:shop/*"), ("SHOP-2", "", ""),
    }  # fmt: skip
    assert owners.rules("shop") == OwnerRules()
    with pytest.raises(Invalid, match="Line 1: it names no owner"):
        owners.preview("shop", "path:x")


def test_rules_go_with_their_project(journal: Journal, anna: int, clock: ManualClock, shop: Project) -> None:
    owners.set_rules(SYSTEM, "shop", OwnerRules("path:* anna@example.org"), clock.now())
    projects.delete_project(SYSTEM, shop.id, "Shop", clock.now())
    projects.create_project(SYSTEM, "Shop", "python", clock.now())
    assert owners.rules("shop") == OwnerRules()
