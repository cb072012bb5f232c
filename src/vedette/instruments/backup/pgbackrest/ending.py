"""Whether archived WAL reaches what is aimed at: PostgreSQL refuses to start where it ends before. Pure.

Recovery stops at the end of a transaction: the first one at or after an instant, or that of one transaction. Source: "Recovery
Target" of PostgreSQL's documentation, and what `pg_waldump --rmgr=Transaction` of PostgreSQL 13 to 17 prints.
"""

import re
from datetime import UTC, datetime

import msgspec

from vedette.wire.backup import Aim

_END = re.compile(
    r"tx:\s*(\d+), .*desc: (?:COMMIT|ABORT)(?:_PREPARED (\d+):)? (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?)"
)
_EXACT = 1e-6  # seconds: PostgreSQL counts in microseconds


class End(msgspec.Struct, frozen=True):
    """The end of a transaction as WAL has it: its number, and the instant."""

    transaction: int
    at: float


def end(line: str) -> End | None:
    """Return the end of a transaction that a line tells of; its times are UTC."""
    found = _END.search(line)
    if not found:
        return None
    at = datetime.fromisoformat(found[3]).replace(tzinfo=UTC).timestamp()
    return End(int(found[2] or found[1]), at)


def reaches(aim: Aim, one: End) -> bool:
    """Tell whether recovery to an aim stops at this end of a transaction at the latest."""
    if aim.before is not None:
        return one.at >= aim.before - _EXACT
    return aim.transaction == one.transaction
