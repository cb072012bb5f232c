"""Runs bandit and semgrep apart: a bounded time and output, nothing of our environment, no configuration of what is scanned."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from vedette.instruments.scan.code import bandit, semgrep
from vedette.instruments.scan.code.copying import Copies
from vedette.instruments.scan.code.types import WeakSpot
from vedette.instruments.scan.types import CannotKnow
from vedette.wire.scan import Unknown

LARGEST = 128 * 1024 * 1024
_SAID = 300
Told = tuple[list[WeakSpot], list[Unknown]]
Run = Callable[[float], Told]


def bandit_command() -> list[str]:
    """Return how bandit is started: the one beside us, else the system's; empty where there is none."""
    if importlib.util.find_spec("bandit") is not None:
        return [sys.executable, "-I", "-m", "bandit"]
    found = shutil.which("bandit")
    return [found] if found else []


def run_bandit(command: Sequence[str], copies: Copies, seconds: float) -> Told:
    """Return what bandit tells of copies; raises `CannotKnow` where it fails. A `.bandit` in the tree is not read."""
    with tempfile.TemporaryDirectory(prefix="vedette-bandit-") as name:
        folder = Path(name)
        (folder / "empty.ini").write_text("[bandit]\n", encoding="utf-8")
        words = [
            "-q", "-f", "json", "-o", str(folder / "out.json"), "--exit-zero", "--ignore-nosec", "--ini", str(folder / "empty.ini"),
            "-x", "/vedette-passes-over-nothing", "-r", str(copies.folder),
        ]  # fmt: skip
        _run("bandit", [*command, *words], folder, seconds)
        return bandit.read(_output("bandit", folder / "out.json"), copies.paths())


def run_semgrep(program: str, rules: Path, copies: Copies, seconds: float) -> Told:
    """Return what semgrep tells of copies by rules of this machine; raises `CannotKnow` where it fails."""
    found = shutil.which(program)
    if found is None:
        raise CannotKnow(
            f"{program} is not installed, and rules for it are named.",
            "Install semgrep, or leave its rules out.",
        )
    if not rules.exists():
        raise CannotKnow(
            f"{rules} is not there: semgrep's rules are files of this machine.",
            "Name a file or folder of rules.",
        )
    with tempfile.TemporaryDirectory(prefix="vedette-semgrep-") as name:
        folder = Path(name)
        for each in (folder, copies.folder):  # an empty one: semgrep's own would pass over tests and more
            (each / ".semgrepignore").write_text("", encoding="utf-8")
        words = [  # marks are ours to judge, and what it skips it tells when it is verbose alone
            "scan", "--config", str(rules.resolve()), "--json", "--output", str(folder / "out.json"), "--metrics=off",
            "--disable-version-check", "--verbose", "--no-git-ignore", "--max-target-bytes=0",
            "--disable-nosem", str(copies.folder),
        ]  # fmt: skip
        _run("semgrep", [found, *words], folder, seconds)
        return semgrep.read(_output("semgrep", folder / "out.json"), copies.paths())


def _run(name: str, command: Sequence[str], folder: Path, seconds: float) -> None:
    environ = {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"), "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8",
        "SEMGREP_SEND_METRICS": "off", "SEMGREP_ENABLE_VERSION_CHECK": "0",
    }  # fmt: skip
    try:
        with (folder / "said").open("w+b") as said:
            done = subprocess.run(
                command, env=environ, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said,
                timeout=seconds, check=False,
            )  # fmt: skip
            said.seek(0)
            words = said.read(_SAID).decode("utf-8", "replace")
    except subprocess.TimeoutExpired as error:
        raise CannotKnow(
            f"{name} took more than {seconds:.0f} seconds.", "Give the scan more time, or scan a part."
        ) from error
    except OSError as error:
        raise CannotKnow(f"{name} cannot be started: {error}", f"Install {name} anew.") from error
    if done.returncode not in {0, 1}:
        clean = "".join(c if c.isprintable() else " " for c in words).strip()
        raise CannotKnow(
            f"{name} failed ({done.returncode}): {clean or 'it did not say why'}",
            f"Run {name} by hand to see more.",
        )


def _output(name: str, path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise CannotKnow(f"{name} told more than {LARGEST} bytes.", "Scan a part of the tree.")
        return path.read_bytes()
    except OSError as error:
        raise CannotKnow(f"{name} told nothing.", f"Run {name} by hand to see more.") from error
