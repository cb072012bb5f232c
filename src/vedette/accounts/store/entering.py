"""The SQL of signing in: failed tries, signed-in browsers, ended sessions."""

from collections.abc import Iterable, Mapping

import msgspec
from django.contrib.sessions.models import Session

from vedette.accounts.models import SessionRow
from vedette.accounts.permissions import Role
from vedette.accounts.throttle import Tries
from vedette.core.clock import to_datetime
from vedette.plumbing.db import sql


class Browser(msgspec.Struct, frozen=True):
    """A signed-in browser as it is stored."""

    id: str
    user: int
    created_at: float
    last_seen_at: float
    address: str
    user_agent: str


class Standing(msgspec.Struct, frozen=True):
    """What every request of a signed-in person asks: the browser's session and whether a second factor is there."""

    created_at: float
    last_seen_at: float
    has_factor: int


def tries(keys: Iterable[str]) -> dict[str, Tries]:
    """Return what failed under these keys."""
    asked = list(keys)
    found = sql.rows(
        lambda key, failures, last_at: (str(key), Tries(failures, last_at)),
        f"SELECT key, failures, last_at FROM accounts_tries WHERE key IN ({sql.marks(len(asked))})",  # noqa: S608 - placeholders only
        asked,
    )
    return dict(found)


def set_tries(rows: Mapping[str, Tries]) -> None:
    """Write what failed under keys."""
    sql.executemany(
        "INSERT INTO accounts_tries (key, failures, last_at) VALUES (%s, %s, %s)"
        " ON CONFLICT (key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at",
        [(key, row.failures, row.last_at) for key, row in rows.items()],
    )


def forget_tries(keys: Iterable[str]) -> None:
    """Forget what failed under keys."""
    asked = list(keys)
    sql.execute(f"DELETE FROM accounts_tries WHERE key IN ({sql.marks(len(asked))})", asked)  # noqa: S608


def first_time(key: str, now: float, within: float) -> bool:
    """Note a key and tell whether it was new, or last noted more than `within` seconds ago."""
    return (
        sql.execute(
            "INSERT INTO accounts_tries (key, failures, last_at) VALUES (%s, 0, %s)"
            " ON CONFLICT (key) DO UPDATE SET last_at = excluded.last_at WHERE last_at <= %s",
            [key, now, now - within],
        )
        == 1
    )


def drop_tries_before(instant: float, known_before: float) -> int:
    """Forget tries whose last one lies before an instant, and addresses not seen since another."""
    return sql.execute(
        "DELETE FROM accounts_tries WHERE last_at < %s AND (key NOT LIKE 'known:%%' OR last_at < %s)",
        [instant, known_before],
    )


def open_browser(row: Browser) -> None:
    """Insert a signed-in browser."""
    SessionRow.objects.create(
        id=row.id,
        user_id=row.user,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        address=row.address[:45],
        user_agent=row.user_agent[:200],
    )


def browsers(user_id: int) -> tuple[Browser, ...]:
    """Return a person's signed-in browsers, last seen first."""
    found = SessionRow.objects.filter(user_id=user_id).order_by("-last_seen_at", "id")
    return tuple(
        Browser(r.id, r.user_id, r.created_at, r.last_seen_at, r.address, r.user_agent) for r in found
    )


def standing(session_id: str, user_id: int) -> Standing | None:
    """Return the state of a session; None when it has ended or is another person's."""
    return sql.row(
        Standing,
        "SELECT created_at, last_seen_at, EXISTS (SELECT 1 FROM mfa_authenticator a"
        " WHERE a.user_id = s.user_id AND a.type IN ('totp', 'webauthn')) FROM accounts_session s WHERE id = %s AND user_id = %s",
        [session_id, user_id],
    )


def note_seen(session_id: str, user_id: int, address: str, now: float) -> None:
    """Note that a person was seen in a session, from an address."""
    with sql.transaction():
        sql.execute(
            "UPDATE accounts_session SET last_seen_at = %s, address = %s WHERE id = %s",
            [now, address[:45], session_id],
        )
        sql.execute("UPDATE accounts_user SET last_seen_at = %s WHERE id = %s", [now, user_id])


def close_browser(session_id: str, user_id: int) -> bool:
    """End one session of a person; False when it was not there."""
    return SessionRow.objects.filter(id=session_id, user_id=user_id).delete()[0] > 0


def close_browsers(user_id: int, but: str = "") -> int:
    """End every session of a person but one; return how many ended."""
    return SessionRow.objects.filter(user_id=user_id).exclude(id=but).delete()[0]


def drop_browsers(seen_before: float, made_before: float) -> int:
    """Delete sessions that idled or lived too long."""
    return sql.execute(
        "DELETE FROM accounts_session WHERE last_seen_at < %s OR created_at < %s", [seen_before, made_before]
    )


def admins_without_factor() -> int:
    """Count active owners and administrators without a second factor."""
    found = sql.query_one(
        "SELECT count(*) FROM accounts_user u WHERE is_active AND role IN (%s, %s) AND NOT EXISTS"
        " (SELECT 1 FROM mfa_authenticator a WHERE a.user_id = u.id AND a.type IN ('totp', 'webauthn'))",
        [Role.OWNER.value, Role.ADMIN.value],
    )
    return int(found[0] or 0) if found else 0


def drop_django_sessions(now: float) -> int:
    """Delete sessions of browsers whose cookie has expired."""
    return Session.objects.filter(expire_date__lt=to_datetime(now)).delete()[0]


def addresses_seen(since: float) -> tuple[tuple[str, float, str], ...]:
    """Return from which addresses people were seen since an instant in sessions that last: address, when, whose."""
    return tuple(
        sql.rows(
            lambda address, at, name: (str(address), float(at), str(name)),
            "SELECT s.address, max(s.last_seen_at), u.name FROM accounts_session s JOIN accounts_user u ON u.id = s.user_id"
            " WHERE s.last_seen_at >= %s AND s.address <> '' GROUP BY s.address, u.name",
            [since],
        )
    )
