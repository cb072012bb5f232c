"""SQL of timelines. A page reads thousands of lines, so it speaks SQL of its own."""

from collections.abc import Sequence

from vedette.incidents.models import EntryRow
from vedette.incidents.types import Entry, EntryDraft, EntryKind
from vedette.plumbing.db import sql

_COLUMNS = (
    "id, incident_id, at, kind, text, detail, link, by, tone, source, subject, annotation, pinned, hidden"
)
_ADD = f"""INSERT INTO incidents_entry (incident_id, at, kind, text, detail, link, by, tone, source, subject, annotation, pinned, hidden)
    VALUES ({sql.marks(13)}) ON CONFLICT (incident_id, source) DO NOTHING"""  # noqa: S608 - marks
_OF = f"SELECT {_COLUMNS} FROM incidents_entry WHERE incident_id = %s ORDER BY at DESC, id DESC LIMIT %s"  # noqa: S608 - constants
_COUNT = "SELECT count(*) FROM incidents_entry WHERE incident_id = %s"
_KINDS = {kind.value: kind for kind in EntryKind}


def add(incident: int, drafts: Sequence[EntryDraft]) -> int:
    """Put lines into a timeline; those whose source stands there already change nothing. Return how many came."""
    return sql.executemany(_ADD, [_values(incident, draft) for draft in drafts])


def of(incident: int, n: int) -> tuple[Entry, ...]:
    """Return the newest `n` lines of an incident."""
    return tuple(sql.rows(_entry, _OF, (incident, n)))


def count(incident: int) -> int:
    """Return how many lines an incident has."""
    found = sql.query_one(_COUNT, (incident,))
    return int(found[0] or 0) if found else 0


def acts(incident: int) -> frozenset[float]:
    """Return the instants at which somebody did something with an incident."""
    found = sql.query(
        "SELECT at FROM incidents_entry WHERE incident_id = %s AND kind = 'act' AND source LIKE 'act:%%'",
        (incident,),
    )
    return frozenset(float(row[0] or 0) for row in found)


def find(incident: int, entry: int) -> Entry | None:
    """Return one line of an incident, or None."""
    statement = f"SELECT {_COLUMNS} FROM incidents_entry WHERE incident_id = %s AND id = %s"  # noqa: S608 - constants
    return sql.row(_entry, statement, (incident, entry))


def mark(entry: int, *, pinned: bool, hidden: bool, annotation: str) -> None:
    """Change what people decided of a line."""
    EntryRow.objects.filter(pk=entry).update(pinned=pinned, hidden=hidden, annotation=annotation)


def move(entries: Sequence[int], incident: int) -> None:
    """Give lines to another incident; what stands there already goes."""
    for part in sql.batched(entries):
        rows = EntryRow.objects.filter(pk__in=part)
        there = EntryRow.objects.filter(incident=incident).values("source")
        rows.filter(source__in=there).delete()
        rows.update(incident=incident)


def copy(source: int, incident: int) -> None:
    """Put the lines of one incident into the timeline of another, too."""
    statement = """INSERT INTO incidents_entry (incident_id, at, kind, text, detail, link, by, tone, source, subject, annotation, pinned, hidden)
        SELECT %s, at, kind, text, detail, link, by, tone, source, subject, annotation, pinned, hidden
        FROM incidents_entry WHERE incident_id = %s ON CONFLICT (incident_id, source) DO NOTHING"""
    sql.execute(statement, (incident, source))


def _values(incident: int, draft: EntryDraft) -> tuple[sql.Value, ...]:
    return (
        incident, draft.at, draft.kind.value, draft.text, draft.detail, draft.link[:500], draft.by[:200], draft.tone,
        draft.source[:120], draft.subject[:200], "", False, False,
    )  # fmt: skip


def _entry(  # noqa: PLR0917 - the columns of the table, in order
    number: int, incident: int, at: float, kind: str, text: str, detail: str, link: str, by: str, tone: str, source: str,
    subject: str, annotation: str, pinned: int, hidden: int,
) -> Entry:  # fmt: skip
    return Entry(
        id=number, incident=incident, at=at, kind=_KINDS[kind], text=text, detail=detail, link=link, by=by, tone=tone,
        source=source, subject=subject, annotation=annotation, pinned=bool(pinned), hidden=bool(hidden),
    )  # fmt: skip
