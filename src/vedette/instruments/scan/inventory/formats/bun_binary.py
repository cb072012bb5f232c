"""`bun.lockb`, which only Bun can read: told, never skipped."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Unknown

_FIX = "Run `bun install --save-text-lockfile --frozen-lockfile --lockfile-only`, which writes bun.lock, and delete bun.lockb."


def _read(file: Lockfile) -> Iterable[Unknown]:
    if file.beside("bun.lock") is None:
        yield telling.unread(file, 0, "It is in Bun's binary form, which only Bun can read.", _FIX)


FORMAT = Format(name="bun-binary", label="Bun (binary)", names=("bun.lockb",), ecosystem="npm", read=_read)
