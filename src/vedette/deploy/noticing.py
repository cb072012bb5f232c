"""What time brings: projects that nobody can read, drifts and runs that are kept long enough."""

from vedette.deploy.store import drifts, hosts, runs
from vedette.deploy.watching import tell_blind
from vedette.hosts import service as rooms
from vedette.plumbing.db.sql import transaction

DAYS = 400
_DAY = 86_400.0


def notice(now: float) -> int:
    """Tell of projects that could not be read for a quarter of an hour; return how many."""
    return tell_blind(now)


def drop_old(now: float) -> int:
    """Delete drifts and runs that ended 400 days ago, and what is known of hosts that are gone; return how much."""
    there = {one.id for one in rooms.every()}
    with transaction():
        gone = [one.host for one in hosts.every() if one.host not in there]
        for host in gone:
            hosts.remove(host)
        old = now - DAYS * _DAY
        return len(gone) + drifts.drop_before(old) + runs.drop_before(old)
