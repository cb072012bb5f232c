"""The process of one errand: started apart, niced, bounded in time, memory, processor and words, and ended with all it started."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import msgspec

import vedette
from vedette.core.clock import monotonic
from vedette.scans.types import Errand
from vedette.wire.scan import ScanReport

COMMAND = (sys.executable, "-m", "vedette.app.scan_child")
MOST_BYTES = 64 * 1024 * 1024  # of a report
MOST_MEMORY = 3 << 30  # of addresses; a scan has about 150 MB, feeds map their index
NICE = 10
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VEDETTE_FEEDS", "SSL_CERT_FILE")


class Failed(Exception):
    """An errand came to nothing; says why."""


class ScanProcess:
    """A process that runs an errand."""

    def __init__(self, errand: Errand, command: tuple[str, ...] = COMMAND) -> None:
        self.errand, self._began = errand, monotonic()
        self._into, self._out, self._words = (tempfile.TemporaryFile() for _ in range(3))  # noqa: SIM115 - closed by `end`
        self._into.write(msgspec.msgpack.encode(errand))
        self._into.seek(0)
        self._process = subprocess.Popen(
            command, stdin=self._into, stdout=self._out, stderr=self._words, env=_environment(), cwd="/", start_new_session=True,
        )  # fmt: skip
        _bound(self._process.pid, errand.deadline)

    @property
    def pid(self) -> int:
        """Return the number of the process."""
        return self._process.pid

    def wait(self, seconds: float) -> ScanReport | None:
        """Wait a while; return the report when it ended, None while it runs. Raises `Failed`."""
        try:
            code = self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            if monotonic() - self._began < self.errand.deadline:
                return None
            self.end()
            raise Failed(f"It took longer than {self.errand.deadline:g} s and was ended.") from None
        try:
            return self._report(code)
        finally:
            self.end()

    def end(self) -> None:
        """End the process with all it started, and let its files go."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for file in (self._into, self._out, self._words):
            file.close()

    def _report(self, code: int) -> ScanReport:
        if code:
            raise Failed(
                f"Its process ended with {_ending(code)}: {_last_line(self._words) or 'it says nothing'}."
            )
        self._out.seek(0)
        try:
            return msgspec.msgpack.decode(self._out.read(MOST_BYTES), type=ScanReport)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Failed(f"Its process says what cannot be read: {error}.") from error


def _environment() -> dict[str, str]:
    """Return what the process knows: where things are, and none of the server's secrets."""
    known = {name: os.environ[name] for name in _KEPT if name in os.environ}
    source = str(Path(vedette.__path__[0]).resolve().parent)
    return {**known, "PYTHONPATH": os.pathsep.join(filter(None, [source, known.get("PYTHONPATH", "")]))}


def _bound(pid: int, deadline: float) -> None:
    seconds = int(deadline) + 1
    with contextlib.suppress(ProcessLookupError):  # it ended at once, and its code tells
        os.setpriority(os.PRIO_PROCESS, pid, NICE)
        resource.prlimit(pid, resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _ending(code: int) -> str:
    return str(code) if code > 0 else f"signal {signal.Signals(-code).name}"


def _last_line(words: IO[bytes]) -> str:
    size = words.seek(0, os.SEEK_END)
    words.seek(max(0, size - 2_000))
    lines = words.read().decode("utf-8", "replace").strip().splitlines()
    return "".join(char for char in lines[-1][:300] if char.isprintable()) if lines else ""
