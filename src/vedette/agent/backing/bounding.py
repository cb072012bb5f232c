"""Reports that fit a batch. Pure: what is too long is cut where the least is lost, before it is signed."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from vedette.wire.backup import (
    BackupReport,
    BackupRun,
    Check,
    DrillRun,
    Manifest,
    Part,
    Proposals,
    RestoreRun,
    Shelf,
)

MOST_BYTES, MOST_SHELF = 200_000, 700_000
_OUTPUT, _NAMES, _ROWS = 4_000, 200, 5_000
_SIZE = msgspec.msgpack.Encoder().encode
_replace = msgspec.structs.replace
T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)
A = TypeVar("A", DrillRun, RestoreRun)


def bounded(report: BackupReport) -> BackupReport:
    """Return a report that fits; of long lists the first are kept."""
    if isinstance(report, BackupRun):
        return _run(report)
    if isinstance(report, DrillRun):
        return _checked(report)
    if isinstance(report, RestoreRun):
        return _checked(report)
    if isinstance(report, Shelf):
        kept = _replace(report, snapshots=report.snapshots[:_ROWS], entries=report.entries[:_ROWS])
        return _fitted(kept, _fewer_rows, MOST_SHELF)
    if isinstance(report, Proposals):
        return _replace(report, found=report.found[:_NAMES])
    return report


def _run(run: BackupRun) -> BackupRun:
    return _fitted(
        _replace(run, output=run.output[-_OUTPUT:], removed=run.removed[:_NAMES]), _shorter, MOST_BYTES
    )


def _fitted(report: R, cut: Callable[[R], R], most: int) -> R:
    while len(_SIZE(report)) > most and (after := cut(report)) != report:
        report = after
    return report


def _shorter(run: BackupRun) -> BackupRun:
    manifest = run.manifest
    if manifest is None:
        return _replace(run, output="")
    return _replace(run, manifest=Manifest(at=manifest.at, parts=tuple(map(_half, manifest.parts))))


def _half(part: Part) -> Part:
    return _replace(
        part, samples=_first(part.samples), tables=_first(part.tables), unread=_first(part.unread),
        sequences=dict(_first([*part.sequences.items()])),
    )  # fmt: skip


def _checked(act: A) -> A:
    kept = _replace(act, output=act.output[-_OUTPUT:])
    while len(_SIZE(kept)) > MOST_BYTES and (checks := _fewer(kept.checks)) != kept.checks:
        kept = _replace(kept, checks=checks)
    return kept


def _fewer(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Return checks without the texts of those that passed, then fewer of them: what failed is kept the longest."""
    failed = [one for one in checks if not one.passed]
    passed = [one for one in checks if one.passed]
    if any(one.text for one in passed):
        return (*failed, *(_replace(one, text="") for one in passed))
    return (*failed, *_first(passed)) if passed else _first(failed)


def _fewer_rows(shelf: Shelf) -> Shelf:
    return _replace(shelf, entries=_first(shelf.entries), snapshots=_first(shelf.snapshots))


def _first(found: Sequence[T]) -> tuple[T, ...]:
    return tuple(found[: len(found) // 2])
