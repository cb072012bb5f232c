"""One server asked by a process of its own: started afresh, bounded in time, memory and words, and ended with all it started."""

import contextlib
import os
import resource
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import IO

import msgspec

from vedette.instruments.host.series import shown
from vedette.instruments.scan.tls.answering import Answer, Job
from vedette.instruments.scan.types import CannotKnow

PROGRAM = Path(__file__).parent / "apart" / "asking.py"
_MOST_BYTES = 8 << 20  # of an answer; the longest real one has 200 kB
_MOST_MEMORY = 2 << 30  # of addresses; about 120 MB are used
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
_AGAIN = "Run the scan again; if it stays so, run tools/setup scanners anew."


def asked(job: Job, python: Path, deadline: float, program: Path = PROGRAM) -> Answer:
    """Return what a server answers; raises `CannotKnow` when the process fails, takes too long, or says what nobody understands."""
    with tempfile.TemporaryFile() as into, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as words:
        into.write(msgspec.json.encode(job))
        into.seek(0)
        code = _run([str(python), "-I", "-B", "-W", "ignore", str(program)], (into, out, words), deadline)
        said = _last_line(words)
        if code is None:
            raise CannotKnow(
                f"The look at TLS took longer than {deadline:.3g} s.", "Give it a longer deadline."
            )
        if code:
            raise CannotKnow(
                f"The process that looks at TLS ended with {code}: {said or 'it says nothing'}.", _AGAIN
            )
        return _read(out)


def _run(command: list[str], files: tuple[IO[bytes], IO[bytes], IO[bytes]], deadline: float) -> int | None:
    """Return how the process ended, None when its time was over; whatever of its group still runs is killed."""
    try:
        process = subprocess.Popen(
            command,
            stdin=files[0],
            stdout=files[1],
            stderr=files[2],
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
    except OSError as error:
        raise CannotKnow(f"{command[0]} does not start: {error.strerror}.", _AGAIN) from error
    try:
        _bound(process.pid)
        return process.wait(deadline)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _bound(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it ended at once, and its code tells
        resource.prlimit(pid, resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (_MOST_BYTES, _MOST_BYTES))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _read(out: IO[bytes]) -> Answer:
    out.seek(0)
    try:
        return msgspec.json.decode(out.read(_MOST_BYTES), type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CannotKnow(
            f"The process that looks at TLS says what cannot be read: {error}.", _AGAIN
        ) from error


def _last_line(words: IO[bytes]) -> str:
    size = words.seek(0, os.SEEK_END)
    words.seek(max(0, size - 2_000))
    lines = words.read().decode("utf-8", "replace").strip().splitlines()
    return shown(lines[-1], 300) if lines else ""
