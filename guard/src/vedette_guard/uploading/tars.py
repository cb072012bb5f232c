"""tar (POSIX.1-2001 `ustar` and `pax`, GNU's long names): read strictly, so that no other reader finds more in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from vedette_guard.decisions.entries import Budget, entry_fault, same
from vedette_guard.uploading.arriving import STEP
from vedette_guard.uploading.types import RefusedError

BLOCK = 512
MOST_EXTENDED = 64 * 1024
DAMAGED = "The archive is damaged."
_FILES, _FOLDERS = b"\x000\x37", b"5"
_PAX, _PAX_ALL = b"x", b"g"
_LONG = {b"L": "path", b"K": "linkpath"}
_EXTENDED = frozenset({_PAX, _PAX_ALL, *_LONG})


def tar_entries(file: IO[bytes], _: int, budget: Budget) -> Iterator[Iterator[bytes]]:
    """Yield the chunks of each entry. Raise RefusedError."""
    reader = _Reader(file)
    names: set[str] = set()
    while (header := reader.header()) is not None:
        kind, name, size = header
        fault = budget.take_entry() or entry_fault(name)
        if kind not in _FILES + _FOLDERS:
            fault = fault or "The archive holds a link, or a device."
        if fault or same(name) in names:
            raise RefusedError("archive", fault or "The archive has two entries of one name.")
        if same(name):  # `./`, the folder itself, may stand there more than once
            names.add(same(name))
        yield reader.content(size)
    reader.ends()


class _Reader:
    """Goes from header to header; what the extended ones say is of the next entry."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def header(self) -> tuple[bytes, str, int] | None:
        """Return type, name and size of the next entry; None at the end."""
        said: dict[str, str] = {}
        while any(block := self._exactly(BLOCK)):
            kind, length = _checked(block)
            if kind in _EXTENDED:
                self._extend(said, kind, length)
            else:
                name, size = said.get("path") or _name(block), int(said.get("size", length))
                # Some read on behind a folder's header, others after its size; old ones tell it by its name only.
                if size and (kind in _FOLDERS or name.endswith("/")):
                    raise RefusedError("archive", DAMAGED)
                return kind, name, size
        return None

    def _extend(self, said: dict[str, str], kind: bytes, length: int) -> None:
        """Add what an extended header says of the next entry; what is of all entries, or said twice, has two readings."""
        data = self._whole(length)
        found = _records(data) if kind in (_PAX, _PAX_ALL) else {_LONG[kind]: _text(data.rstrip(b"\0"))}
        if any(key in said or kind == _PAX_ALL for key in found):
            raise RefusedError("archive", DAMAGED)
        said.update(found)

    def content(self, size: int) -> Iterator[bytes]:
        """Yield what an entry holds."""
        left = size
        while left:
            chunk = self._exactly(min(left, STEP))
            left -= len(chunk)
            yield chunk
        self._exactly(-size % BLOCK)

    def ends(self) -> None:
        """Refuse an archive with something behind its end."""
        while chunk := self._file.read(STEP):
            if any(chunk):
                raise RefusedError("archive", DAMAGED)

    def _whole(self, length: int) -> bytes:
        if length > MOST_EXTENDED:
            raise RefusedError("archive", DAMAGED)
        return b"".join(self.content(length))

    def _exactly(self, count: int) -> bytes:
        found = self._file.read(count) if count else b""
        if len(found) != count:
            raise RefusedError("archive", DAMAGED)
        return found


def _checked(block: bytes) -> tuple[bytes, int]:
    """Return type and size of a header whose checksum is right."""
    summed = sum(block[:148]) + 8 * 32 + sum(block[156:])
    if _number(block[148:156]) != summed:
        raise RefusedError("archive", DAMAGED)
    return block[156:157], _number(block[124:136])


def _number(field: bytes) -> int:
    """Return an octal number, or GNU's binary one."""
    if field[0] in (0x80, 0xFF):
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    if not text.isdigit() or b"8" in text or b"9" in text:
        if text:
            raise RefusedError("archive", DAMAGED)
        return 0
    return int(text, 8)


def _name(block: bytes) -> str:
    """Return the name of a header; only POSIX has a prefix where GNU has times."""
    name = block[:100].partition(b"\0")[0]
    prefix = block[345:500].partition(b"\0")[0] if block[257:263] == b"ustar\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def _records(data: bytes) -> dict[str, str]:
    """Return what pax records (`27 path=folder/file\\n`) say of an entry's path and size."""
    found = {}
    while data:
        length, space, _ = data.partition(b" ")
        count = int(length) if length.isdigit() and len(length) < 7 else 0
        record = data[len(length) + 1 : count]
        key, equals, value = record.partition(b"=")
        if not space or not equals or not record.endswith(b"\n") or count > len(data):
            raise RefusedError("archive", DAMAGED)
        if key.startswith(b"GNU.sparse"):
            raise RefusedError("archive", "The archive holds a file with holes.")
        if key == b"size" and not (value[:-1].isdigit() and len(value) < 20):
            raise RefusedError("archive", DAMAGED)
        if key in {b"path", b"size", b"linkpath"}:
            found[key.decode()] = _text(value[:-1])
        data = data[count:]
    return found
