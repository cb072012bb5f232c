"""JSON: all that was found, in a form that stays (docs/scans/README.md)."""

import msgspec

from vedette.instruments.scan.telling import words
from vedette.instruments.scan.telling.types import Format, Telling

SCHEMA = 1


def _write(told: Telling) -> str:
    reports = [msgspec.to_builtins(report) for report in told.reports]
    return words.json(
        {
            "schema": SCHEMA,
            "version": told.version,
            "at": words.instant(told.now),
            "exit": told.verdict.code,
            "verdict": told.verdict.reason,
            "fail_on": told.fail_on,
            "reports": reports,
        }
    )


FORMAT = Format(name="json", about="All that was found, for programs.", write=_write)
