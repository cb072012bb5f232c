"""What time brings: projects that nobody can read, drifts and runs that are kept long enough."""

from vedette.deploy.store import drifts, runs
from vedette.deploy.watching import tell_blind
from vedette.plumbing.db.sql import transaction

DAYS = 400
_DAY = 86_400.0


def notice(now: float) -> int:
    """Tell of projects that could not be read for a quarter of an hour; return how many."""
    return tell_blind(now)


def drop_old(now: float) -> int:
    """Delete drifts and runs that ended 400 days ago; return how many."""
    with transaction():
        return drifts.drop_before(now - DAYS * _DAY) + runs.drop_before(now - DAYS * _DAY)
