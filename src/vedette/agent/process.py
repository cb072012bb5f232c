"""The agent as a process: on a host of its own, or beside a server for the machine that it runs on.

Run as `python -m vedette.agent.process PARENT CONFIG [STATE]` by `beside`: it ends with the process that started it.
"""

import contextlib
import ctypes
import os
import subprocess
import sys
from pathlib import Path

from vedette.core.clock import SystemClock
from vedette.core.errors import VedetteError

_M_ARENA_MAX = -8


def run(config: Path | None, *, state: Path | None = None, parent: int = 0) -> None:
    """Watch this host until SIGTERM, SIGINT, or the end of the `parent` that started it; raises `VedetteError`.

    `state` is the folder it writes to where the configuration names none.
    """
    from vedette.agent.assembling import Assembling
    from vedette.agent.loop import Loop

    thrifty()
    clock, voice = SystemClock(), say_beside if parent else say
    assembling = Assembling(clock, voice, state)
    loop = Loop(assembling.prepare, config, clock, voice)
    assembling.read_anew = loop.read_anew
    if parent:
        loop.with_parent(parent)
    loop.run()


def thrifty() -> None:
    """Keep memory together: one arena for all threads (mallopt(3))."""
    with contextlib.suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def beside(config: Path, state: Path | None = None) -> "subprocess.Popen[bytes]":
    """Start an agent with a configuration (and a state folder where that names none) as a child that ends with this process."""
    places = [str(config), *([str(state)] if state else [])]
    command = [sys.executable, "-m", __name__, str(os.getpid()), *places]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)


def say(sentence: str) -> None:
    """Print a sentence for the host's log; what is no letter in it is shown as a question mark."""
    shown = "".join(char if char.isprintable() else "?" for char in sentence)
    print(shown, file=sys.stderr, flush=True)  # noqa: T201 - the journal keeps it


def say_beside(sentence: str) -> None:
    """Print a sentence among those of the process that started this one."""
    say(f"Agent: {sentence}")


if __name__ == "__main__":
    try:
        config, state = (*(Path(word) for word in sys.argv[2:4]), None)[:2]
        run(config, state=state, parent=int(sys.argv[1]))
    except VedetteError as error:
        say_beside(str(error))
        sys.exit(1)
