"""Repositories for tests, made by git itself with nobody's configuration."""

import os
import subprocess
from pathlib import Path

_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"), ("DATE", "2026-01-02T03:04:05Z"))
}


def git(root: Path, *words: str) -> str:
    """Return what a command of git prints."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(root), "GIT_CONFIG_NOSYSTEM": "1", **_WHO}
    return subprocess.run(
        ["git", *words], cwd=root, env=environ, check=True, capture_output=True, text=True
    ).stdout


def commit(root: Path, **files: str | None) -> str:
    """Write files (None removes one; `__` stands for a dot), commit them, and return the commit's id."""
    if not (root / ".git").exists():
        git(root, "init", "-q", "-b", "main")
    for name, text in files.items():
        path = root / name.replace("__", ".")
        path.unlink() if text is None else path.write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "change")
    return git(root, "rev-parse", "HEAD").strip()
