"""SQL of findings: what is known of a target, lists by rank, and their history."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.plumbing.db import sql
from vedette.scans.store import words
from vedette.scans.types import Asked, Known, Life, Line
from vedette.wire.finding import Finding, Severity

BANDS = {severity: 4 - n for n, severity in enumerate(Severity)}
_SEVERITIES = {n: severity for severity, n in BANDS.items()}
_COLUMNS = "id, fingerprint, target, project, host, scanner, body, severity, rank, state, first_at, last_at, until, owner, due_at, fixed_at"
_WRITTEN = (
    "fingerprint, target, project, host, scanner, check_id, subject, title, place, severity, rank, state, until, owner, due_at,"
    " first_at, last_at, fixed_at, body"
)
_N_WRITTEN = 19
_KEPT = (
    "project", "host", "check_id", "subject", "title", "place", "severity", "rank", "state", "until", "owner", "due_at", "last_at",
    "fixed_at", "body",
)  # fmt: skip


class Body(msgspec.Struct, frozen=True, array_like=True):
    """What is kept beside the columns: the finding, and why it was accepted or is no finding."""

    finding: Finding
    reason: str = ""


_ENCODER, _DECODER = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Body)


def of_target(target: int) -> list[Known]:
    """Return all that is known of a target."""
    return sql.rows(_known, f"SELECT {_COLUMNS} FROM scans_finding WHERE target = %s", [target])  # noqa: S608 - our columns


def decided(target: int, n: int) -> list[Known]:
    """Return the findings of a target that are accepted, false, or somebody's, those found first."""
    where = f"SELECT {_COLUMNS} FROM scans_finding WHERE target = %s AND (state IN (%s, %s) OR owner IS NOT NULL) ORDER BY id LIMIT %s"  # noqa: S608 - our columns
    return sql.rows(_known, where, [target, Life.ACCEPTED, Life.FALSE, n])


def by_ids(ids: Sequence[int]) -> list[Known]:
    """Return findings by their numbers; those that are not there are left out."""
    found: list[Known] = []
    for part in sql.batched(list(ids)):
        where = f"SELECT {_COLUMNS} FROM scans_finding WHERE id IN ({sql.marks(len(part))}) ORDER BY id"  # noqa: S608 - marks
        found += sql.rows(_known, where, list(part))
    return found


def page(asked: Asked, after: tuple[float, int] | None, n: int) -> list[Known]:
    """Return findings by rank, the worst first, those found first among equals, past a rank and number."""
    wheres, values = _narrowed(asked)
    if after is not None:
        wheres.append("rank <= %s AND (rank < %s OR id > %s)")
        values += [after[0], after[0], after[1]]
    if not asked.text:
        return _listed("scans_finding", wheres, values, n)
    worst = _among_the_worst(asked.text, wheres, values)
    if len(worst) >= n:
        return sorted(by_ids(worst[:n]), key=lambda one: (-one.rank, one.id))
    matching = words.matching(asked.text)
    source = "scans_finding NOT INDEXED" if matching.few else "scans_finding"
    return _listed(source, [*wheres, matching.where], [*values, *matching.values], n)


def _listed(source: str, wheres: Sequence[str], values: Sequence[sql.Value], n: int) -> list[Known]:
    statement = (
        f"SELECT {_COLUMNS} FROM {source} WHERE {' AND '.join(wheres)} ORDER BY rank DESC, id LIMIT %s"  # noqa: S608 - our words
    )
    return sql.rows(_known, statement, [*values, n])


def _among_the_worst(text: str, wheres: Sequence[str], values: Sequence[sql.Value]) -> list[int]:
    """Return which of the worst few findings a text finds, the worst first: where very many match, a whole page of them."""
    statement = f"SELECT id FROM scans_finding WHERE {' AND '.join(wheres)} ORDER BY rank DESC, id LIMIT %s"  # noqa: S608 - our words
    ids = [int(number or 0) for (number,) in sql.query(statement, [*values, _GLANCE])]
    match = words.among(ids, text)
    return [number for number in ids if number in match]


_GLANCE = 150


def due(before: float, n: int) -> tuple[int, list[Known]]:
    """Return how many open findings are due before an instant, and the worst `n` of them.

    Where few are due they are read by that; where many are, the worst of all soon hold enough that are.
    """
    counted = sql.query_one(
        "SELECT count(*) FROM scans_finding WHERE state = %s AND due_at < %s", [Life.OPEN, before]
    )
    count = int(counted[0] or 0) if counted else 0
    index = "scans_finding_due" if count <= _FEW_DUE else "scans_finding_worst"
    statement = f"SELECT {_COLUMNS} FROM scans_finding INDEXED BY {index} WHERE state = %s AND due_at < %s ORDER BY rank DESC, id LIMIT %s"  # noqa: S608 - ours
    return count, sql.rows(_known, statement, [Life.OPEN, before, n])


_FEW_DUE = 1_000


def count_due(before: float) -> int:
    """Return how many open findings are due before an instant."""
    found = sql.query_one(
        "SELECT count(*) FROM scans_finding WHERE state = %s AND due_at < %s", [Life.OPEN, before]
    )
    return int(found[0] or 0) if found else 0


def over(now: float, n: int) -> list[Known]:
    """Return findings whose acceptance has ended."""
    where = f"SELECT {_COLUMNS} FROM scans_finding WHERE state = %s AND until <= %s ORDER BY until LIMIT %s"  # noqa: S608 - our columns
    return sql.rows(_known, where, [Life.ACCEPTED, now, n])


def alike(check: str, but: int, n: int) -> list[Known]:
    """Return open findings of the same check, the worst first, but one; of very many among those found first."""
    among = "SELECT id FROM scans_finding INDEXED BY scans_finding_check WHERE check_id = %s LIMIT %s"
    where = f"SELECT {_COLUMNS} FROM scans_finding WHERE id IN ({among}) AND +state = %s AND id <> %s ORDER BY rank DESC, id LIMIT %s"  # noqa: S608 - ours
    return sql.rows(_known, where, [check, _AMONG, Life.OPEN, but, n])


_AMONG = 1_000


def add(found: Sequence[Known]) -> None:
    """Insert findings; their numbers are the database's."""
    sql.executemany(
        f"INSERT INTO scans_finding ({_WRITTEN}) VALUES ({sql.marks(_N_WRITTEN)})",  # noqa: S608 - our columns
        [_row(one) for one in found],
    )


def numbers(fingerprints: Sequence[str]) -> dict[str, int]:
    """Return the numbers of findings by their fingerprints."""
    found: dict[str, int] = {}
    for part in sql.batched(list(fingerprints)):
        where = f"SELECT fingerprint, id FROM scans_finding WHERE fingerprint IN ({sql.marks(len(part))})"  # noqa: S608 - marks
        found |= {str(one): int(number or 0) for one, number in sql.query(where, list(part))}
    return found


def change(found: Iterable[Known]) -> None:
    """Write findings anew."""
    sets = ", ".join(f"{name} = %s" for name in _KEPT)
    sql.executemany(f"UPDATE scans_finding SET {sets} WHERE id = %s", [_changed(one) for one in found])  # noqa: S608 - our columns


def seen(ids: Sequence[int], at: float) -> None:
    """Note that findings are there still, as they were."""
    for part in sql.batched(list(ids)):
        among = sql.marks(len(part))
        sql.execute(f"UPDATE scans_finding SET last_at = %s WHERE id IN ({among})", [at, *part])  # noqa: S608 - marks alone


def forget(target: int) -> int:
    """Delete the findings of a target, with their history."""
    words.forget(target)
    sql.execute(
        "DELETE FROM scans_finding_line WHERE finding IN (SELECT id FROM scans_finding WHERE target = %s)",
        [target],
    )
    return sql.execute("DELETE FROM scans_finding WHERE target = %s", [target])


def write(lines: Sequence[tuple[int, Line]]) -> None:
    """Append lines to the history of findings, each with the finding's number."""
    sql.executemany(
        f"INSERT INTO scans_finding_line (finding, at, kind, who, text) VALUES ({sql.marks(5)})",  # noqa: S608 - marks alone
        [(number, one.at, one.kind, one.who[:150], one.text[:1_000]) for number, one in lines],
    )


def lines(number: int, n: int) -> list[Line]:
    """Return the history of a finding, newest first."""
    where = "SELECT at, kind, who, text FROM scans_finding_line WHERE finding = %s ORDER BY at DESC, id DESC LIMIT %s"
    return sql.rows(_line, where, [number, n])


def _narrowed(asked: Asked) -> tuple[list[str], list[sql.Value]]:
    pairs: list[tuple[str, sql.Value]] = [
        ("state = %s", asked.life.value),
        ("severity = %s", None if asked.severity is None else BANDS[asked.severity]),
        ("scanner = %s", asked.scanner or None),
        ("project = %s", asked.project),
        ("host = %s", asked.host),
        ("target = %s", asked.target),
        ("owner = %s", asked.owner or None),
        ("check_id = %s", asked.check or None),
    ]
    wheres = [each for each, value in pairs if value is not None]
    values: list[sql.Value] = [value for _, value in pairs if value is not None]
    if asked.owner == 0:
        wheres.append("owner IS NULL")
    return wheres, values


def _row(one: Known) -> tuple[sql.Value, ...]:
    found = one.finding
    return (
        one.fingerprint, one.target, one.project, one.host, one.scanner, found.check, found.subject, found.title, found.place,
        BANDS[one.severity], one.rank, one.life.value, one.until, one.owner, one.due_at, one.first_at, one.last_at, one.fixed_at,
        _body(one),
    )  # fmt: skip


def _changed(one: Known) -> tuple[sql.Value, ...]:
    found = one.finding
    return (
        one.project, one.host, found.check, found.subject, found.title, found.place, BANDS[one.severity], one.rank, one.life.value,
        one.until, one.owner, one.due_at, one.last_at, one.fixed_at, _body(one), one.id,
    )  # fmt: skip


def _body(one: Known) -> bytes:
    return _ENCODER.encode(Body(one.finding, one.reason))


def _known(  # noqa: PLR0917 - the columns in order
    number: int, fingerprint: str, target: int, project: int, host: int, scanner: str, body: bytes, severity: int, rank: float,
    state: str, first_at: float, last_at: float, until: float | None, owner: int | None, due_at: float | None, fixed_at: float | None,
) -> Known:  # fmt: skip
    kept = _DECODER.decode(body)
    return Known(
        id=number, fingerprint=fingerprint, target=target, project=project, host=host, scanner=scanner, finding=kept.finding,
        severity=_SEVERITIES[severity], rank=rank, life=Life(state), first_at=first_at, last_at=last_at, reason=kept.reason,
        until=until, owner=owner, due_at=due_at, fixed_at=fixed_at,
    )  # fmt: skip


def _line(at: float, kind: str, who: str, text: str) -> Line:
    return Line(at, kind, who, text)
