"""Where people on a host speak with the agent that runs there: a socket in its folder, one JSON line each way.

Only root and the agent's own user are heard: the socket is 0600, and the kernel says who asks.
"""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from vedette.core.errors import Invalid, Unavailable, VedetteError

NAME = "desk.sock"
LONGEST = 65_536  # bytes of a question; answers may be long
PATIENCE = 5.0  # seconds that somebody may take to ask; answering may take longer
WAIT = 60.0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks: a verb, its value, and what else it needs. `by` is who says so, for the record."""

    verb: str
    value: str = ""
    seconds: float = 0.0
    note: str = ""
    by: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: a text for people, values for programs. Where it was refused, `text` says why."""

    ok: bool = True
    text: str = ""
    rows: tuple[dict[str, str | float | bool], ...] = ()


class Desk:
    """The agent's end: a thread that answers one after another."""

    def __init__(self, folder: Path, answer: Callable[[Asked], Answer]) -> None:
        self._path, self._answer = folder / NAME, answer
        self._listener = _listening(self._path)
        self._thread = threading.Thread(target=self._serve, name="desk", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        if self._thread.is_alive():
            self._thread.join(PATIENCE)

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            with caller, contextlib.suppress(OSError):
                caller.settimeout(PATIENCE)
                if _known(caller):
                    caller.sendall(msgspec.json.encode(self._answered(_line(caller))) + b"\n")

    def _answered(self, line: bytes) -> Answer:
        try:
            return self._answer(msgspec.json.decode(line, type=Asked))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Answer(
                ok=False, text="The agent does not understand that; is this program of the same version?"
            )
        except VedetteError as error:
            return Answer(ok=False, text=str(error))


def ask(folder: Path, asked: Asked) -> Answer | None:
    """Ask the agent that runs with a folder; None when none does. Raises `Invalid` when it refuses, `Unavailable` when it is mute."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
        caller.settimeout(WAIT)
        try:
            caller.connect(str(folder / NAME))
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except PermissionError:
            raise Invalid(
                f"{folder / NAME}: only root and the agent's user may speak with it; try sudo."
            ) from None
        except OSError as error:
            raise Unavailable(f"{folder / NAME} cannot be spoken with: {error}.") from None
        try:
            caller.sendall(msgspec.json.encode(asked) + b"\n")
            answer = msgspec.json.decode(_line(caller, most=1 << 30), type=Answer)
        except (OSError, msgspec.DecodeError) as error:
            raise Unavailable(f"The agent at {folder / NAME} does not answer: {error}") from None
    if not answer.ok:
        raise Invalid(answer.text)
    return answer


def _listening(path: Path) -> socket.socket:
    """Return a listening socket; one that a killed agent left is in the way, and no agent but us can be running (the book's lock)."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        # Between bind and chmod nobody can connect: it does not listen yet.
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(8)
    except OSError as error:
        listener.close()
        raise Unavailable(f"{path} cannot be made: {error}") from None
    return listener


def _known(caller: socket.socket) -> bool:
    credentials = caller.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return uid in {0, os.geteuid()}


def _line(caller: socket.socket, most: int = LONGEST) -> bytes:
    parts, size = [], 0
    while size <= most and (part := caller.recv(65_536)):
        parts.append(part)
        size += len(part)
        if part.endswith(b"\n"):
            break
    return b"".join(parts)
