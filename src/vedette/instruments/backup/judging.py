"""Whether what was saved or brought back may be called good. Pure: each returns why not, or nothing.

What is empty, far smaller than before, partly unread or of another time than now is never green (ADR 41).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from vedette.instruments.backup import excluding
from vedette.instruments.backup.phrasing import count, size, span
from vedette.instruments.backup.types import Saved
from vedette.wire.backup import Check, Failure, Goals, Manifest, Part, Snapshot

SKEW = 300.0  # seconds by which clocks of two machines may differ
MOST_NAMED = 3
_MAY_GO, _MAY_GO_SHARE = 10, 0.01  # names, and the share of all files, that may go while they are saved
_FEW = 0.5  # an engine that counts less than this share of what sources saw left something out


class Fault(NamedTuple):
    """Why something is not good, in a sentence."""

    failure: Failure
    sentence: str


def clock(now: float, last: float | None, newest: float | None) -> Fault | None:
    """Judge the clock by when the last run began and the newest snapshot was made."""
    if last is not None and last > now + SKEW:
        return Fault(
            Failure.CLOCK, f"The last run began {span(last - now)} after now: this host's clock went back."
        )
    if newest is not None and newest > now + SKEW:
        return Fault(Failure.CLOCK, f"The newest snapshot was made {span(newest - now)} after now: this clock is wrong, or it was then.")  # fmt: skip
    return None


def empty(manifest: Manifest) -> Fault | None:
    """Judge whether any of what is to be saved has nothing in it."""
    if not manifest.parts:
        return Fault(Failure.SOURCE_EMPTY, "The plan saves nothing: it names no source.")
    return next(filter(None, map(_empty, manifest.parts)), None)


def shrunk(manifest: Manifest, last: Manifest | None, share: float) -> Fault | None:
    """Judge what is to be saved by the last good run: more than `share` (0 to 1) of something may not have vanished."""
    before = {part.what: part for part in last.parts} if last else {}
    found = (_shrunk(part, before[part.what], share) for part in manifest.parts if part.what in before)
    return next(filter(None, found), None)


def partial(manifest: Manifest, saved: Saved, gone: Collection[str] = ()) -> Fault | None:
    """Judge whether all that sources saw was stored; of what the engine could not read, `gone` are names that are no more.

    Files come and go while a folder is saved. A few did nobody's harm; many are a folder that was taken away.
    """
    unread = dict.fromkeys([*(name for part in manifest.parts for name in part.unread), *saved.unread])
    left = [name for name in unread if name not in gone]
    if left:
        return Fault(Failure.PARTIAL, f"{count(len(left), 'name')} could not be read: {_named(left)}.")
    if len(gone) > max(_MAY_GO, manifest.files * _MAY_GO_SHARE):
        return Fault(Failure.PARTIAL, f"{count(len(gone), 'name')} went while it was saved: {_named(gone)}.")
    if saved.files < manifest.files * _FEW:
        return Fault(
            Failure.PARTIAL, f"There were {count(manifest.files, 'file')}, and {saved.files:,} were stored."
        )
    return None


def left_out(excludes: Sequence[str], ours: Iterable[Path]) -> Fault | None:
    """Judge whether a pattern of what is left out would leave out what we dumped to be saved."""
    hidden = excluding.leaving_out(excludes)
    found = next((path for path in ours if hidden(str(path))), None)
    if found is None:
        return None
    return Fault(Failure.PARTIAL, f"A pattern of what is left out leaves out {found.name}, which was dumped to be saved: name it by its whole path.")  # fmt: skip


def stored(saved: Saved, listed: Sequence[Snapshot]) -> Fault | None:
    """Judge whether the repository lists what the engine says it stored."""
    found = next((one for one in listed if one.name == saved.snapshot), None)
    if not saved.snapshot or found is None:
        return Fault(
            Failure.DAMAGED, "The engine says that it stored a snapshot, and the repository lists none."
        )
    if not found.whole:
        return Fault(Failure.DAMAGED, f"The snapshot {found.name} is listed as not whole.")
    return None


def pruned(kept: str, removed: Iterable[str]) -> Fault | None:
    """Judge whether the snapshot that was just made is still there after those whose time was over were removed."""
    if kept in removed:
        return Fault(Failure.DAMAGED, f"Removing old snapshots took the new one as well ({kept}).")
    return None


def proven(checks: Sequence[Check]) -> Fault | None:
    """Judge what a drill or restore looked at; looking at nothing proves nothing."""
    if not checks:
        return Fault(Failure.NOT_PROVEN, "Nothing was looked at, so nothing is proven.")
    failed = [check for check in checks if not check.passed]
    if not failed:
        return None
    told = "; ".join(f"{check.name}: {check.text.rstrip('.')}" for check in failed[:MOST_NAMED])
    return Fault(Failure.NOT_PROVEN, f"{len(failed)} of {count(len(checks), 'check')} failed: {told}.")


def came_back(files: int, expected: int) -> Fault | None:
    """Judge whether a restore brought back anything at all."""
    if not files:
        return Fault(Failure.NOT_PROVEN, f"The engine said that it restored, and nothing came back (of {count(expected, 'file')}).")  # fmt: skip
    return None


def late(goals: Goals, rto: float | None, rpo: float | None) -> tuple[str, ...]:
    """Return the goals of time that were missed, each as a sentence; a goal of 0 is none."""
    missed = []
    if rto is not None and 0 < goals.rto < rto:
        missed.append(f"Back within {span(goals.rto)} is the goal, and it took {span(rto)}.")
    if rpo is not None and 0 < goals.rpo < rpo:
        missed.append(f"Losing no more than {span(goals.rpo)} is the goal, and {span(rpo)} would be lost.")
    return tuple(missed)


def _empty(part: Part) -> Fault | None:
    rows = sum(table.rows for table in part.tables)
    if part.tables and not rows:
        return Fault(
            Failure.SOURCE_EMPTY,
            f"{part.what}: there is no row in any of {count(len(part.tables), 'table')}.",
        )
    if not part.tables and not part.bytes:
        return Fault(
            Failure.SOURCE_EMPTY, f"{part.what}: there is not one byte in {count(part.files, 'file')}."
        )
    return None


def _shrunk(part: Part, before: Part, share: float) -> Fault | None:
    figures: Mapping[str, tuple[int, int]] = {
        "files": (part.files, before.files),
        "rows": (sum(t.rows for t in part.tables), sum(t.rows for t in before.tables)),
    }
    for noun, (now, then) in figures.items():
        if now < then * (1 - share):
            return _shrank(part.what, f"{then:,} {noun} then, {now:,} now", now, then)
    if part.bytes < before.bytes * (1 - share):
        return _shrank(
            part.what, f"{size(before.bytes)} then, {size(part.bytes)} now", part.bytes, before.bytes
        )
    gone = {table.name for table in before.tables if table.rows} - {table.name for table in part.tables}
    if len(gone) > len(before.tables) * share:
        return Fault(Failure.SHRANK, f"{part.what}: tables vanished: {_named(sorted(gone))}.")
    return None


def _shrank(what: str, figures: str, now: int, then: int) -> Fault:
    return Fault(Failure.SHRANK, f"{what} is {1 - now / then:.0%} smaller than the last time: {figures}.")


def _named(names: Iterable[str]) -> str:
    several = list(islice(names, MOST_NAMED + 1))
    return ", ".join(several[:MOST_NAMED]) + (", …" if len(several) > MOST_NAMED else "")
