"""Programs that are asked something: a fixed argv, no shell, nothing on their input, a deadline, and a bounded answer."""

import contextlib
import os
import selectors
import signal
import subprocess
from pathlib import Path

from vedette.core.clock import monotonic
from vedette.instruments.live.types import LONGEST_TEXT, Missing, Unreadable

FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")
DEADLINE = 10.0
_CHUNK = 65_536


def found(program: str) -> str:
    """Return the path of a program in the system's own folders; raises `Missing`. PATH is not asked: anybody may set it."""
    for folder in FOLDERS if "/" not in program else ():
        path = Path(folder) / program
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    raise Missing(f"There is no program {program} on this host.")


def answer(argv: tuple[str, ...], *, deadline: float = DEADLINE, most: int = LONGEST_TEXT) -> str:
    """Return what a program says; raises `Missing`, and `Unreadable` with its own words when it fails or takes too long."""
    environment = {"LC_ALL": "C", "PATH": ":".join(FOLDERS), "HOME": "/nonexistent"}
    try:
        process = subprocess.Popen(
            [found(argv[0]), *argv[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment, cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise Unreadable(f"{argv[0]} does not start: {error.strerror}.") from error
    try:
        out, err = _drained(process, argv[0], monotonic() + deadline, most)
    finally:
        _end(process)
    if process.returncode:
        said = " ".join(err.decode("utf-8", "replace").split())[:200]
        raise Unreadable(f"{argv[0]} failed with {process.returncode}: {said or 'it says nothing'}")
    return out.decode("utf-8", "replace")


def _drained(process: "subprocess.Popen[bytes]", name: str, until: float, most: int) -> tuple[bytes, bytes]:
    assert process.stdout is not None  # noqa: S101 - both are pipes
    assert process.stderr is not None  # noqa: S101
    kept: dict[int, bytearray] = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    with selectors.DefaultSelector() as ready:
        for descriptor in kept:
            ready.register(descriptor, selectors.EVENT_READ)
        while ready.get_map():
            events = ready.select(max(0.0, until - monotonic()))
            if not events:
                raise Unreadable(f"{name} did not answer in time.")
            for key, _ in events:
                chunk = os.read(key.fd, _CHUNK)
                if not chunk:
                    ready.unregister(key.fd)
                kept[key.fd] += chunk
                if len(kept[key.fd]) > most:
                    raise Unreadable(f"{name} says more than {most >> 20} MB.")
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(max(0.1, until - monotonic()))
    out, err = kept.values()
    return bytes(out), bytes(err)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Whatever of it still runs is ended; its pipes are closed."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
