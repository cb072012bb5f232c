"""The full-text document of each issue: written when the issue is new, and again when it gains values to be found by."""

from collections.abc import Iterable

import msgspec

from vedette.errors.store.tagging import Fresh
from vedette.errors.tallying import Tally, words_of
from vedette.errors.types import Event
from vedette.plumbing.db import sql

_DECODE = msgspec.json.Decoder(Event).decode

MOST_WRITES = 30
LONGEST = 6_000
_NOT_WORDS = frozenset({"level", "handled", "mechanism"})
_MOST_NEW = 20


def write(changes: Iterable[tuple[int, Tally, int, Fresh]], rows: str = "errors_issue") -> None:
    """Write the documents of issues (id, tally, times written before, values of tags it had not before).

    Those of the groups of merged issues (`rows` names their table) stay theirs; a search leads to the issue.
    """
    added: list[tuple[int, str]] = []
    appended: list[tuple[int, str]] = []
    for issue, tally, writes, fresh in changes:
        said = " ".join(_said(fresh))
        if not writes:
            added.append((issue, f"{words_of(_DECODE(tally.body))}\n{said}"[:LONGEST]))
        elif said and writes < MOST_WRITES:
            appended.append((issue, said))
    sql.executemany("INSERT INTO errors_search (rowid, body) VALUES (%s, %s)", added)
    _append(appended)
    sql.executemany(
        f"UPDATE {rows} SET words = words + 1 WHERE id = %s",  # noqa: S608 - a name of our own
        [(i,) for i, _ in (*added, *appended)],
    )


def _said(fresh: Fresh) -> Iterable[str]:
    for key, values in fresh.items():
        if key not in _NOT_WORDS:
            yield from values[:_MOST_NEW]


def _append(changes: Iterable[tuple[int, str]]) -> None:
    rows = []
    for issue, said in changes:
        row = sql.query_one("SELECT body FROM errors_search WHERE rowid = %s", (issue,))
        body = str(row[0]) if row else ""
        if len(body) < LONGEST:
            rows.append((f"{body} {said}"[:LONGEST], issue))
    sql.executemany("UPDATE errors_search SET body = %s WHERE rowid = %s", rows)
