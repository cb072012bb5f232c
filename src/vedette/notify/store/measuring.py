"""How many notices were queued, by channel and by what became of them."""

from vedette.plumbing.db import sql


def notices(start: float, end: float, step: float) -> list[tuple[str, str, int, int]]:
    """Return (channel, state, bucket of `step` seconds, notices) of what was queued in `start` <= t < `end`."""
    statement = """SELECT channel_name, state, CAST((queued_at - %s) / %s AS INTEGER) AS place, count(*)
        FROM notify_delivery WHERE queued_at >= %s AND queued_at < %s AND NOT is_bundle AND owner IS NULL
        GROUP BY channel_name, state, place"""
    rows = sql.query(statement, (start, step, start, end))
    return [(str(channel), str(state), int(place or 0), int(n or 0)) for channel, state, place, n in rows]
