"""What hardening set on this host, watched: a look a second, and what drifts with since when and by whom.

A file is told by its stat before it is read, and our table of nftables is asked for when the kernel tells of a change.
"""

from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.drift.hearing import Hearing
from vedette.instruments.hardened import adopting, comparing, remembering
from vedette.instruments.hardened.looking import Looking, has_table
from vedette.instruments.hardened.remembering import Book
from vedette.instruments.hardened.types import MANIFEST, Deviation, HardeningManifest, HostSight, packed, read
from vedette.instruments.live.types import Unreadable
from vedette.instruments.logs.sources.ledger import written
from vedette.wire.hardened import HardeningTold

ASKED_EVERY = 60.0  # seconds: our table is asked for although nothing was heard
DEAF_EVERY = 2.0  # where the kernel tells nothing
SETTLES = 60.0  # seconds after a run of hardening within which it leaves its manifest
HELD_AT_MOST = 5_400.0  # seconds that a run of hardening may take
WhoDid = Callable[[Deviation, float], str]


class Watch:
    """Lives on one thread, which is that of the network it looks at. `kept` is a file of ours, `manifest` where hardening left its own."""

    def __init__(self, kept: Path, who: WhoDid, *, root: Path = Path("/"), manifest: str = MANIFEST) -> None:
        self._kept, self._who, self._path, self._root = kept, who, manifest, root
        self._looking, self._hearing = Looking(root), Hearing()
        self._book = _loaded(kept)
        self._read: tuple[str, HardeningManifest] | None = None
        self._table: str | None = None
        self._table_due = 0.0
        self._told: HardeningTold | None = None
        self._base = manifest.rpartition("/")[0]
        self._runs = -1.0, 0.0  # when the folder of runs changed, and when one was taken back last
        self._held: tuple[float, float] | None = None  # until when at most, and which manifest there was

    def close(self) -> None:
        """Hear no more of the kernel."""
        self._hearing.close()

    def look(self, now: float) -> HardeningTold | None:
        """Look once; return how the host stands when that changed, at the first look, too. Raises `Invalid` for a manifest that is none."""
        manifest = self.manifest(now)
        if manifest is None:
            self._book = Book()
        elif not self._is_held(manifest, now):
            self._book_of(manifest, now)
        after = remembering.told(manifest, self._book, now, self._taken_back(now))
        before = self._told
        if before is not None and msgspec.structs.replace(after, at=before.at) == before:
            return None
        self._keep()
        self._told = after
        return after

    def again(self) -> None:
        """Have the next look tell how the host stands, changed or not; what we did ourselves is not waited for."""
        self._told = self._held = None

    def manifest(self, now: float) -> HardeningManifest | None:
        """Return what hardening set; None on a host that was never hardened. Raises `Invalid`, `Unreadable`."""
        found = self._looking.at(self._path, now)
        if found is None:
            self._read = None
            return None
        if found.text is None:
            raise Unreadable(
                f"{self._path} cannot be read; the agent runs as root, or with CAP_DAC_READ_SEARCH."
            )
        if self._read is None or self._read[0] is not found.text:
            self._read = found.text, read(found.text)
            self._table_due = 0.0
        return self._read[1]

    def sight(self, manifest: HardeningManifest, now: float) -> HostSight:
        """Return what there is now."""
        return self._looking.sight(manifest, now, self._asked(now) if has_table(manifest) else None)

    def adopt(self, keys: Collection[str], now: float) -> tuple[str, ...]:
        """Take what is there for what should be; return which standards were changed. Raises `Invalid`, `OSError`."""
        manifest = self.manifest(now)
        if manifest is None:
            raise Invalid("This host was never hardened: there is nothing to adopt.")
        self._table_due = 0.0
        chosen = self.drifting(keys)
        after = adopting.adopted(manifest, chosen, self.sight(manifest, now))
        written(self._root / self._path.lstrip("/"), packed(after))
        return chosen

    def drifting(self, keys: Collection[str] = ()) -> tuple[str, ...]:
        """Return which of these keys drift, of none all that do."""
        return tuple(key for key in self._book.open if not keys or key in keys)

    def _is_held(self, manifest: HardeningManifest, now: float) -> bool:
        """Tell whether hardening is at work: what it changes is no drift, until it left its manifest anew."""
        lock = self._looking.at(f"{self._base}/lock", now, read=False)
        if lock is not None and abs(now - lock.changed) < HELD_AT_MOST:
            since = self._held[1] if self._held else manifest.at
            self._held = now + SETTLES, since
        elif self._held is not None and (now >= self._held[0] or manifest.at != self._held[1]):
            self._held = None
        return self._held is not None

    def _taken_back(self, now: float) -> float:
        """Return when a run of hardening took itself back last, 0 where none did; runs are looked through when there are others."""
        base = self._looking.at(self._base, now, read=False)
        changed = 0.0 if base is None else base.changed
        if changed != self._runs[0]:
            self._runs = changed, self._looking.taken_back(self._base)
        return self._runs[1]

    def _book_of(self, manifest: HardeningManifest, now: float) -> None:
        sight = self.sight(manifest, now)
        found = comparing.off(manifest, sight)
        untold = comparing.untold(manifest, sight)
        self._book = remembering.after(self._book, found, untold, now, self._who)

    def _asked(self, now: float) -> str | None:
        """Return what our table says; asked when something was heard, and now and then."""
        heard = self._hearing.changed()
        if heard or now >= self._table_due or now < self._table_due - ASKED_EVERY:
            self._table = self._looking.table(now)
            self._table_due = now + (ASKED_EVERY if self._hearing.able else DEAF_EVERY)
        return self._table

    def _keep(self) -> None:
        """A full disk costs since when and by whom over a restart, nothing else."""
        try:
            written(self._kept, msgspec.json.encode(self._book))
        except OSError:
            return


def _loaded(kept: Path) -> Book:
    try:
        return msgspec.json.decode(kept.read_bytes(), type=Book)
    except (OSError, ValueError):
        return Book()
