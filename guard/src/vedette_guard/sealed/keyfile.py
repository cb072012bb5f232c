"""The file of a key ring: a key a line, `id base64`, the first one seals. Only its owner may read it."""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from pathlib import Path

from vedette_guard.sealed.keyring import KEY_BYTES, SealError

_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_BIGGEST = 65_536
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_keys(path: str | os.PathLike[str]) -> dict[str, bytes]:
    """Return the keys of a file by their ids, the one that seals first.

    Raise SealError for a file that others may read or that holds something else, naming the line and never a key.
    """
    file = os.open(path, os.O_RDONLY)
    try:  # looked at by its descriptor, so that it is the file that is read
        _own(path, os.fstat(file))
        text = os.read(file, _BIGGEST).decode("utf-8", "replace")
    finally:
        os.close(file)
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            name, key = _parsed(line, f"{path}, line {number}")
            if name in keys:
                raise SealError(f"{path}, line {number}: there is another key of the id {name}")
            keys[name] = key
    if not keys:
        raise SealError(f"{path}: there is no key; `python -m vedette_guard.sealed {path}` makes one")
    return keys


def _own(path: str | os.PathLike[str], found: os.stat_result) -> None:
    """Raise SealError unless a file is its owner's alone, and the owner is this process's user, or root."""
    if not stat.S_ISREG(found.st_mode) or found.st_mode & _OTHERS or found.st_uid not in {0, os.geteuid()}:
        mode = stat.S_IMODE(found.st_mode)
        raise SealError(f"{path}: only its owner may read a key file (mode 0600); this has {mode:04o}")


def add_key(path: str | os.PathLike[str]) -> str:
    """Put a new key first in a file, making the file when there is none; return the key's id.

    The file is replaced whole, so that nobody reads half of it. Raise SealError as `read_keys` for one that is there.
    """
    target = Path(path)
    before = read_keys(target) if target.exists() else {}
    name = next(f"k{n}" for n in range(1, len(before) + 2) if f"k{n}" not in before)
    keys = {name: secrets.token_bytes(KEY_BYTES), **before}
    text = "".join(f"{one} {base64.b64encode(key).decode()}\n" for one, key in keys.items())
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(file, "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(file)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return name


def _parsed(line: str, where: str) -> tuple[str, bytes]:
    name, _, text = line.strip().partition(" ")
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _ID.fullmatch(name) or len(key) != KEY_BYTES:
        raise SealError(f"{where}: a line is an id and 32 bytes as base64")
    return name, key
