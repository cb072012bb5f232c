"""The audit log: who did what, written in the transaction of the change itself."""

import re
from collections.abc import Mapping, Sequence

from vedette.accounts import caller
from vedette.accounts.permissions import Actor
from vedette.accounts.store import audit as store
from vedette.accounts.types import AuditEntry, AuditPage
from vedette.core.errors import Invalid

MASK = "••••"
_SECRET = re.compile(r"password|secret|token|seed|code|authorization|cookie", re.IGNORECASE)
_LONGEST = 500


def audit(actor: Actor, action: str, subject: str, detail: Mapping[str, str], now: float) -> None:
    """Write an audit entry in the caller's transaction; values under secret-looking names are masked."""
    audit_many(actor, [(action, subject, detail)], now)


def audit_many(actor: Actor, entries: Sequence[tuple[str, str, Mapping[str, str]]], now: float) -> None:
    """Write many entries of one actor as `audit` does, each an action, its subject and its detail."""
    actor_id = actor.token_id if actor.token_id is not None else actor.id
    name, address = actor.name or actor.kind.value, caller.address()
    store.add(
        [
            AuditEntry(
                id=0, at=now, actor_kind=actor.kind.value, actor_id=actor_id, actor=name, action=action, subject=subject,
                detail={key: _shown(key, value) for key, value in detail.items()}, address=address,
            )
            for action, subject, detail in entries
        ]
    )  # fmt: skip


def audit_page(
    *,
    action: str = "",
    actor: str = "",
    subject: str = "",
    start: float | None = None,
    cursor: str | None = None,
    n: int = 50,
) -> AuditPage:
    """Return a page of the audit log, newest first; raises `Invalid` for a cursor nobody gave out.

    `action` is a prefix (`user.`), `actor` a name, `subject` a part of it, `start` the earliest instant.
    """
    if cursor is not None and not (cursor.isdecimal() and len(cursor) < 19):
        raise Invalid("The cursor is not one this list gave out; start without one.", {"cursor": "unknown"})
    before = None if cursor is None else int(cursor)
    found = store.page(action=action, actor=actor, subject=subject, start=start, before=before, n=n + 1)
    return AuditPage(found[:n], str(found[n - 1].id) if len(found) > n else None)


def audit_actions() -> tuple[str, ...]:
    """Return every action that stands in the log, sorted."""
    return store.actions()


def _shown(name: str, value: str) -> str:
    return MASK if _SECRET.search(name) else value[:_LONGEST]
