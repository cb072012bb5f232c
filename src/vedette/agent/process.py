"""The agent as a process: on a host of its own, or beside a server for the machine that it runs on.

Run as `python -m vedette.agent.process [CONFIG]` by `beside`: it ends with the process that started it.
"""

import contextlib
import ctypes
import subprocess
import sys
from pathlib import Path

from vedette.core.clock import SystemClock
from vedette.core.errors import VedetteError

_M_ARENA_MAX = -8


def run(config: Path | None, *, with_parent: bool = False) -> None:
    """Watch this host until SIGTERM, SIGINT, or the end of who started it; raises `VedetteError`."""
    from vedette.agent.assembling import Assembling
    from vedette.agent.loop import Loop

    thrifty()
    clock = SystemClock()
    assembling = Assembling(clock, say)
    loop = Loop(assembling.prepare, config, clock, say)
    assembling.read_anew = loop.read_anew
    if with_parent:
        loop.with_parent()
    loop.run()


def thrifty() -> None:
    """Keep memory together: one arena for all threads (mallopt(3))."""
    with contextlib.suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def beside(config: Path) -> "subprocess.Popen[bytes]":
    """Start an agent with a configuration as a child of this process, which ends with it."""
    return subprocess.Popen(
        [sys.executable, "-m", __name__, str(config)], stdin=subprocess.DEVNULL, process_group=0
    )


def say(sentence: str) -> None:
    """Print a sentence for the host's log; what is no letter in it is shown as a question mark."""
    shown = "".join(char if char.isprintable() else "?" for char in sentence)
    print(shown, file=sys.stderr, flush=True)  # noqa: T201 - the journal keeps it


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]) if len(sys.argv) > 1 else None, with_parent=True)
    except VedetteError as error:
        say(str(error))
        sys.exit(1)
