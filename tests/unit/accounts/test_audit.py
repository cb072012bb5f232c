"""The audit log: append-only, in the transaction of the change, without secrets; and no secret anywhere at rest."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from tests.unit.accounts.conftest import PASSWORD, House

from vedette.accounts import mailing, service
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.core.errors import Invalid
from vedette.plumbing.db.sql import transaction


def test_the_migrated_table_refuses_changes(tmp_path: Path) -> None:
    env = {
        **os.environ,
        "VEDETTE_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "vedette.app.django_settings",
    }
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "accounts", "-v", "0"], env=env, check=True, cwd=tmp_path
    )
    database = sqlite3.connect(tmp_path / "core.db")
    database.execute(
        "INSERT INTO accounts_audit (at, actor_kind, actor_id, actor, action, subject, detail, address)"
        " VALUES (1, 'user', 1, 'Ada', 'user.create', 'eve', '{}', '')"
    )
    for statement in ("UPDATE accounts_audit SET actor = 'Eve'", "DELETE FROM accounts_audit"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute(statement)
    assert database.execute("SELECT actor FROM accounts_audit").fetchall() == [("Ada",)]


def test_an_undone_change_leaves_no_entry(house: House) -> None:
    def change_and_fail() -> None:
        with transaction():
            service.audit(SYSTEM, "thing.change", "x", {}, house.clock.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert service.audit_page().entries == ()


def test_entries_tell_who_what_and_from_where(house: House) -> None:
    olga = house.person("Olga", Role.OWNER)
    client = house.client(olga)
    client.post("/settings/users/invite/", {"email": "eve@example.org", "role": "member"})
    entry = service.audit_page(action="invitation.").entries[0]
    told = (entry.actor_kind, entry.actor_id, entry.actor, entry.subject, entry.address)
    assert told == ("user", olga.id, "Olga", "eve@example.org", "203.0.113.7")
    assert service.audit_page(action="user.create").entries[0].actor_kind == "system"


def test_secret_looking_values_are_masked(house: House) -> None:
    service.audit(
        SYSTEM, "x.y", "x", {"smtp_password": "hunter2", "Token": "t", "name": "n"}, house.clock.now()
    )
    assert service.audit_page().entries[0].detail == {"smtp_password": "••••", "Token": "••••", "name": "n"}


def test_pages_and_filters(house: House) -> None:
    for n in range(5):
        service.audit(
            SYSTEM, "issue.resolve" if n % 2 else "project.create", f"s{n}", {}, house.clock.now() + n
        )
    first = service.audit_page(n=2)
    second = service.audit_page(n=2, cursor=first.cursor)
    third = service.audit_page(n=2, cursor=second.cursor)
    assert [e.subject for page in (first, second, third) for e in page.entries] == [
        "s4",
        "s3",
        "s2",
        "s1",
        "s0",
    ]
    assert third.cursor is None
    assert [e.subject for e in service.audit_page(action="issue").entries] == ["s3", "s1"]
    assert [e.subject for e in service.audit_page(subject="s2", actor="VEDETTE").entries] == ["s2"]
    assert len(service.audit_page(start=house.clock.now() + 3).entries) == 2
    for bad in ("-1", "1.5", "x", "9" * 30):
        with pytest.raises(Invalid):
            service.audit_page(cursor=bad)


def test_the_page_filters_and_pages(house: House) -> None:
    client = house.client(house.person("Olga", Role.OWNER))
    for n in range(60):
        service.audit(SYSTEM, "project.create", f"project-{n}", {}, house.clock.now())
    page = client.get("/settings/audit-log/?action=project.create").content.decode()
    assert "project-59" in page
    assert "project-9<" not in page
    assert "cursor=" in page
    assert "Nothing matches" in client.get("/settings/audit-log/?subject=nowhere").content.decode()
    assert client.get("/settings/audit-log/?cursor=x").status_code == 422


def test_no_secret_stands_in_the_database(house: House) -> None:
    """Everything a person or program must keep to itself is planted, and looked for in every table."""
    now = house.clock.now()
    set_up = service.setup_link_token(now)
    ada = house.person("Ada", Role.OWNER)
    client = house.client()
    client.post("/sign-in/", {"login": "ada@example.org", "password": PASSWORD})
    begun = service.begin_totp(ada.id).secret
    client.get("/settings/two-factor/")
    before = _dump()
    assert begun not in before
    seed = house.seed(ada)
    client.post("/password/reset/", {"email": "ada@example.org"})
    mailing._POST.submit(lambda: None).result()
    mail = house.ports.mail.sent[-1].get_content()
    key = mail.split("/password/reset/key/")[1].split("/")[0]
    client.get(f"/password/reset/key/{key}/")
    token, _ = service.create_token(SYSTEM, "ci", (Scope.READ,), now)
    link = service.invite(service.actor_for(ada.id), "eve@example.org", Role.MEMBER, now).link.split("/")[-2]
    secrets = {
        "password": PASSWORD,
        "seed": seed,
        "session": client.cookies["vedette"].value,
        "reset key": key.split("-", 1)[1],
        "token": token,
        "invitation": link,
        "set-up": set_up,
        **{f"recovery code {n}": code for n, code in enumerate(service.recovery_codes(ada.id))},
    }
    dump = _dump()
    assert "ada@example.org" in dump, "the dump holds what is stored"
    assert [name for name, secret in secrets.items() if secret in dump] == []


def _dump() -> str:
    """Return every value of every table as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        tables = [row[0] for row in cursor.fetchall()]
        values: list[str] = []
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the schema
            values += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(values)
