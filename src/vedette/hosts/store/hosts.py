"""SQL of hosts: their keys, how they are let in, up to where their reports are recorded."""

from collections.abc import Mapping, Sequence

import msgspec
from django.db import IntegrityError

from vedette.core.errors import Conflict
from vedette.hosts.models import HostRow, InvitationRow
from vedette.hosts.types import Credential, Delivery, Host, HostState, Invitation
from vedette.plumbing.db import sql

_MODES = msgspec.json.Decoder(dict[str, str]).decode
_ENCODE = msgspec.json.Encoder().encode
_COLUMNS = "id, name, key, by, enrolled_at, state, heard_at, version, skew, lost, told, rotate, modes"
_SELECT = f"SELECT {_COLUMNS} FROM hosts_host"  # noqa: S608 - names of ours


def invite(made: Invitation, sealed: str) -> None:
    """Insert a token of enrolment."""
    InvitationRow.objects.create(
        id=made.id, secret=sealed, by=made.by, created_at=made.created_at, expires_at=made.expires_at
    )


def invitation(token: str) -> tuple[Invitation, str] | None:
    """Return a token of enrolment and its sealed secret."""
    row = InvitationRow.objects.filter(id=token).first()
    return None if row is None else (_invitation(row), row.secret)


def invitations() -> tuple[Invitation, ...]:
    """Return the tokens of enrolment, newest first."""
    return tuple(_invitation(row) for row in InvitationRow.objects.order_by("-created_at")[:100])


def use(token: str, now: float) -> bool:
    """Note that a token was used, and forget its secret; False when it was used or revoked meanwhile."""
    free = InvitationRow.objects.filter(id=token, used_at=None, revoked_at=None)
    return bool(free.update(used_at=now, secret=""))


def withdraw(token: str, now: float) -> bool:
    """Note that a token is revoked, and forget its secret; False when it was used or revoked already."""
    free = InvitationRow.objects.filter(id=token, used_at=None, revoked_at=None)
    return bool(free.update(revoked_at=now, secret=""))


def forget_invitations(before: float) -> int:
    """Delete tokens that expired before an instant; return how many."""
    return InvitationRow.objects.filter(expires_at__lt=before).delete()[0]


def add(name: str, public: bytes, key: str, by: str, now: float) -> Host:
    """Insert a host; raises `Conflict` when its name or its key is there already."""
    try:
        with sql.transaction():
            row = HostRow.objects.create(
                name=name, key=key, public=public, fresh="", fresh_public=b"", by=by, enrolled_at=now,
                state=HostState.ACTIVE, version="", skew=0.0, lost=0, told=False, rotate=False, modes="{}",
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(f"There is a host {name} already, or one with this key.") from None
    return by_id(row.id)  # type: ignore[return-value]


def readmit(host: int, public: bytes, key: str, by: str, now: float) -> None:
    """Give a host that was revoked a new key and let it speak again."""
    HostRow.objects.filter(id=host).update(
        key=key, public=public, fresh="", fresh_public=b"", by=by, enrolled_at=now, state=HostState.ACTIVE,
        rotate=False, heard_at=None, told=False,
    )  # fmt: skip


def every() -> tuple[Host, ...]:
    """Return every host, by name."""
    return tuple(sql.rows(_host, f"{_SELECT} ORDER BY name"))


def by_id(host: int) -> Host | None:
    """Return a host."""
    return sql.row(_host, f"{_SELECT} WHERE id = %s", [host])


def by_name(name: str) -> Host | None:
    """Return the host of a name."""
    return sql.row(_host, f"{_SELECT} WHERE name = %s", [name])


def names() -> frozenset[str]:
    """Return the names of all hosts."""
    return frozenset(HostRow.objects.values_list("name", flat=True))


def count() -> int:
    """Return how many hosts there are."""
    return HostRow.objects.count()


def credentials() -> Mapping[str, Credential]:
    """Return every key, by its fingerprint, also those of hosts that are revoked."""
    found: dict[str, Credential] = {}
    for host, name, revoked, *keys in sql.rows(
        _speaking, "SELECT id, name, state, key, public, fresh, fresh_public FROM hosts_host"
    ):
        for place, key in enumerate(keys):
            if key[0]:
                found[key[0]] = Credential(host, name, key[1], fresh=place > 0, revoked=revoked)
    return found


def offer(host: int, public: bytes, key: str) -> None:
    """Remember a new key of a host, which counts from its first use on."""
    HostRow.objects.filter(id=host).update(fresh=key, fresh_public=public)


def promote(host: int, key: str) -> bool:
    """Let a new key be the key of a host; False when it is not its new key any more."""
    return bool(
        sql.execute(
            "UPDATE hosts_host SET key = fresh, public = fresh_public, fresh = '', fresh_public = x'', rotate = 0"
            " WHERE id = %s AND fresh = %s",
            [host, key],
        )
    )


def change(host: int, **values: object) -> None:
    """Change columns of a host: state, rotate, modes (JSON), told."""
    HostRow.objects.filter(id=host).update(**values)


def set_modes(host: int, modes: Mapping[str, str]) -> None:
    """Remember what a host does with sets of rules."""
    HostRow.objects.filter(id=host).update(modes=_ENCODE(modes).decode())


def tell(host: int, *, told: bool) -> bool:
    """Remember whether people know of a host's silence; False when it is gone."""
    return bool(HostRow.objects.filter(id=host).update(told=told))


def remove(host: int) -> None:
    """Delete a host and what is known of it; its measures lie elsewhere."""
    for table in ("hosts_origin", "hosts_facts", "hosts_noted", "hosts_audit", "hosts_offer", "hosts_action"):
        sql.execute(f"DELETE FROM {table} WHERE host = %s", [host])  # noqa: S608 - names of ours
    HostRow.objects.filter(id=host).delete()


def taken(keys: Sequence[tuple[int, str]]) -> Mapping[tuple[int, str], int]:
    """Return up to which number the reports of hosts' origins are recorded."""
    found: dict[tuple[int, str], int] = {}
    for part in sql.batched(keys):
        rows = sql.query(
            "SELECT host, origin, taken FROM hosts_origin WHERE (host, origin) IN ("  # noqa: S608 - marks alone
            + sql.multiplied("VALUES (%s, %s)", len(part))
            + ")",
            [value for key in part for value in key],
        )
        found |= {(int(host or 0), str(origin)): int(number or 0) for host, origin, number in rows}
    return found


def take(deliveries: Sequence[Delivery], now: float) -> None:
    """Remember up to where reports are recorded and what hosts said of themselves, in the caller's transaction."""
    sql.executemany(
        "INSERT INTO hosts_origin (host, origin, taken, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (host, origin) DO UPDATE SET taken = max(taken, excluded.taken), at = excluded.at",
        [(one.host, one.origin, one.last, now) for one in deliveries],
    )
    sql.executemany(
        "UPDATE hosts_host SET heard_at = %s, version = coalesce(nullif(%s, ''), version), skew = %s, lost = max(lost, %s) WHERE id = %s",
        [(now, one.version, one.skew, one.lost, one.host) for one in deliveries],
    )


def heard(host: int, now: float, version: str) -> None:
    """Remember a sign of life."""
    sql.execute(
        "UPDATE hosts_host SET heard_at = %s, version = coalesce(nullif(%s, ''), version) WHERE id = %s",
        [now, version, host],
    )


def forget_origins(before: float) -> int:
    """Delete what is remembered of origins that were heard of last before an instant; return how many."""
    return sql.execute("DELETE FROM hosts_origin WHERE at < %s", [before])


def _host(*columns: sql.Value) -> Host:
    found: dict[str, object] = dict(zip(_COLUMNS.split(", "), columns, strict=True))
    flags = {name: bool(found[name]) for name in ("told", "rotate")}
    return msgspec.convert({**found, **flags, "modes": _MODES(str(found["modes"]))}, Host)


def _speaking(  # noqa: PLR0917 - the columns, in order
    host: int, name: str, state: str, key: str, public: bytes, fresh: str, fresh_public: bytes
) -> tuple[int, str, bool, tuple[str, bytes], tuple[str, bytes]]:
    revoked = state != HostState.ACTIVE
    return host, name, revoked, (key, bytes(public)), (fresh, bytes(fresh_public))


def _invitation(row: InvitationRow) -> Invitation:
    return Invitation(
        id=row.id, by=row.by, created_at=row.created_at, expires_at=row.expires_at, used_at=row.used_at,
        revoked_at=row.revoked_at,
    )  # fmt: skip
