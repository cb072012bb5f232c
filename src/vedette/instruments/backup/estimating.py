"""How long something will take: while it runs by what is done, before it by what drills measured. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.instruments.backup.phrasing import size, span
from vedette.wire.backup import Aim, BackupRun, DrillRun, Entry, Manifest, Progress, Stage

_SOON = 2.0  # seconds after which a rate says something
_FIXED = 2.0  # what opening a repository takes at least, when nothing was measured
_USUAL = 50_000_000.0  # bytes a second of a restore of which nothing was measured


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What a restore will bring back and how long that takes; `measured` says that a drill of this copy timed it."""

    bytes: int
    seconds: float
    measured: bool
    sentence: str


def with_eta(progress: Progress, seconds: float) -> Progress:
    """Return progress with the seconds that are left after these `seconds`, by bytes where they are known, else files."""
    done, total = _known(progress)
    if not total or not done or seconds < _SOON:
        return progress
    return msgspec.structs.replace(progress, eta=max(0.0, seconds * (total - done) / done))


def restore_of(
    aim: Aim, runs: Sequence[BackupRun], drills: Sequence[DrillRun], entries: Sequence[Entry] = ()
) -> Estimate:
    """Return what a restore takes, by the manifest of its snapshot and the drills of the same copy (newest first).

    `entries` are those of the aimed paths, where they were listed: a part is estimated by its bytes.
    """
    amount = sum(entry.size for entry in entries) if aim.paths and entries else _bytes(aim, runs)
    measured = [drill for drill in drills if drill.stage is Stage.DONE and drill.rto and drill.bytes]
    if not measured:
        seconds = _FIXED + amount / _USUAL
        return Estimate(bytes=amount, seconds=seconds, measured=False, sentence=f"{size(amount)}, about {span(seconds)}: a guess, for no drill timed it yet.")  # fmt: skip
    last = measured[0]
    seconds = (last.rto or 0.0) * amount / last.bytes
    seconds = max(seconds, min(_FIXED, last.rto or 0.0))
    return Estimate(bytes=amount, seconds=seconds, measured=True, sentence=f"{size(amount)}, about {span(seconds)}: the last drill brought {size(last.bytes)} back in {span(last.rto or 0.0)}.")  # fmt: skip


def _known(progress: Progress) -> tuple[int, int]:
    if progress.of_bytes:
        return min(progress.bytes, progress.of_bytes), progress.of_bytes
    return min(progress.files, progress.of_files), progress.of_files


def _bytes(aim: Aim, runs: Sequence[BackupRun]) -> int:
    told = [run for run in runs if run.snapshot and run.manifest is not None]
    run = next(
        (one for one in told if one.snapshot == aim.snapshot), told[0] if told and not aim.snapshot else None
    )
    return _part(run.manifest, aim.what) if run is not None and run.manifest is not None else 0


def _part(manifest: Manifest, what: str) -> int:
    return sum(part.bytes for part in manifest.parts if not what or part.what == what)
