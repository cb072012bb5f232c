"""The files of a tree that is scanned: links are not followed, what was made by tools is passed over, and all is counted."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from vedette.instruments.scan.types import CannotKnow
from vedette.wire.scan import Unknown

SKIPPED = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", ".venv", "venv", ".tox", ".nox", "__pycache__", ".mypy_cache",
    ".ruff_cache", ".pytest_cache", "site-packages", ".terraform", ".gradle", ".eggs",
})  # fmt: skip
LARGEST = 5 * 1024 * 1024
MOST_FILES = 1_000_000
MOST_UNREADABLE = 100  # told one by one
_READ = "Let the scan read it, or scan another path."
_SMALLER = "Look at it by hand, raise the limit (largest, where the scan has it), or take it out of the tree."
_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|specs?|testdata|fixtures?|__tests__|docs?|examples?|samples?)/|(?:^|/)(?:test_|conftest)|[._-](?:test|spec)\.\w+$",
    re.IGNORECASE,
)


class Tree:
    """A walk through a file or a folder. After it, `skipped`, `large` and `unknown` say what was not looked at.

    The root itself may be a link; links that lead out of it are counted in `out`. `wanted` says by name and beginning
    of which file that is too large is told: what would be no text anyway is counted alone.
    """

    def __init__(
        self,
        root: Path,
        largest: int = LARGEST,
        skip: frozenset[str] = SKIPPED,
        wanted: Callable[[str, bytes], bool] | None = None,
    ) -> None:
        self.root, self._largest, self._skip, self._wanted = resolved(root), largest, skip, wanted
        self.skipped, self.large, self.files, self.size, self.out = 0, 0, 0, 0, 0
        self.unknown: list[Unknown] = []
        self.cut = False

    def texts(self) -> Iterator[tuple[str, bytes]]:
        """Yield path (with `/`, from the root) and content of each file that is not too large; raises `CannotKnow`."""
        for name, path in self._paths():
            if self.files >= MOST_FILES:
                self._blind(name, OSError(0, f"more than {MOST_FILES} files"))
                return
            content = self._read(name, path)
            if content is not None:
                self.files, self.size = self.files + 1, self.size + len(content)
                yield name, content

    def nothing(self) -> Unknown:
        """Return what is to be told where no file was looked at: that is not clean."""
        where = shown(str(self.root))
        why = f"{where} holds no file that can be looked at."
        return Unknown(subject=where, why=why, fix="Name the path that is meant.")

    def facts(self) -> dict[str, str]:
        """Return what a person may want to read beside the findings."""
        told = {
            "files": self.files,
            "bytes": self.size,
            "folders passed over": self.skipped,
            "files too large": self.large,
            "links that lead out": self.out,
        }
        return {name: str(number) for name, number in told.items()}

    def _paths(self) -> Iterator[tuple[str, Path]]:
        if self.root.is_file():
            yield self.root.name, self.root
            return
        if not self.root.is_dir():
            raise CannotKnow(
                f"{shown(str(self.root))} is no file and no folder.", "Name a path that is there."
            )
        for folder, names, files in os.walk(self.root, onerror=self._folder_blind):
            names[:] = sorted(name for name in names if not self._passed(name))
            linked = [name for name in names if (Path(folder) / name).is_symlink()]
            for name in sorted([*files, *linked]):
                path = Path(folder) / name
                yield path.relative_to(self.root).as_posix(), path

    def _passed(self, name: str) -> bool:
        self.skipped += name in self._skip
        return name in self._skip

    def _read(self, name: str, path: Path) -> bytes | None:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if not path.is_symlink():
                self._blind(name, error)
            elif not self._inside(path):
                self.out += 1
            return None
        try:
            with os.fdopen(handle, "rb") as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    return None
                content = file.read(self._largest + 1)
        except OSError as error:
            self._blind(name, error)
            return None
        if len(content) <= self._largest:
            return content
        self.large += 1
        if self._wanted is None or self._wanted(name, content):
            self._tell(name, f"It is larger than {self._largest} bytes and was not looked at.", _SMALLER)
        return None

    def _inside(self, path: Path) -> bool:
        """Whether a link leads to what is looked at anyway, or to nothing."""
        found = resolved(path)
        return found.is_relative_to(self.root) or not found.exists()

    def _folder_blind(self, error: OSError) -> None:
        self._blind(str(error.filename), error)

    def _blind(self, name: str, error: OSError) -> None:
        self._tell(name, f"It cannot be read: {error.strerror or error}.", _READ)

    def _tell(self, name: str, why: str, fix: str) -> None:
        if len(self.unknown) < MOST_UNREADABLE:
            self.unknown.append(Unknown(subject=shown(name), why=why, fix=fix))


def resolved(path: Path) -> Path:
    """Return where a path leads; raises `CannotKnow` where its links go round or it is no path at all."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise CannotKnow(
            f"{shown(str(path))[:300]} cannot be found: {error}.", "Name a path that is there."
        ) from error


def shown(name: str) -> str:
    """Return a path as it may be printed: what is no printable character is written as in an URL (`%1B`)."""
    return "".join(c if c.isprintable() else quote(c.encode("utf-8", "surrogateescape")) for c in name)


def aside(path: str) -> bool:
    """Whether a path belongs to tests, fixtures or documents."""
    return bool(_ASIDE.search(path))
