"""The header of an installed RPM package, as its database keeps it: index entries, then their data, big-endian. Pure.

https://rpm.org/docs/6.0.x/manual/format_header.html
"""

import struct
from collections.abc import Mapping

from vedette.instruments.scan.inventory.types import Broken

NAME, VERSION, RELEASE, EPOCH, SOURCE, MODULE = 1000, 1001, 1002, 1003, 1044, 5096
_WANTED = frozenset({NAME, VERSION, RELEASE, EPOCH, SOURCE, MODULE})
_INT32, _STRING, _I18N = 4, 6, 9
_MOST_ENTRIES, _LONGEST = 100_000, 1_000


def read(blob: bytes) -> Mapping[int, str]:
    """Return what a header says of name, version and source; raises `Broken`."""
    try:
        entries, size = struct.unpack_from(">II", blob)
        start = 8 + entries * 16
        if entries > _MOST_ENTRIES or start + size > len(blob):
            raise Broken("A header of an RPM package is cut off.")
        rows = (struct.unpack_from(">IIII", blob, 8 + n * 16) for n in range(entries))
        return {tag: _value(blob, kind, start + offset) for tag, kind, offset, _ in rows if tag in _WANTED}
    except struct.error:
        raise Broken("A header of an RPM package is cut off.") from None


def _value(blob: bytes, kind: int, at: int) -> str:
    if kind == _INT32:
        return str(struct.unpack_from(">I", blob, at)[0])
    if kind not in {_STRING, _I18N}:
        raise Broken("A header of an RPM package holds something else than a text.")
    end = blob.find(b"\0", at, at + _LONGEST)
    if end < 0:
        raise Broken("A text of an RPM package has no end.")
    return blob[at:end].decode("utf-8", "backslashreplace")
