"""What was just stored is read back: all a snapshot needs, or of a huge one files whose hashes are remembered."""

from collections.abc import Iterator
from pathlib import Path

from vedette.core.names import read
from vedette.instruments.backup import judging
from vedette.instruments.backup.clearing import clear
from vedette.instruments.backup.types import Failed, Level, Saved, Store, Tools
from vedette.instruments.backup.what.staged import sha256
from vedette.wire.backup import Aim, Failure, Manifest, Sampled, Snapshot

MOST_READ = 2_000_000_000  # bytes of a snapshot that are read as a whole
MOST_FILES = 32


def verify(
    store: Store, saved: Saved, manifest: Manifest, scratch: Path, tools: Tools
) -> tuple[Snapshot, ...]:
    """Return the snapshots of the repository, in which what was stored is listed and whole; raises `Failed`."""
    listed = store.snapshots(tools)
    fault = judging.stored(saved, listed)
    if fault is not None:
        raise Failed(*fault)
    samples = list(_samples(manifest))
    if saved.read <= MOST_READ or not samples:
        store.verify(saved.snapshot, Level.SNAPSHOT, tools)
    else:
        store.verify(saved.snapshot, Level.QUICK, tools)
        _read_samples(store, saved.snapshot, samples, scratch, tools)
    return listed


def _samples(manifest: Manifest) -> Iterator[Sampled]:
    left, chosen = MOST_READ, 0
    for sample in (sample for part in manifest.parts for sample in part.samples):
        if sample.size <= left and chosen < MOST_FILES:
            left -= sample.size
            chosen += 1
            yield sample


def _read_samples(store: Store, snapshot: str, samples: list[Sampled], scratch: Path, tools: Tools) -> None:
    clear(scratch)
    scratch.mkdir(parents=True, mode=0o700)
    try:
        aim = Aim(snapshot=snapshot, paths=tuple(sample.name for sample in samples))
        root = store.restore(aim, scratch, tools).root
        other = [sample.name for sample in samples if not _same(root, sample)]
    finally:
        clear(scratch)
    if other:
        raise Failed(Failure.DAMAGED, f"{len(other)} of {len(samples)} files that were read back are not as they were saved: {', '.join(other[:3])}.")  # fmt: skip


def _same(root: Path, sample: Sampled) -> bool:
    try:
        return sha256(root / read(sample.name).lstrip("/")) == sample.sha256
    except OSError:
        return False
