"""What an agent remembers of backups over restarts: plans and secrets (sealed), what was begun when, what runs, what was done."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from vedette.agent.backing.choosing import Began
from vedette.core.errors import Invalid
from vedette.instruments.logs.sources.ledger import written
from vedette.wire.backup import BackupOrders, BackupRun, DrillRun, RestoreRun

if TYPE_CHECKING:
    from vedette.plumbing.seal.aesgcm import AesGcmSeal

FOLDER = "backups"
_STATE, _ORDERS, _KEY, _PURPOSE = "agent.msgpack", "orders.sealed", "seal.key", "orders of backups"
_MOST_RUNS, _MOST_DRILLS, _MOST_TAKEN = 30, 100, 300
_PACK = msgspec.msgpack.Encoder().encode
Act = BackupRun | DrillRun | RestoreRun
Told = TypeVar("Told", BackupRun, DrillRun)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """Since when plans are known, what was begun by copy, what runs by id, which orders were taken, what was refused of which plan."""

    since: Mapping[str, float] = {}
    began: Mapping[str, Began] = {}
    running: Mapping[str, Act] = {}
    taken: tuple[str, ...] = ()
    refused: Mapping[str, str] = {}


class Memory:
    """Files below the agent's state folder; for one thread at a time. Raises `OSError` where they cannot be written."""

    def __init__(self, state: Path) -> None:
        self.folder = state / FOLDER
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.state = self._read()

    def note(self, **changes: object) -> None:
        """Remember something else in the place of what was."""
        self.state = msgspec.structs.replace(self.state, **changes)
        written(self.folder / _STATE, _PACK(self.state))

    def take(self, order: str) -> None:
        """Note that an order is taken: it is never begun again."""
        self.note(taken=(*self.state.taken, order)[-_MOST_TAKEN:])

    def keep_orders(self, orders: BackupOrders) -> None:
        """Keep plans and secrets, sealed."""
        plain = msgspec.json.encode(msgspec.structs.replace(orders, asked=()))
        written(self.folder / _ORDERS, self._seal().seal(plain.decode(), _PURPOSE).encode())

    def orders(self) -> BackupOrders:
        """Return plans and secrets; nothing where they cannot be opened: the server tells them again."""
        try:
            sealed = (self.folder / _ORDERS).read_text(encoding="ascii")
            return msgspec.json.decode(self._seal().open(sealed, _PURPOSE), type=BackupOrders)
        except (OSError, ValueError, Invalid):
            return BackupOrders()

    def runs(self, key: str) -> tuple[BackupRun, ...]:
        """Return the last good runs of a copy, newest first."""
        return self._past(key, "runs", BackupRun)

    def drills(self, key: str) -> tuple[DrillRun, ...]:
        """Return the last drills of a copy, newest first."""
        return self._past(key, "drills", DrillRun)

    def add(self, key: str, act: BackupRun | DrillRun) -> None:
        """Remember a good run, or a drill."""
        if isinstance(act, BackupRun):
            self._put(key, "runs", (act, *self.runs(key))[:_MOST_RUNS])
        else:
            self._put(key, "drills", (act, *self.drills(key))[:_MOST_DRILLS])

    def _past(self, key: str, kind: str, shape: type[Told]) -> tuple[Told, ...]:
        try:
            return msgspec.msgpack.decode(self._place(key, kind).read_bytes(), type=tuple[shape, ...])  # type: ignore[valid-type]
        except (OSError, ValueError):
            return ()

    def _put(self, key: str, kind: str, acts: tuple[Act, ...]) -> None:
        place = self._place(key, kind)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        written(place, _PACK(acts))

    def _place(self, key: str, kind: str) -> Path:
        """Return where the past of a copy lies; names of plans and copies are small letters, digits and `-`."""
        plan, _, copy = key.partition("/")
        return self.folder / "past" / f"{plan}.{copy}.{kind}"

    def _read(self) -> State:
        try:
            return msgspec.msgpack.decode((self.folder / _STATE).read_bytes(), type=State)
        except (OSError, ValueError):
            return State()

    def _seal(self) -> "AesGcmSeal":
        from vedette.plumbing.seal.aesgcm import AesGcmSeal

        return AesGcmSeal(self._key())

    def _key(self) -> bytes:
        path = self.folder / _KEY
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(32))
        return path.read_bytes()
