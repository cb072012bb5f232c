"""ZIP (APPNOTE 6.3.10): the directory at its end and the headers before its entries, which must say the same."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from vedette_guard.decisions.entries import LONGEST_NAME, Budget, entry_fault, same
from vedette_guard.uploading.arriving import STEP
from vedette_guard.uploading.types import DoubtError, RefusedError

_END, _LOCAL = struct.Struct("<4s4H2LH"), struct.Struct("<4s5H3L2H")
_ENCRYPTED, _STREAMED, _IN_UNICODE = 0x41, 0x08, 0x800
_DESCRIPTOR = 24  # at most
_LOCATOR = 20  # of the 64-bit records, before the end
_UNICODE_PATH = 0x7075
# What zipfile raises for an archive that somebody made on purpose.
BROKEN = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, LookupError, OverflowError, RuntimeError,
)  # fmt: skip
DAMAGED = "The archive is damaged."
DIFFERENTLY = "The archive is read differently by different programs."


class Listed(NamedTuple):
    """What a zip says that it holds: names, and the content of a `mimetype` that is stored first, as OpenDocument does."""

    names: list[str]
    mimetype: str


def listed(file: IO[bytes], size: int, entries: int) -> Listed:
    """Return what a zip says that it holds. Raise RefusedError for one that has too much, or is damaged."""
    with _opened(file, size, entries) as archive:
        infos = archive.infolist()
        first = infos[0] if infos else None
        if first is None or first.filename != "mimetype" or first.compress_type or first.file_size > 200:
            return Listed([info.filename for info in infos], "")
        try:
            return Listed([info.filename for info in infos], archive.read(first).decode("ascii", "replace"))
        except (*BROKEN, NotImplementedError) as error:
            raise RefusedError("archive", DAMAGED) from error


def zip_entries(file: IO[bytes], size: int, budget: Budget) -> Iterator[Iterator[bytes]]:
    """Yield the chunks of each entry. Raise RefusedError, or DoubtError for entries that are encrypted."""
    with _opened(file, size, max(budget.entries, 0)) as archive:
        infos = archive.infolist()
        _distinct([info.filename for info in infos])
        _apart(file, infos, archive.start_dir)
        for info in infos:
            _judge(info, budget)
            yield _content(archive, info)


def _opened(file: IO[bytes], size: int, entries: int) -> zipfile.ZipFile:
    count = _counted(file, size, entries)
    try:
        archive = zipfile.ZipFile(file)
    except (*BROKEN, NotImplementedError) as error:
        raise RefusedError("archive", DAMAGED) from error
    if len(archive.infolist()) != count:
        raise RefusedError("archive", DAMAGED)
    return archive


def _counted(file: IO[bytes], size: int, entries: int) -> int:
    """Return how many entries the end of the directory speaks of, before a directory of any size is read.

    The directory must end where its end begins, and that where the file ends: a zip that readers find in two ways, or
    that is the tail of something else, is none of ours. Below 4 GiB none needs the 64-bit records.
    """
    start = max(size - _END.size - 0xFFFF - _LOCATOR, 0)
    file.seek(start)
    tail = file.read(size - start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise RefusedError("archive", DAMAGED)
    _, disk, first, here, count, length, offset, comment = _END.unpack_from(tail, at)
    whole = at + _END.size + comment == len(tail) and offset + length == start + at
    wide = at >= _LOCATOR and tail.startswith(b"PK\x06\x07", at - _LOCATOR)  # leads some to another directory
    if disk or first or here != count or not whole or wide:
        raise RefusedError("archive", "The archive is damaged, or read differently by different programs.")
    if count > entries or length > entries * LONGEST_NAME * 2:
        raise RefusedError("archive", "The archive has too many entries.")
    return int(count)


def _distinct(names: list[str]) -> None:
    if len({same(name) for name in names}) != len(names):
        raise RefusedError("archive", "The archive has two entries of one name.")


def _apart(file: IO[bytes], infos: list[zipfile.ZipInfo], directory: int) -> None:
    """Refuse entries that overlap (a bomb without nesting), and headers that say other than the directory.

    Nothing may lie between entries, nor between them and the directory, but the sizes behind a streamed one: who reads
    from the beginning would find it.
    """
    end, slack = 0, 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        file.seek(info.header_offset)
        header = file.read(_LOCAL.size)
        if info.header_offset < end or len(header) < _LOCAL.size:
            raise RefusedError("archive", "The archive has entries that overlap.")
        hidden = info.header_offset > end + slack
        magic, _, flags, method, _, _, _, packed, unpacked, name, extra = _LOCAL.unpack(header)
        sizes = flags & _STREAMED or (packed, unpacked) == (info.compress_size, info.file_size)
        told_apart = (flags ^ info.flag_bits) & (_ENCRYPTED | _IN_UNICODE)
        if magic != b"PK\x03\x04" or method != info.compress_type or told_apart or hidden or not sizes:
            raise RefusedError("archive", DIFFERENTLY)
        _named_once(file.read(name), file.read(extra), info)
        slack = _DESCRIPTOR if flags & _STREAMED else 0
        end = info.header_offset + _LOCAL.size + name + extra + info.compress_size
    if not end <= directory <= end + slack:
        raise RefusedError("archive", DIFFERENTLY)


def _named_once(raw: bytes, extra: bytes, info: zipfile.ZipInfo) -> None:
    """Refuse an entry that some programs know by another name: the one of an extra field, before it or in the directory."""
    names = {raw, info.orig_filename.encode("utf-8", "surrogateescape")}
    for fields in (extra, info.extra):
        at = 0
        while at + 4 <= len(fields):
            kind, length = struct.unpack_from("<HH", fields, at)
            if kind == _UNICODE_PATH and fields[at + 9 : at + 4 + length] not in names:
                raise RefusedError("archive", DIFFERENTLY)
            at += 4 + length


def _judge(info: zipfile.ZipInfo, budget: Budget) -> None:
    mode = stat.S_IFMT(info.external_attr >> 16)
    fault = budget.take_entry() or entry_fault(info.orig_filename) or entry_fault(info.filename)
    if mode not in {0, stat.S_IFREG, stat.S_IFDIR}:
        fault = fault or "The archive holds a link, or a device."
    if fault:
        raise RefusedError("archive", fault)
    if info.flag_bits & _ENCRYPTED or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DoubtError("sealed", "The archive is encrypted or packed so that it cannot be looked into.")


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(info) as stream:
            while chunk := stream.read(STEP):
                yield chunk
    except (*BROKEN, NotImplementedError) as error:
        raise RefusedError("archive", DAMAGED) from error
