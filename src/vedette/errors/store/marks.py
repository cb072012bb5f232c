"""How far the journal was digested."""

from vedette.plumbing.db import sql

_NAME = "digest"


def mark() -> int:
    """Return the highest seq that is counted; 0 before the first."""
    row = sql.query_one("SELECT seq FROM errors_mark WHERE name = %s", (_NAME,))
    return int(row[0] or 0) if row else 0


def set_mark(seq: int) -> None:
    """Remember that everything up to `seq` is counted; in the caller's transaction."""
    sql.execute(
        "INSERT INTO errors_mark (name, seq) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
        (_NAME, seq),
    )
