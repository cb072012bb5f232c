"""Files of the kernel and of the system under a root, so that a made tree may stand for a host. Bounded in bytes."""

import os
import stat
from pathlib import Path

MOST_BYTES = 1 << 20
_PIECE = 65_536


class Files:
    """Reads under a root; whatever is not there or cannot be read raises `OSError`."""

    def __init__(self, root: str | Path = "/") -> None:
        self._base = str(root).rstrip("/")

    @property
    def real(self) -> bool:
        """Tell whether this is the host itself: programs speak of that one alone."""
        return not self._base

    def path(self, path: str) -> str:
        """Return where a path of the host is."""
        return self._base + path

    def text(self, path: str, most: int = MOST_BYTES) -> str:
        """Return a file's text, `most` bytes of it; bytes that are no UTF-8 become U+FFFD."""
        return self.bytes(path, most).decode("utf-8", "replace")

    def bytes(self, path: str, most: int = MOST_BYTES) -> bytes:
        """Return a file's bytes; a pipe or a device in its place is not waited for."""
        handle = os.open(self._base + path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            piece = os.read(handle, min(most, _PIECE))
            found = [piece]
            size = len(piece)
            while piece and size < most:
                piece = os.read(handle, min(most - size, _PIECE))
                found.append(piece)
                size += len(piece)
            return b"".join(found)
        finally:
            os.close(handle)

    def number(self, path: str) -> int:
        """Return the number that a file holds; raises `ValueError` for another text (`max`)."""
        return int(self.bytes(path, 64))

    def names(self, path: str) -> list[str]:
        """Return the names in a folder."""
        return os.listdir(self._base + path)  # noqa: PTH208 - names, not paths

    def is_file(self, path: str) -> bool:
        """Tell whether there is such a file; links are followed."""
        try:
            return stat.S_ISREG(os.stat(self._base + path).st_mode)  # noqa: PTH116 - a text, for it is asked often
        except OSError:
            return False

    def there(self, path: str) -> bool:
        """Tell whether there is anything under a path."""
        return os.path.exists(self._base + path)  # noqa: PTH110 - a text, for it is asked often

    def written(self, path: str) -> float:
        """Return the instant at which a file or folder was last written."""
        return os.stat(self._base + path).st_mtime  # noqa: PTH116 - a text, as above
