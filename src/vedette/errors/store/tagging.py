"""Count the values of tags. Of each tag of an issue at most `MOST_VALUES` values are kept; the rest is "other"."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from vedette.errors.tallying import Tally
from vedette.plumbing.db import sql

MOST_VALUES = 100
MOST_KEYS = 100
OTHER = ""
_REMEMBERED = 1_000
Values = dict[str, set[str]]


class Fresh(dict[str, list[str]]):
    """The values of tags that an issue had not before, by tag."""


class _Book:
    """Remembers which values the tags of recent issues have, so that counting needs no look.

    A page is right as long as it holds as many values as the issue's row says were written: the row changes in the
    same transaction as the values, so a rolled back write or another process's write is noticed. That holds for
    what only grows; the values of a merged issue come and go with its groups, so theirs are not remembered.
    """

    def __init__(self, of: str, remembered: int = _REMEMBERED) -> None:
        self.of = of
        self._remembered = remembered
        self._pages: OrderedDict[int, Values] = OrderedDict()

    def page(self, issue: int, written: int) -> Values:
        page = self._pages.pop(issue, None)
        if page is None or sum(map(len, page.values())) != written:
            page = self._read(issue) if written else {}
        self._pages[issue] = page
        if len(self._pages) > self._remembered:
            self._pages.popitem(last=False)
        return page

    def _read(self, issue: int) -> Values:
        page: Values = {}
        statement = f"SELECT key, value FROM {self.of}_tag WHERE issue = %s"  # noqa: S608 - a name of our own
        for key, value in sql.query(statement, (issue,)):
            page.setdefault(str(key), set()).add(str(value))
        return page


_UPSERT = (
    "INSERT INTO {}_tag (issue, key, value, n, last) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT (issue, key, value) DO UPDATE SET n = n + excluded.n, last = max(last, excluded.last)"
)
ISSUES = _Book("errors")
GROUPS = _Book("errors_group")
MERGED = _Book("errors", 0)
_ROWS = {"errors": "errors_issue", "errors_group": "errors_group"}


def add(changes: Iterable[tuple[int, Tally, int]], book: _Book = ISSUES) -> dict[int, Fresh]:
    """Count the tags of issues or groups (id, tally, values written before); return what each had not before."""
    rows: list[tuple[sql.Value, ...]] = []
    fresh: dict[int, Fresh] = {}
    totals: list[tuple[int, int]] = []
    for issue, tally, written in changes:
        fresh[issue] = found = Fresh()
        page = book.page(issue, written)
        added = 0
        for (key, value), n in tally.tags.items():
            kept, is_new = _place(page, key, value, found)
            if kept is not None:
                rows.append((issue, key, kept, n, tally.last_at))
            added += is_new
        if added:
            totals.append((written + added, issue))
    sql.executemany(_UPSERT.format(book.of), rows)
    sql.executemany(f"UPDATE {_ROWS[book.of]} SET tag_values = %s WHERE id = %s", totals)  # noqa: S608
    return fresh


def _place(page: Values, key: str, value: str, fresh: Fresh) -> tuple[str | None, bool]:
    """Return under which value to count, and whether that is a new row; None when the issue has too many tags."""
    values = page.get(key)
    if values is None:
        if len(page) >= MOST_KEYS:
            return None, False
        values = page[key] = set()
    if value in values:
        return value, False
    if len(values) >= MOST_VALUES:
        value = OTHER
        if value in values:
            return value, False
    else:
        fresh.setdefault(key, []).append(value)
    values.add(value)
    return value, True


def rows(issue: int) -> Sequence[tuple[str, str, int, float]]:
    """Return (key, value, events, last) of an issue's tags, the most frequent first."""
    return sql.rows(
        lambda key, value, n, last: (key, value, n, last),
        "SELECT key, value, n, last FROM errors_tag WHERE issue = %s ORDER BY n DESC, value",
        (issue,),
    )


def names(most: int = 500) -> frozenset[str]:
    """Return the names of tags that any issue carries: one step into the index for each, whatever the rows."""
    statement = (
        "WITH RECURSIVE name(key) AS (SELECT min(key) FROM errors_tag UNION ALL"
        " SELECT (SELECT min(key) FROM errors_tag WHERE key > name.key) FROM name WHERE key IS NOT NULL)"
        " SELECT key FROM name WHERE key IS NOT NULL LIMIT %s"
    )
    return frozenset(sql.rows(str, statement, (most,)))
