"""What dpkg did, and which files it answers for: /var/log/dpkg.log and /var/lib/dpkg/info (dpkg(1), deb-md5sums(5))."""

import datetime as dt
import fnmatch
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from vedette.instruments.files import reading

_LOG, _INFO, _STATUS = "var/log/dpkg.log", "var/lib/dpkg/info", "var/lib/dpkg/status"
_TAIL = 1 << 20
_MOST_TEXT = 32 << 20
_ACTIONS = frozenset({"install", "upgrade", "remove", "purge", "configure", "trigproc"})
# Made by triggers and scripts of packages, and listed by none.
TRIGGERED = (
    "/etc/ld.so.cache", "/etc/alternatives", "/etc/alternatives/*", "/etc/rc?.d", "/etc/rc?.d/*", "/etc/ssl/certs", "/etc/ssl/certs/*",
    "/etc/mailcap", "/etc/shells", "/boot/initrd.img*", "/boot/grub/*", "/etc/systemd/system/*.wants", "/etc/systemd/system/*.wants/*",
    "/usr/bin", "/usr/sbin", "/etc", "/boot", "/etc/*.d",
)  # fmt: skip


class Work(msgspec.Struct, frozen=True):
    """Something dpkg did: when, what, to which package, from and to which version."""

    at: float
    action: str
    package: str
    before: str
    after: str

    @property
    def told(self) -> str:
        """Return it as a person reads it."""
        versions = {"install": f" {self.after}", "upgrade": f" {self.before} → {self.after}"}
        return f"{self.action} {self.package}{versions.get(self.action, '')}"


class Dpkg:
    """dpkg's own files below a root. Its log tells local time: `zone` is that of the host."""

    def __init__(self, root: Path, zone: dt.tzinfo | None = None) -> None:
        self._root = root
        self._zone = zone

    def busy(self, now: float, within: float) -> bool:
        """Tell whether dpkg wrote its log a moment ago."""
        try:
            return abs(now - (self._root / _LOG).stat().st_mtime) < within
        except OSError:
            return False

    def work(self, since: float, until: float) -> list[Work]:
        """Return what it did between two instants; from the end of its log."""
        found = [one for one in map(self._read, self._tail()) if one is not None]
        return [one for one in found if since <= one.at <= until]

    def answers_for(self, packages: Iterable[str]) -> "Answerable":
        """Return which files these packages brought."""
        sums: dict[str, str] = {}
        listed: set[str] = set()
        for package in packages:
            for name in (package, package.partition(":")[0]):
                sums |= self._sums(f"{name}.md5sums")
                listed |= set(self._text(f"{_INFO}/{name}.list").splitlines())
        return Answerable(self._root, sums | self._conffiles(listed), listed)

    def _sums(self, name: str) -> dict[str, str]:
        rows = (line.split(None, 1) for line in self._text(f"{_INFO}/{name}").splitlines())
        return {"/" + row[1]: row[0] for row in rows if len(row) == 2}

    def _conffiles(self, listed: set[str]) -> dict[str, str]:
        """Read ` /etc/x md5` lines of the status file."""
        rows = (line.split() for line in self._text(_STATUS).splitlines() if line.startswith(" /"))
        return {row[0]: row[1] for row in rows if len(row) >= 2 and len(row[1]) == 32 and row[0] in listed}

    def _text(self, name: str) -> str:
        path = self._root / name
        try:
            if path.stat().st_size > _MOST_TEXT:
                return ""
            return path.read_text("utf-8", "surrogateescape")
        except (OSError, ValueError):
            return ""

    def _tail(self) -> list[str]:
        try:
            with (self._root / _LOG).open("rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
                return file.read(_TAIL).decode("utf-8", "replace").splitlines()
        except OSError:
            return []

    def _read(self, line: str) -> Work | None:
        """Read `2026-11-26 17:10:50 upgrade nginx:amd64 1.0 1.1`."""
        words = line.split()
        if len(words) < 6 or words[2] not in _ACTIONS:
            return None
        try:
            moment = dt.datetime.fromisoformat(f"{words[0]} {words[1]}")
        except ValueError:
            return None
        at = (moment.replace(tzinfo=self._zone) if self._zone else moment.astimezone()).timestamp()
        return Work(at, words[2], words[3], words[4], words[5])


class Answerable:
    """The files that some packages brought."""

    def __init__(self, root: Path, sums: Mapping[str, str], listed: set[str]) -> None:
        self._root = root
        self._sums = sums
        self._listed = listed

    def explains(self, path: str, kind: str) -> bool:
        """Tell whether a path is now as one of the packages brought it; `kind` is empty for one that is gone.

        A file of a package must have the content that dpkg knows: one that was changed in the shadow of an upgrade has not.
        A path that is gone and still listed was not taken away by dpkg.
        """
        names = (path, path.removeprefix("/usr"))  # lists are older than the merge of /usr
        known = next((self._sums[name] for name in names if name in self._sums), None)
        if known is not None:
            return kind == "file" and reading.md5(self._root / path.lstrip("/")) == known
        if any(name in self._listed for name in names):
            return kind in {"folder", "link"}
        return kind == "" or any(fnmatch.fnmatchcase(path, pattern) for pattern in TRIGGERED)
