"""Outbox in core.db: what is added commits or vanishes with the change that caused it."""

from collections.abc import Sequence

from vedette.plumbing.db import sql
from vedette.plumbing.outbox.port import OutboxItem, OutboxState, OutboxStatus


class DatabaseOutbox:
    """Implements `plumbing.outbox.port.Outbox` on the table `plumbing_outbox`."""

    def add(self, topic: str, payload: bytes, idempotency_key: str, not_before: float) -> bool:
        """Add work in the caller's transaction; False when this key is already there."""
        return bool(
            sql.execute(
                "INSERT INTO plumbing_outbox (topic, payload, idempotency_key, attempt, not_before, state, error)"
                " VALUES (%s, %s, %s, 0, %s, 'open', '') ON CONFLICT (idempotency_key) DO NOTHING",
                [topic, payload, idempotency_key, not_before],
            )
        )

    def claim(self, n: int, now: float, hold: float, topic: str = "") -> Sequence[OutboxItem]:
        """Take up to `n` due items; see the port. Looks before it takes the write lock."""
        due = self.next_due(topic)
        if due is None or due > now:
            return []
        with sql.transaction():
            rows = sql.query(
                "SELECT id, attempt FROM plumbing_outbox WHERE state = 'open' AND not_before <= %s"
                " AND %s IN ('', topic) ORDER BY not_before, id LIMIT %s",
                [now, topic, n],
            )
            return [item for row in rows if (item := self._take(row, now, now + hold))]

    def done(self, item_id: int) -> None:
        """Say that the work is done."""
        sql.execute("UPDATE plumbing_outbox SET state = 'done' WHERE id = %s AND state = 'open'", [item_id])

    def retry(self, item_id: int, at: float, error: str) -> None:
        """Put the work back for a later try at `at`."""
        sql.execute(
            "UPDATE plumbing_outbox SET not_before = %s, error = %s WHERE id = %s AND state = 'open'",
            [at, error, item_id],
        )

    def fail(self, item_id: int, error: str) -> None:
        """Give the work up for good."""
        sql.execute(
            "UPDATE plumbing_outbox SET state = 'failed', error = %s WHERE id = %s AND state = 'open'",
            [error, item_id],
        )

    def status(self, item_id: int) -> OutboxStatus | None:
        """Return where a piece of work stands."""
        return sql.row(_status, "SELECT state, attempt, error FROM plumbing_outbox WHERE id = %s", [item_id])

    def next_due(self, topic: str = "") -> float | None:
        """Return the instant of the earliest open item, or None."""
        found = "SELECT min(not_before) FROM plumbing_outbox WHERE state = 'open'"
        if not topic:
            return sql.row(_instant, found)
        return sql.row(_instant, f"{found} AND topic = %s", [topic])

    def forget_before(self, instant: float) -> int:
        """Remove done and failed work last due before `instant`."""
        return sql.execute(
            "DELETE FROM plumbing_outbox WHERE state IN ('done', 'failed') AND not_before < %s", [instant]
        )

    def _take(self, row: sql.Row, now: float, until: float) -> OutboxItem | None:
        """Claim one item if nobody has since it was read (compare-and-set on its attempt)."""
        return sql.row(
            OutboxItem,
            "UPDATE plumbing_outbox SET attempt = attempt + 1, not_before = %s"
            " WHERE id = %s AND attempt = %s AND state = 'open' AND not_before <= %s"
            " RETURNING id, topic, payload, idempotency_key, attempt, not_before",
            [until, row[0], row[1], now],
        )


def _status(state: str, attempt: int, error: str) -> OutboxStatus:
    return OutboxStatus(OutboxState(state), attempt, error)


def _instant(instant: float | None) -> float | None:
    return instant
