"""The digest of yesterday, as it is made on the morning after."""

DAY = 86_400.0


def fill(now: float) -> None:
    """Make the digest of the whole last day."""
    from vedette.plumbing.db import sql
    from vedette.reports import making, periods
    from vedette.reports.types import Period

    start, end = periods.last_whole(Period.DAILY, now, "UTC")
    with sql.transaction():
        making.make(Period.DAILY, "UTC", start, end, making.ALL, now)
