"""How long a decision lasts: longer each time, and forgotten in quiet weeks.

With n earlier decisions that count still, it lasts `min(first × 4^n, longest)`: 10 min, 40 min, 2 h 40 min, 10 h 40 min,
1 day 18 h 40 min, and 7 days from then on. One of them is forgotten for each whole week after the last one ended: while somebody is
banned, they are quiet because they must.
"""

from vedette.agent.deciding.types import DAY, Past, Response

FACTOR = 4.0
WEEK = 7 * DAY
MOST_STEPS = 12  # so many quiet weeks and everything is forgotten


def counting(past: Past, now: float) -> int:
    """Return how many earlier decisions count at an instant."""
    return max(0, past.steps - int(max(0.0, now - past.since) // WEEK))


def lasts(response: Response, past: Past, now: float) -> float:
    """Return how many seconds a decision taken now lasts."""
    return min(response.first * FACTOR ** counting(past, now), max(response.first, response.longest))


def after(past: Past, until: float, now: float) -> Past:
    """Return what is remembered once another decision was taken, which ends at `until`."""
    return Past(min(counting(past, now) + 1, MOST_STEPS), until)
