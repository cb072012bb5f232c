# noqa: A005 - in a package of its own
"""How fast secrets are looked for in a large tree, beside detect-secrets on the same files, on one core.

The tree is what is installed here: some ten thousand files of many kinds. detect-secrets is installed from
`requirements/bench.txt` into an environment of its own and looks at a sample of the tree, as it takes minutes for all.
"""

import json
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from benchmarks import rivals
from benchmarks.report import Figure, finish
from vedette.instruments.scan.secrets.scanner import SCANNER
from vedette.instruments.scan.types import Asked, silent

BENCH = "secrets"
ROUNDS = 3
SAMPLE_BYTES = 2_000_000
THEIRS = """
import json, sys, time
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
names = json.load(sys.stdin)
with default_settings():
    began = time.process_time()
    found = sum(1 for name in names for _ in scan_file(name))
    print(time.process_time() - began)
"""


def tree() -> Path:
    """Return the folder that is looked at: the packages of the environment."""
    return Path(sysconfig.get_path("purelib"))


def ours(root: Path) -> tuple[float, float]:
    """Return how many megabytes of text were looked at, and the CPU seconds that took."""
    began = time.process_time()
    report = SCANNER.scan(Asked(target=str(root), now=0.0, feeds=root, options={"history": "no"}), silent)
    assert report.complete, report.unknown
    return int(report.facts["bytes"]) / 1e6, time.process_time() - began


def theirs(root: Path) -> tuple[float, float]:
    """Return the same of detect-secrets, for a sample of the sources."""
    names, size = [], 0
    for path in sorted(root.rglob("*.py"))[::7]:
        if size < SAMPLE_BYTES and path.is_file():
            names.append(str(path))
            size += path.stat().st_size
    done = subprocess.run(
        [rivals.python(), "-c", THEIRS], input=json.dumps(names), stdout=subprocess.PIPE, text=True, check=True,
        env={**os.environ, "PYTHONPATH": ""},
    )  # fmt: skip
    return size / 1e6, float(done.stdout)


def figures() -> list[Figure]:
    root = tree()
    ours(root)  # files into memory, rules compiled
    size, took = min((ours(root) for _ in range(ROUNDS)), key=lambda pair: pair[1])
    their_size, their_time = theirs(root)
    speed, their_speed = size / took, their_size / their_time
    return [
        Figure(BENCH, "tree", size, "MB", ">= 50"),
        Figure(BENCH, "speed a core", speed, "MB/s", ">= 20"),
        Figure(BENCH, "detect-secrets, speed a core", their_speed, "MB/s"),
        Figure(BENCH, "times as fast as detect-secrets", speed / their_speed, "times", ">= 10"),
    ]


def main() -> None:
    if not rivals.UV.exists():
        sys.exit("There is no uv beside Python: run make dev.")
    finish(figures())


if __name__ == "__main__":
    main()
