"""SQL of what is known of hosts besides measures: inventory, audits, what happened and what changed."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from vedette.hosts.models import AuditRow, FactsRow, NotedRow
from vedette.hosts.types import Facts, Noted
from vedette.plumbing.db import sql
from vedette.wire.agent.types import Audit, Inventory

MOST_AUDITS = 400  # of one host: a year of days
_TROUBLES = msgspec.json.Decoder(dict[str, str]).decode
_JSON = msgspec.json.Encoder().encode
_PACK = msgspec.msgpack.Encoder().encode
_NOTED = msgspec.msgpack.Decoder(Noted).decode
_AUDIT = msgspec.msgpack.Decoder(Audit).decode
_INVENTORY = msgspec.msgpack.Decoder(Inventory).decode
_COLUMNS = "inventory, booted_at, reboot_required, pending, security, score, failed, troubles"


def of(hosts: Collection[int] | None = None) -> Mapping[int, Facts]:
    """Return what is known of some hosts, or of all; without their inventories when all are asked for."""
    rows = FactsRow.objects.all() if hosts is None else FactsRow.objects.filter(host__in=hosts)
    rows = rows.defer("inventory") if hosts is None else rows
    return {row.host: _facts(row, whole=hosts is not None) for row in rows}


def put(host: int, facts: Facts) -> None:
    """Write what is known of a host, all but a deferred inventory."""
    sql.execute(
        f"INSERT INTO hosts_facts (host, {_COLUMNS}) VALUES ({sql.marks(9)}) ON CONFLICT (host) DO UPDATE SET"  # noqa: S608 - names of ours
        f" {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS.split(', '))}",
        [
            host, facts.inventory, facts.booted_at, facts.reboot_required, facts.pending, facts.security, facts.score,
            facts.failed, _JSON(facts.troubles).decode(),
        ],
    )  # fmt: skip


def set_troubles(host: int, troubles: Mapping[str, str]) -> None:
    """Remember what is told to be wrong on a host."""
    changed = FactsRow.objects.filter(host=host).update(troubles=_JSON(troubles).decode())
    if not changed:
        put(host, Facts(troubles=troubles))


def note(noted: Sequence[tuple[int, Noted]]) -> None:
    """Insert what happened on hosts."""
    sql.executemany(
        "INSERT INTO hosts_noted (host, at, kind, subject, body) VALUES (%s, %s, %s, %s, %s)",
        [(host, one.at, one.kind, one.subject, _PACK(one)) for host, one in noted],
    )


def noted(
    host: int, start: float, end: float, n: int, kinds: Collection[str] | None = None
) -> tuple[Noted, ...]:
    """Return what happened on a host with `start` <= at < `end`, newest first."""
    rows = NotedRow.objects.filter(host=host, at__gte=start, at__lt=end)
    rows = rows if kinds is None else rows.filter(kind__in=kinds)
    return tuple(
        _NOTED(bytes(body)) for body in rows.order_by("-at", "-id").values_list("body", flat=True)[:n]
    )


def page(host: int, before: tuple[float, int], n: int) -> tuple[tuple[Noted, ...], tuple[float, int] | None]:
    """Return what happened before an instant and an id, newest first, and before what the next page is; None at the end."""
    rows = sql.query(
        "SELECT body, at, id FROM hosts_noted WHERE host = %s AND (at, id) < (%s, %s) ORDER BY at DESC, id DESC LIMIT %s",
        [host, *before, n + 1],
    )
    more = None if len(rows) <= n else (float(rows[n - 1][1] or 0), int(rows[n - 1][2] or 0))
    return tuple(_NOTED(bytes(row[0])) for row in rows[:n]), more  # type: ignore[arg-type]


def audited(host: int, audit: Audit, score: float, failed: int) -> None:
    """Insert one look at a host's hardening; of a host the last ones are kept."""
    import zstandard

    body = zstandard.compress(_PACK(audit))
    AuditRow.objects.filter(host=host, at=audit.at).delete()
    AuditRow.objects.create(host=host, at=audit.at, score=score, failed=failed, body=body)
    sql.execute(
        "DELETE FROM hosts_audit WHERE host = %s AND at <="
        " (SELECT at FROM hosts_audit WHERE host = %s ORDER BY at DESC LIMIT 1 OFFSET %s)",
        [host, host, MOST_AUDITS],
    )


def audit(host: int) -> Audit | None:
    """Return the last look at a host's hardening."""
    import zstandard

    row = AuditRow.objects.filter(host=host).order_by("-at").first()
    return None if row is None else _AUDIT(zstandard.decompress(bytes(row.body)))


def scores(host: int, n: int = MOST_AUDITS) -> tuple[tuple[float, float, int], ...]:
    """Return when a host was audited, its score and how much failed, oldest first."""
    rows = AuditRow.objects.filter(host=host).order_by("-at").values_list("at", "score", "failed")[:n]
    return tuple(reversed([(float(at), float(score), int(failed)) for at, score, failed in rows]))


def packed(inventory: Inventory) -> bytes:
    """Return an inventory as it is kept."""
    import zstandard

    return zstandard.compress(_PACK(inventory))


def inventory(facts: Facts) -> Inventory | None:
    """Return the inventory that is kept."""
    import zstandard

    return _INVENTORY(zstandard.decompress(facts.inventory)) if facts.inventory else None


def drop_before(noted_before: float, audits_before: float, n: int) -> int:
    """Delete what happened before an instant, and audits, at most `n` of each; return how many went."""
    gone = sql.execute(
        "DELETE FROM hosts_noted WHERE id IN (SELECT id FROM hosts_noted WHERE at < %s LIMIT %s)",
        [noted_before, n],
    )
    return gone + sql.execute(
        "DELETE FROM hosts_audit WHERE (host, at) IN (SELECT host, at FROM hosts_audit WHERE at < %s LIMIT %s)",
        [audits_before, n],
    )


def _facts(row: FactsRow, *, whole: bool) -> Facts:
    return Facts(
        inventory=bytes(row.inventory) if whole else b"", booted_at=row.booted_at, reboot_required=row.reboot_required,
        pending=row.pending, security=row.security, score=row.score, failed=row.failed, troubles=_TROUBLES(row.troubles),
    )  # fmt: skip
