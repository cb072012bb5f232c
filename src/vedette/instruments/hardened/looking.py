"""A look at a host for its standards: cheap enough for every second. What has the stat of the last look is not read again."""

import contextlib
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from vedette.core.errors import VedetteError
from vedette.instruments.hardened.types import (
    ASKED,
    AccessStandard,
    FileStandard,
    HardeningManifest,
    HostSight,
    KernelStandard,
    PackageStandard,
    PathState,
    TableStandard,
    UnitStandard,
)
from vedette.instruments.live.host import HostLive
from vedette.instruments.live.types import Live, Missing, Unreadable

STATUS = "/var/lib/dpkg/status"
_MOST_RUNS = 500
_FRESH = 2.0  # seconds: what changed so lately may have changed again within one tick of the clock of files
_Mark = tuple[int, int, int, int, int, int, int]


class Looking:
    """Lives on one thread. `root` is where the host's files begin, `live` how it is asked at an instant."""

    def __init__(self, root: Path = Path("/"), live: Callable[[float], Live] | None = None) -> None:
        self._root = root
        self._live = live or (lambda now: HostLive(now, root))
        self._known: dict[str, tuple[_Mark, float, PathState]] = {}
        self._packages: frozenset[str] | None = None
        self._listed: PathState | None = None

    def forget(self) -> None:
        """Forget what was read: what is looked at is other than before."""
        self._known.clear()

    def at(self, path: str, now: float, *, read: bool = True) -> PathState | None:
        """Return a path as it is, None where there is none; raises `Unreadable`."""
        try:
            found = os.lstat(self._root / path.lstrip("/"))
        except (FileNotFoundError, NotADirectoryError):
            self._known.pop(path, None)
            return None
        except OSError as error:
            raise Unreadable(f"{path}: {error.strerror}.") from error
        mark = _mark(found)
        known = self._known.get(path)
        if known is not None and known[0] == mark and known[1] - found.st_ctime > _FRESH:
            return known[2]
        stood = PathState(
            mode=stat.S_IMODE(found.st_mode), uid=found.st_uid, gid=found.st_gid, changed=found.st_ctime,
            text=self._text(path, now) if read and stat.S_ISREG(found.st_mode) else None,
        )  # fmt: skip
        self._known[path] = mark, now, stood
        return stood

    def sight(self, manifest: HardeningManifest, now: float, table: str | None) -> HostSight:
        """Return what there is of a manifest's standards; `table` is what our table says, None where it was not asked."""
        standards = manifest.standards
        files = dict(
            self._files([one for one in standards if isinstance(one, FileStandard | AccessStandard)], now)
        )
        links = {one.link: self._is_there(one.link) for one in standards if isinstance(one, UnitStandard)}
        gone = [*(path for path, found in files.items() if found is None), *(link for link, there in links.items() if not there)]  # fmt: skip
        has_packages = any(isinstance(one, PackageStandard) for one in standards)
        return HostSight(
            files=files,
            links=links,
            values=self._values((one.name for one in standards if isinstance(one, KernelStandard)), now),
            packages=self._installed(now) if has_packages else None,
            table=table,
            folders={folder: at for path in gone if (at := self._changed(folder := _folder(path)))},
        )

    def table(self, now: float) -> str | None:
        """Return our table as nft tells it, empty where it is not in force; None where nft cannot be asked."""
        live = self._live(now)
        try:
            return live.ran(*ASKED).strip()
        except Missing:
            return None
        except Unreadable as error:
            return "" if "No such file" in str(error) else None

    def taken_back(self, base: str) -> float:
        """Return when a run of hardening below a folder of ours took itself back last; 0 where none did."""
        latest = 0.0
        for over in sorted((self._root / base.lstrip("/")).glob("run-*/over"))[-_MOST_RUNS:]:
            with contextlib.suppress(OSError, UnicodeDecodeError):
                if over.read_text("utf-8").strip() == "back":
                    latest = max(latest, over.stat().st_mtime)
        return latest

    def _files(
        self, standards: Sequence[FileStandard | AccessStandard], now: float
    ) -> Iterator[tuple[str, PathState | None]]:
        """Yield paths as they are; what cannot be looked at is left out, and only what has a text is read."""
        texts = {one.path for one in standards if isinstance(one, FileStandard)}
        for path in dict.fromkeys(one.path for one in standards):
            with contextlib.suppress(Unreadable):
                yield path, self.at(path, now, read=path in texts)

    def _text(self, path: str, now: float) -> str | None:
        try:
            return self._live(now).text(path)
        except VedetteError:
            return None

    def _values(self, names: Iterable[str], now: float) -> dict[str, str]:
        found, live = {}, self._live(now)
        for name in names:
            try:
                found[name] = " ".join(live.text("/proc/sys/" + name.replace(".", "/")).split())
            except VedetteError:
                continue
        return found

    def _installed(self, now: float) -> frozenset[str] | None:
        """Return the installed packages; dpkg's list is read when it changed."""
        try:
            listed = self.at(STATUS, now, read=False)
        except Unreadable:
            return None
        if listed is None:
            return None
        if listed != self._listed or self._packages is None:
            self._listed, self._packages = listed, _names(self._text(STATUS, now))
        return self._packages

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(self._root / path.lstrip("/"))

    def _changed(self, folder: str) -> float:
        try:
            return (self._root / folder.lstrip("/")).stat().st_mtime
        except OSError:
            return 0.0


def has_table(manifest: HardeningManifest) -> bool:
    """Tell whether our table is one of the standards."""
    return any(isinstance(one, TableStandard) for one in manifest.standards)


def _mark(found: os.stat_result) -> _Mark:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_mode, found.st_uid << 32 | found.st_gid)  # fmt: skip


def _folder(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def _names(status: str | None) -> frozenset[str] | None:
    """Return the names of packages that dpkg's list says are installed."""
    if status is None:
        return None
    found, name = set[str](), ""
    for line in status.splitlines():
        if line.startswith("Package: "):
            name = line[9:].strip()
        elif line.startswith("Status: ") and line.endswith(" installed"):
            found.add(name)
    return frozenset(found)
