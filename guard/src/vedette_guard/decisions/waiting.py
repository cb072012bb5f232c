"""How long to wait before a server is asked again that did not answer, or asked for time."""

from __future__ import annotations

FIRST, LONGEST, PATIENCE = 1.0, 300.0, 3600.0


def pause(failures: int, jitter: float, retry_after: float | None = None) -> float:
    """Return seconds to wait after `failures` in a row (from 1): 1, 2, 4, … 300, and up to a quarter more.

    `jitter` is between 0 and 1. What the server asked for is obeyed, up to an hour.
    """
    if retry_after is not None:
        return min(max(retry_after, 0.0), PATIENCE) + jitter
    return min(FIRST * 2.0 ** min(failures - 1, 20), LONGEST) * (1 + jitter / 4)
