"""The supervisor's end of certificates: port 80, and a process that answers there and looks after the certificate.

That process dies with the supervisor, and is started again when it dies. It asks for a reload (SIGHUP) when there is
a new certificate; the worker reads it, so that the supervisor needs no cryptography.
"""

import contextlib
import os
import select
import subprocess
import sys
import threading

from vedette.app.listening import listen
from vedette.core.errors import ConfigError
from vedette.core.settings import Settings

READY_SECONDS = 60.0
END_SECONDS = 3.0
_PAUSES = (1.0, 5.0, 30.0)
_PATH = "/proc/self/fd/{}"


class Certifier:
    """Opens port 80 at once; `start` waits until there is something to show, `go` lets reloads be asked for."""

    def __init__(self, settings: Settings) -> None:
        self._listener = listen(settings.host, settings.http_port, "http_port")
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping, self._going = threading.Event(), False

    def start(self) -> None:
        """Start the process and wait for a certificate, at worst for one signed by itself. Raises `ConfigError`."""
        reading, writing = os.pipe()
        self._spawn(writing)
        os.close(writing)
        readable, _, _ = select.select([reading], [], [], READY_SECONDS)
        told = os.read(reading, 1) if readable else b""
        os.close(reading)
        if told != b"r":
            self.stop()
            raise ConfigError("No certificate could be prepared; what went wrong stands above.")
        threading.Thread(target=self._watch, name="certifier", daemon=True).start()

    def go(self) -> None:
        """Say that requests are served: from here on a reload may be asked for."""
        self._going = True
        self._tell(self._process)

    def stop(self) -> None:
        """End the process."""
        self._stopping.set()
        process = self._process
        if process is None or process.stdin is None:
            return
        with contextlib.suppress(OSError):
            process.stdin.close()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _spawn(self, ready: int) -> None:
        port = self._listener.fileno()
        command = [sys.executable, "-m", "vedette.app.certifying", str(port), str(ready), str(os.getpid())]
        self._process = subprocess.Popen(command, pass_fds=[port, ready], stdin=subprocess.PIPE)

    def _watch(self) -> None:
        """Start the process again whenever it has ended."""
        fallen = 0
        while self._process is not None:
            status = self._process.wait()
            if self._stopping.wait(_PAUSES[min(fallen, len(_PAUSES) - 1)]):
                return
            fallen += 1
            sys.stderr.write(f"What looks after the certificate ended (status {status}); it starts again.\n")
            try:
                with open(os.devnull, "wb") as nobody:  # noqa: PTH123 - a file descriptor is all it is for
                    self._spawn(nobody.fileno())
            except OSError as error:  # no process or memory is left: the next round tries again
                sys.stderr.write(f"It could not be started: {error.strerror}.\n")
            if self._going:
                self._tell(self._process)

    def _tell(self, process: "subprocess.Popen[bytes] | None") -> None:
        if process is not None and process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.write(b"g")
                process.stdin.flush()


class Shown:
    """Chain and key as a worker gives them to its TLS: files in memory, written in the worker and nowhere else."""

    def __init__(self) -> None:
        self._files = (os.memfd_create("chain"), os.memfd_create("key"))

    @property
    def context(self) -> tuple[bool, str, str, None, str, None, list[str], bool]:
        """Return what granian is told of TLS: 1.2 and later, no certificates of clients."""
        chain, key = (_PATH.format(number) for number in self._files)
        return (True, chain, key, None, "tls1.2", None, [], False)

    def fill(self, chain_and_key: tuple[str, str]) -> None:
        """Write both (PEM); called in the worker."""
        for number, text in zip(self._files, chain_and_key, strict=True):
            os.write(number, text.encode())

    def forget(self) -> None:
        """Close the files in this process."""
        for number in self._files:
            os.close(number)
