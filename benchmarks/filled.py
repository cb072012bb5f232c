"""A server that was filled while it was stopped: what benchmarks of pages begin with."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from tests.support.ports import free_port
from tests.support.server import ROOT, Vedette

T = TypeVar("T")
_SETTLED = (
    10.0  # seconds: a server that just started goes its first rounds of everything, which pages do not meet
)


@contextlib.contextmanager
def filled(fill: Callable[[Vedette], T]) -> Iterator[tuple[Vedette, T]]:
    """Yield a running server with a project, and what filling it told; gone after the block."""
    with tempfile.TemporaryDirectory() as folder:
        env = {"VEDETTE_TOKEN_REQUESTS_PER_MINUTE": "1000000"}
        server = Vedette(Path(folder) / "data", free_port(), env=env)
        server.start()
        server.add_project("bench", "python")
        server.stop()
        told = fill(server)
        server.start()
        time.sleep(_SETTLED)
        try:
            yield server, told
        finally:
            server.stop()


def told_by(program: str) -> Callable[[Vedette], dict[str, Any]]:
    """Return what runs a program on the data of a server, and returns the JSON of the last line it prints."""

    def fill(server: Vedette) -> dict[str, Any]:
        environ = {**server.environ, "VEDETTE_LOG_LEVEL": "error"}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return fill
