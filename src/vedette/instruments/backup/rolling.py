"""Drills of huge sets: which part is restored this time, and what was proven when, kept beside us until all came round."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from vedette.core.names import read, written
from vedette.instruments.backup import sampling
from vedette.instruments.backup.sampling import Due, Unit
from vedette.instruments.backup.types import Store, Tools
from vedette.instruments.backup.what.paths import listing
from vedette.instruments.backup.what.paths.gathering import LIST
from vedette.instruments.backup.working import Work, emptied, safe
from vedette.wire.backup import DAY, Aim, DrillRun, Manifest, Part, Stage

_USUAL, _SHORTEST, _LONGEST = 7 * DAY, 3_600.0, 31 * DAY  # seconds between two drills
_REMEMBERED = 2  # times `whole_days`


class Proven(msgspec.Struct, frozen=True):
    """When names came back as they were, and since when that is noted."""

    since: float
    names: Mapping[str, float] = {}

    def of(self, units: Sequence[Unit]) -> Mapping[str, float]:
        """Return it with what was never restored as old as the notes: else the first drill would restore everything."""
        return {**{name: self.since for unit in units for name in unit.names}, **self.names}


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one drill restores: its paths for the engine, and what is due of the set."""

    paths: tuple[str, ...]
    due: Due


def next_round(
    work: Work, store: Store, manifest: Manifest, *, snapshot: str, past: Sequence[DrillRun], tools: Tools
) -> Round | None:  # fmt: skip
    """Return what is restored of a set of which a sample is asked for; None is all of it. Raises `Failed`."""
    drills, parts = work.plan.drills, [part for part in manifest.parts if part.facts.get(LIST)]
    if not drills.sample or manifest.bytes <= drills.sample or not parts:
        return None
    names = tuple(part.facts[LIST] for part in parts)
    now = tools.now()
    with emptied(work.folder / "lists") as place:
        root = store.restore(Aim(snapshot=snapshot, paths=names), place, tools).root
        units = sampling.units_of(lambda: _files(root, names), drills.sample)
    proven, fresh = _proven(work, now), now - drills.whole_days * DAY
    due = sampling.due(
        units, proven.of(units), now=now, sample=drills.sample, whole_days=drills.whole_days, between=_between(past, now)
    )  # fmt: skip
    if not due.names:
        return None
    due = msgspec.structs.replace(
        due, coverage=_covered(units, {**proven.names, **dict.fromkeys(due.names, now)}, fresh)
    )
    return Round(paths=(*due.names, *_dumps(parts)), due=due)


def remember(work: Work, due: Due, now: float) -> None:
    """Note that what was due came back as it was."""
    oldest = now - work.plan.drills.whole_days * DAY * _REMEMBERED
    proven = _proven(work, now)
    names = {name: at for name, at in proven.names.items() if at > oldest}
    path = _place(work)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.encode(Proven(proven.since, {**names, **dict.fromkeys(due.names, now)})))
    new.replace(path)


def _files(root: Path, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    for name in names:
        for line in listing.lines(root / read(name).lstrip("/")):
            if line.kind == listing.FILE:
                yield line.name, line.size


def _dumps(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return the staging folder, in which all dumps, lists and the manifest were saved: they always come back."""
    return tuple(dict.fromkeys(written(Path(read(part.facts[LIST])).parents[1]) for part in parts))


def _between(past: Sequence[DrillRun], now: float) -> float:
    last = next((drill.began_at for drill in past if drill.stage is Stage.DONE), now - _USUAL)
    return min(max(now - last, _SHORTEST), _LONGEST)


def _covered(units: Sequence[Unit], proven: Mapping[str, float], since: float) -> float:
    """Return the share of all bytes that was restored since an instant, each by itself or with a folder above it."""
    fresh = {name for name, at in proven.items() if at > since}
    covered = sum(unit.bytes for unit in units if all(_is_in(name, fresh) for name in unit.names))
    return covered / max(1, sum(unit.bytes for unit in units))


def _is_in(name: str, fresh: Collection[str]) -> bool:
    return name in fresh or any(str(above) in fresh for above in PurePosixPath(name).parents)


def _proven(work: Work, now: float) -> Proven:
    try:
        return msgspec.json.decode(_place(work).read_bytes(), type=Proven)
    except (OSError, msgspec.DecodeError):
        return Proven(since=now - 1.0)  # nothing is known to be proven: what is proven now is newer


def _place(work: Work) -> Path:
    return work.folder / "proven" / f"{safe(work.copy.name)}.json"
