"""The moment at which the worker forks."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import gc, threading
from vedette.app.asgi import Application

def fork(settings):
    from vedette.app.digestion import Digestion

    print(gc.isenabled(), threading.active_count())
    return Digestion(None)

Application().fork_digestion(fork)
"""


def test_the_digesting_process_looks_for_garbage_and_is_forked_from_a_single_thread(tmp_path: Path) -> None:
    environ = {"VEDETTE_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "1"], done.stderr
