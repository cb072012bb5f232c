"""ClamAV's daemon, asked by INSTREAM (clamd(8)): the file goes over the socket, and no path does."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from vedette_guard.uploading.arriving import STEP
from vedette_guard.uploading.types import DoubtError, RefusedError

_ANSWER = 4096


def scan(path: Path, address: str, seconds: float) -> None:
    """Have a file looked at. Raise RefusedError for one with malware in it, DoubtError when there is no answer."""
    try:
        said = _asked(path, address, seconds)
    except OSError as error:
        raise DoubtError("scanner", "The file could not be looked at for malware.") from error
    if said.endswith(" FOUND"):
        raise RefusedError("malware", "The file has malware in it.")
    if said != "stream: OK":
        raise DoubtError("scanner", "The file could not be looked at for malware.")


def _asked(path: Path, address: str, seconds: float) -> str:
    """Return clamd's answer, one line."""
    with _connected(address, seconds) as connection, path.open("rb") as file:
        connection.sendall(b"zINSTREAM\0")
        while chunk := file.read(STEP):
            connection.sendall(struct.pack(">I", len(chunk)) + chunk)
        connection.sendall(bytes(4))
        said = b""
        while b"\0" not in said and len(said) < _ANSWER and (more := connection.recv(_ANSWER)):
            said += more
    return said.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _connected(address: str, seconds: float) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=seconds)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection
