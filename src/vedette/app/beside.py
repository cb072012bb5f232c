"""The supervisor's end of the agent that watches this machine: it starts with the server, ends with it, and starts again when it dies."""

import os
import subprocess
import sys
import threading

from vedette.app import own_agent
from vedette.core.settings import Settings

END_SECONDS = 2.5
_PAUSES = (1.0, 5.0, 30.0, 120.0)
_LASTED = 600.0  # seconds after which it counts as if it had never fallen


class Beside:
    """Starts the agent in a process of its own by `start`, once requests are answered; `stop` ends it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping, self._lock = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="agent", daemon=True)
        os.environ[own_agent.HERE] = "1"

    def start(self) -> None:
        """Start it, and whenever it has ended."""
        self._thread.start()

    def stop(self) -> None:
        """End it; once."""
        self._stopping.set()
        with self._lock:
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _watch(self) -> None:
        from vedette.core.clock import monotonic

        fallen = 0
        while not self._stopping.is_set():
            began = monotonic()
            status = self._lived()
            fallen = 0 if monotonic() - began > _LASTED else fallen
            pause = _PAUSES[min(fallen, len(_PAUSES) - 1)]
            if self._stopping.is_set():
                return
            sys.stderr.write(
                f"The agent of this machine ended ({status}); it starts again in {pause:.0f} s.\n"
            )
            self._stopping.wait(pause)
            fallen += 1

    def _lived(self) -> str:
        """Start it and wait for its end; return how it ended, or why it did not start."""
        from vedette.agent.process import beside

        try:
            config = own_agent.configured(self._settings)
            if not own_agent.is_let_in(self._settings):
                return "it could not be enrolled, see above"
            with self._lock:
                if self._stopping.is_set():
                    return ""
                self._process = beside(config, config.parent)
            return f"status {self._process.wait()}"
        except OSError as error:  # no room, process or memory is left: the next round tries again
            return f"it could not be started: {error.strerror}"
