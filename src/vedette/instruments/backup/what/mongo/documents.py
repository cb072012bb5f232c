"""Documents in a dump of MongoDB, counted one by one: each begins with its length and ends with a zero (bsonspec.org)."""

import struct
from pathlib import Path

from vedette.core import names
from vedette.wire.backup import Table

_LEAST, _MOST = 5, 64 << 20  # bytes of a document; servers take 16 MiB, and a little more of their own


def counted(folder: Path) -> tuple[Table, ...]:
    """Return the collections of a dump with their documents; raises `ValueError` for a file that is cut short."""
    files = sorted(folder.glob("*/*.bson"))
    return tuple(
        Table(f"{names.written(f.parent.name)}.{names.written(f.name.removesuffix('.bson'))}", _documents(f))
        for f in files
    )


def _documents(path: Path) -> int:
    count = 0
    with path.open("rb", buffering=1 << 20) as file:
        while head := file.read(4):
            size = struct.unpack("<i", head)[0] if len(head) == 4 else 0
            body = file.read(size - 4) if _LEAST <= size <= _MOST else b""
            if len(body) != size - 4 or body[-1:] != b"\0":
                raise ValueError(f"{names.written(path.name)}: document {count + 1} is cut short")
            count += 1
    return count
