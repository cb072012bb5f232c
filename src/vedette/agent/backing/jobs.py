"""One act as it is handed to a process of its own, and what comes back: frames of MessagePack with their length before them."""

import struct
from collections.abc import Mapping
from typing import IO

import msgspec

from vedette.wire.backup import BackupAct, BackupOrder, BackupReport, BackupRun, Copy, DrillRun, Plan

PROPOSE = "propose"
MOST = 64 << 20  # bytes of a frame
_HEAD = struct.Struct(">I")
_ENCODE = msgspec.msgpack.Encoder().encode
_REPORT: msgspec.msgpack.Decoder[BackupReport] = msgspec.msgpack.Decoder(BackupReport)


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An act on a copy of a plan: with the opened secrets of the copy, its last runs and drills, newest first.

    `order` says what was asked; of what the schedule asks it is made here. `state` is our folder.
    """

    order: BackupOrder
    state: str
    plan: Plan | None = None
    copy: Copy | None = None
    secrets: Mapping[str, str] = {}
    runs: tuple[BackupRun, ...] = ()
    drills: tuple[DrillRun, ...] = ()
    propose: bool = False
    only_below: tuple[str, ...] = ()  # folders for what is brought back; without any: anywhere
    kept_below: tuple[str, ...] = ()  # folders for copies at a path of this host

    @property
    def act(self) -> BackupAct:
        """Return what is to be done."""
        return self.order.act

    @property
    def key(self) -> str:
        """Return the copy as `plan/copy`."""
        return f"{self.order.plan}/{self.order.copy}"


def write(stream: IO[bytes], body: msgspec.Struct) -> None:
    """Write one frame."""
    packed = _ENCODE(body)
    stream.write(_HEAD.pack(len(packed)) + packed)
    stream.flush()


def read_job(stream: IO[bytes]) -> Job:
    """Read what is to be done; raises `EOFError`, `ValueError`."""
    return msgspec.msgpack.decode(_frame(stream), type=Job)


def read_report(stream: IO[bytes]) -> BackupReport | None:
    """Read what is told, None at the end; raises `ValueError` for what is none."""
    try:
        return _REPORT.decode(_frame(stream))
    except EOFError:
        return None


def _frame(stream: IO[bytes]) -> bytes:
    (size,) = _HEAD.unpack(_exactly(stream, _HEAD.size))
    if size > MOST:
        raise ValueError("a frame is too large")
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    body = bytearray()
    while len(body) < size:
        part = stream.read(size - len(body))
        if not part:
            raise EOFError
        body += part
    return bytes(body)
