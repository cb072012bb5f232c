"""The key file: 32 random bytes of mode 0600, outside the database; every other key is derived from it."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from vedette.core.errors import ConfigError

NAME = "secret.key"


def read_or_create(data: Path) -> bytes:
    """Return the 32 bytes of `<data>/secret.key`, made on first use.

    Raises `ConfigError` when the file is readable by others or has a wrong size.
    """
    path = data / NAME
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    key = secrets.token_bytes(32)
    with os.fdopen(handle, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def derive(data: Path, purpose: str) -> str:
    """Return a 64-hex-digit key for one purpose, derived from the key file (HMAC-SHA-256)."""
    return hmac.new(read_or_create(data), purpose.encode(), hashlib.sha256).hexdigest()


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path}: others can read this key file; run `chmod 600 {path}`.")
    key = path.read_bytes()
    if len(key) != 32:
        raise ConfigError(f"{path}: holds {len(key)} bytes instead of 32; restore it from your backup.")
    return key
