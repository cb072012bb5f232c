"""The guard beside others' middlewares, in the same process and the same run: what each adds to the same request.

The others are installed from `requirements/bench.txt`, by hashes, into `build/bench`, which is theirs alone; there a
child (`python -m benchmarks.rivals`) takes turns with them and with the guard, and prints a JSON object of microseconds.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Figure

ROOT = Path(__file__).parents[2]
LOCKED, HOME = ROOT / "requirements" / "bench.txt", ROOT / "build" / "bench"
UV = Path(sys.executable).with_name("uv")
# The least that others cost as a multiple of the guard; Django's own stack is only told.
TARGETS = {"pure ASGI": 10, "with BaseHTTPMiddleware": 30, "Django": 0}


def python() -> Path:
    """Return the interpreter that has the others installed, in the versions that are locked."""
    found, stamp = HOME / "bin" / "python", HOME / "installed"
    wanted = hashlib.sha256(LOCKED.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([UV, "venv", "--quiet", "--clear", "--python", sys.executable, HOME], check=True)
        install = [
            UV,
            "pip",
            "install",
            "--quiet",
            "--compile-bytecode",
            "--require-hashes",
            "--python",
            found,
        ]
        subprocess.run([*install, "-r", LOCKED], check=True)
        stamp.write_text(wanted)
    return found


def costs() -> dict[str, float]:
    """Return the microseconds that each stack adds to a request. Raise CalledProcessError when one does not do its part."""
    paths = os.pathsep.join((str(ROOT), str(ROOT / "guard" / "src")))
    done = subprocess.run(
        [python(), "-m", "benchmarks.rivals"],
        env={**os.environ, "PYTHONPATH": paths}, cwd=ROOT, stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    read: dict[str, float] = json.loads(done.stdout)
    return read


def figures(bench: str) -> list[Figure]:
    """Return what each stack adds, and how many times cheaper the guard is than the cheapest of each kind."""
    added = costs()
    told = [Figure(bench, name, value, "us added") for name, value in added.items()]
    for kind, target in TARGETS.items():
        ours = added["Django: the guard" if kind == "Django" else "Starlette: the guard, all on"]
        others = min(
            value for name, value in added.items() if name.startswith(kind) and "the guard" not in name
        )
        times = f"the guard is cheaper than {kind} by"
        told.append(Figure(bench, times, others / ours, "times", f">= {target}" if target else ""))
    return told
