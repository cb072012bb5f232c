"""Lease by files: one folder on one machine, any number of processes.

A lease is held while its time runs *and* its holder lives: a holder keeps a file lock, which the system drops
when the process dies, so that a reloaded server need not wait for the time to run out.
"""

import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core.errors import Invalid

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class _State(msgspec.Struct, frozen=True):
    """What stands in a lease's file: the last fencing token, and until when it holds (0 = given back)."""

    token: int = 0
    until: float = 0.0


class FileLease:
    """Implements `plumbing.lease.port.Lease` below `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._alive: dict[tuple[str, int], int] = {}
        self._lock = threading.Lock()

    def acquire(self, name: str, ttl: float, now: float) -> int | None:
        """Take the lease and return its fencing token, or None if it is held."""
        with self._locked(name):
            state = self._read(name)
            if state.until > now and self._lives(name, state.token):
                return None
            token = state.token + 1
            self._write(name, _State(token, now + ttl))
            self._live(name, token)
            self._bury(name, state.token)
            return token

    def renew(self, name: str, token: int, ttl: float, now: float) -> bool:
        """Extend a lease this token still holds; False when it was lost."""
        with self._locked(name):
            state = self._read(name)
            if state.token != token or state.until <= now:
                return False
            self._write(name, _State(token, now + ttl))
            return True

    def release(self, name: str, token: int) -> None:
        """Give the lease back, if this token still holds it."""
        with self._locked(name):
            if self._read(name).token == token:
                self._write(name, _State(token))
            self._bury(name, token)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Let one thread of one process at a time look at a lease."""
        if not _NAME.fullmatch(name):
            raise Invalid(f"{name!r} cannot name a lease; use lower-case letters, digits, dots and dashes.")
        with self._lock:
            handle = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    def _read(self, name: str) -> _State:
        try:
            return msgspec.json.decode((self._folder / f"{name}.json").read_bytes(), type=_State)
        except FileNotFoundError:
            return _State()

    def _write(self, name: str, state: _State) -> None:
        """Replace the state at once and durably: a token must never come twice."""
        part = self._folder / f"{name}.part"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, msgspec.json.encode(state))
            os.fsync(handle)
        finally:
            os.close(handle)
        part.replace(self._folder / f"{name}.json")

    def _alive_path(self, name: str, token: int) -> Path:
        return self._folder / f"{name}.alive-{token}"

    def _lives(self, name: str, token: int) -> bool:
        """Tell whether the holder's process is there: its file is locked."""
        try:
            handle = os.open(self._alive_path(name, token), os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(handle)
        return False

    def _live(self, name: str, token: int) -> None:
        handle = os.open(self._alive_path(name, token), os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._alive[name, token] = handle

    def _bury(self, name: str, token: int) -> None:
        self._alive_path(name, token).unlink(missing_ok=True)
        handle = self._alive.pop((name, token), None)
        if handle is not None:
            os.close(handle)
