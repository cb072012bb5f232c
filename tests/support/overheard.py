"""What every user of a host could overhear: the words of all programs that are started, by us and by those; what is logged."""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

_EVERY = 0.02  # seconds
_MOST = 4 << 20  # bytes of a file that are read
_listening: "set[Overheard]" = set()


class Overheard(logging.Handler):
    """Listens for some secrets; `heard` says where each was."""

    def __init__(self, *secrets: str) -> None:
        super().__init__(logging.DEBUG)
        self._secrets = tuple(secret.encode() for secret in secrets)
        self._over = threading.Event()
        self.heard: list[str] = []
        self.programs = 0

    def hear(self, where: str, said: bytes) -> None:
        """Note where a secret is said."""
        if self._tells(said):
            self.heard.append(f"{where}: {said[:300]!r}")

    def _tells(self, said: bytes) -> bool:
        return any(secret in said for secret in self._secrets)

    def emit(self, record: logging.LogRecord) -> None:
        """Listen to the log."""
        self.hear(record.name, record.getMessage().encode())

    def look(self) -> None:
        """Read the command lines of all processes until it is over; a child's child is seen by this alone (proc(5))."""
        while not self._over.wait(_EVERY):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    said = process.read_bytes()
                    if self._tells(said) and _is_ours(process.parent):
                        self.hear("a command line", said)

    def look_into(self, folder: Path) -> None:
        """Read the files that are left below a folder."""
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.stat().st_size < _MOST:
                self.hear(str(path), path.read_bytes())

    def close(self) -> None:
        """End listening."""
        self._over.set()
        super().close()


def _is_ours(process: Path) -> bool:
    """Tell whether we or our children started a process: others on this host may test the same."""
    while process.name not in {"0", "1"}:
        if process.name == str(os.getpid()):
            return True
        stat = (process / "stat").read_text().rpartition(")")[2].split()
        process = process.with_name(stat[1])
    return False


def _started(event: str, told: tuple[object, ...]) -> None:
    """Hear every program of our own, however short it lives (sys.audit)."""
    if event == "subprocess.Popen" and _listening:
        words = told[1] if isinstance(told[1], list | tuple) else [told[1]]
        for one in list(_listening):
            one.programs += 1
            one.hear("a program", " ".join(map(str, words)).encode())


sys.addaudithook(_started)


@contextlib.contextmanager
def overheard(*secrets: str) -> Iterator[Overheard]:
    """Listen while the block runs."""
    listening = Overheard(*secrets)
    looking = threading.Thread(target=listening.look, daemon=True)
    logging.getLogger().addHandler(listening)
    _listening.add(listening)
    looking.start()
    try:
        yield listening
    finally:
        listening.close()
        _listening.discard(listening)
        logging.getLogger().removeHandler(listening)
        looking.join(5)
