"""The words of inventories: what names versions, how it is read, and what came of it."""

from collections.abc import Callable, Iterable

import msgspec

from vedette.core.errors import VedetteError
from vedette.wire.scan import Component, Unknown

MOST_BYTES = 32 << 20
LARGE = {"rpmdb.sqlite": 256 << 20}  # bytes of files that are larger by their nature
MOST_COMPONENTS = 100_000


class Broken(VedetteError):
    """A file cannot be read as what it says it is: why, and at which line (0 where that is not known)."""

    def __init__(self, why: str, line: int = 0) -> None:
        super().__init__(why)
        self.line = line


class Lockfile(msgspec.Struct, frozen=True):
    """A file that names versions: its place as it is told, and its bytes.

    `beside` opens another file by its path from this one, None where there is none or it lies outside of what is scanned.
    """

    place: str
    body: bytes
    beside: Callable[[str], "Lockfile | None"] = lambda _: None

    def text(self) -> str:
        """Return its text; raises `Broken` where it is neither UTF-8 nor says by a mark that it is UTF-16."""
        wide = self.body.startswith((b"\xff\xfe", b"\xfe\xff"))
        try:
            return self.body.decode("utf-16" if wide else "utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.body[: error.start].count(b"\n") + 1
            raise Broken("It is not written in UTF-8.", 0 if wide else line) from None

    def at(self, line: int) -> str:
        """Return the place of a line, of the file where the line is not known."""
        return f"{self.place}:{line}" if line else self.place


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """One way to name versions: a file under `inventory/formats/` that holds a `FORMAT`.

    `names` are patterns of the last parts of a path, in small letters. `read` gives components and what it could not know,
    and raises `Broken`. `sniff` tells by the first bytes of a file of any name. `installed` formats lie within trees of
    installed packages, and are read only when somebody asks for those.
    """

    name: str
    label: str
    names: tuple[str, ...]
    read: Callable[[Lockfile], Iterable[Component | Unknown]]
    ecosystem: str = ""
    sniff: Callable[[bytes], bool] = lambda _: False
    installed: bool = False


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """What a tree or a file is made of, what could not be known, the files that said so, and folders left out as was asked."""

    components: tuple[Component, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    files: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
