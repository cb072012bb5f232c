"""Copies of what our walk read, for other tools: they see no links, pipes or files but those, under names that they do not pass over."""

from collections.abc import Mapping
from pathlib import Path

from vedette.instruments.scan.tree import shown
from vedette.instruments.scan.types import CannotKnow


class Copies:
    """A folder of copies. `plain` names them by number and ending alone, else they keep their paths."""

    def __init__(self, folder: Path, *, plain: bool) -> None:
        self.folder, self._plain = folder, plain
        self._copies: dict[str, Path] = {}

    def add(self, path: str, content: bytes) -> None:
        """Keep a copy of a file; raises `CannotKnow` where there is no room."""
        copy = self.folder / (f"{len(self._copies)}.py" if self._plain else path)
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(content)
        except OSError as error:
            raise CannotKnow(
                f"{shown(path)} cannot be copied for other tools: {error.strerror}.",
                "Make room where temporary files are (TMPDIR).",
            ) from error
        self._copies[path] = copy

    def paths(self) -> Mapping[str, str]:
        """Return the path of each copy's original, by the copy's own."""
        return {str(copy): path for path, copy in self._copies.items()}

    def content(self, path: str) -> bytes | None:
        """Return what was copied of a path, None where nothing was."""
        copy = self._copies.get(path)
        return copy.read_bytes() if copy else None
