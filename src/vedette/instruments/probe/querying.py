"""What databases are asked, and how their answer becomes a body. Decisions only."""

from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from vedette.instruments.probe.conversing import Securable
from vedette.instruments.probe.optioning import wrong
from vedette.instruments.probe.types import Target

MOST_ROWS = 100
_MOST_QUERY = 10_000


class QueryOptions(Securable, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks, and what: one statement that reads."""

    user: str = ""
    password: str = ""
    query: str = "SELECT 1"


def check(options: QueryOptions, target: Target) -> None:
    """Raise `Invalid` for options that can never work."""
    if not options.user:
        raise wrong("user", "name the user to sign in as; one that may only read is best")
    for name in ("user", "password", "query"):
        if "\x00" in getattr(options, name):
            raise wrong(name, "it holds a NUL")
    if not options.query.strip():
        raise wrong("query", "write a statement that reads, such as SELECT 1")
    if len(options.query) > _MOST_QUERY:
        raise wrong("query", f"{_MOST_QUERY} characters at most")
    if "\x00" in database_of(target):
        raise wrong("url", "the name of its database holds a NUL")


def database_of(target: Target) -> str:
    """Return the database that the path of a URL names; empty when it names none."""
    return unquote(target.path.partition("?")[0].strip("/"))


def as_body(columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> bytes:
    """Return rows as JSON: a list of objects by the names of the columns; values are text or null."""
    return msgspec.json.encode([dict(zip(columns, row, strict=False)) for row in rows])


def counted(rows: Sequence[object]) -> str:
    """Return how many rows came, in words."""
    if len(rows) >= MOST_ROWS:
        return f"{MOST_ROWS} rows or more"
    return "1 row" if len(rows) == 1 else f"{len(rows)} rows"
