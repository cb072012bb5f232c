"""Starting a process for one act, hearing what it says, and ending it with all that it started."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import psutil

from vedette.agent.backing import jobs
from vedette.agent.backing.jobs import Job
from vedette.wire.backup import BackupReport

_GRACE = 10.0  # seconds to give locks back
_COMMAND = (sys.executable, "-m", "vedette.agent.backing.child")


class Child:
    """One act in a process of its own; `end` may be called by another thread."""

    def __init__(self, command: tuple[str, ...] = _COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._lock, self._ended = threading.Lock(), False

    def run(self, job: Job, heard: Callable[[BackupReport], None]) -> str:
        """Do an act and hand on all it says; return why it ended before it said how, empty where it came to its end."""
        try:
            process = self._started()
        except OSError as error:
            return f"It could not be started: {error.strerror}."
        if process is None:
            return "The agent ended."
        try:
            return self._followed(process, job, heard)
        finally:
            _end(process, _GRACE)

    def end(self) -> None:
        """End it soon."""
        with self._lock:
            self._ended = True
            process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)

    def _started(self) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._ended:
                return None
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
            return self._process

    def _followed(
        self, process: "subprocess.Popen[bytes]", job: Job, heard: Callable[[BackupReport], None]
    ) -> str:
        assert process.stdin is not None  # noqa: S101 - both were asked for
        assert process.stdout is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            jobs.write(process.stdin, job)
        try:
            while (report := jobs.read_report(process.stdout)) is not None:
                heard(report)
        except ValueError:
            return "What it said could not be read."
        code = process.wait()
        return "" if code == 0 else f"Its process ended with {code}."


def _end(process: "subprocess.Popen[bytes]", grace: float) -> None:
    """End a process and all that came of it: first as Ctrl-C would, then for good."""
    family = _family(process.pid)
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.kill()
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()


def _family(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
