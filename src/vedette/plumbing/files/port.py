"""Files: bodies too large for a database, kept one file each by UTC day."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO, Protocol


class Sheet(Protocol):
    """A file that is being written; nobody sees it until `keep`."""

    size: int

    def write(self, piece: bytes | memoryview) -> None:
        """Append bytes; raises `Unavailable` when the shelf has no room for them."""
        ...

    def keep(self) -> str:
        """Make the file durable and return its name, `<day>/<id>`; raises `Unavailable`."""
        ...

    def drop(self) -> None:
        """Forget the file; also after `keep`, and twice."""
        ...


class Files(Protocol):
    """Files by name within a budget of bytes. Every adapter passes `tests/contract/test_files.py`."""

    def new(self, now: float) -> Sheet:
        """Begin a file of the UTC day of `now`."""
        ...

    def open(self, name: str) -> BinaryIO | None:
        """Open a file for reading; None when it is not there or the name is none of ours."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Remove files; those that are gone already are passed over."""
        ...

    def drop_before(self, day: str) -> Sequence[str]:
        """Remove every day older than `day` (`YYYY-MM-DD`) and return the days removed."""
        ...

    def used(self) -> int:
        """Return the bytes of all files."""
        ...
