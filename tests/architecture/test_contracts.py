"""The contracts of the house hold, and each of them catches a violation seeded into a copy of the tree."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# (contract's name as import-linter prints it, file, text appended to it)
SEEDS = [
    ("Floors", "vedette/wire/seeded.py", "import vedette.errors.service\n"),
    ("Floors", "vedette/signals/seeded.py", "import vedette.notify.types\n"),
    ("Floors", "vedette/errors/types.py", "\nimport vedette.alerts.service\n"),
    ("Floors", "vedette/core/ids.py", "\nimport vedette.plumbing.ports\n"),
    ("Floors", "vedette/instruments/seeded.py", "import vedette.plumbing.ports\n"),
    ("Floors", "vedette/instruments/probe/types.py", "\nimport vedette.accounts.types\n"),
    ("Floors", "vedette/newroom/__init__.py", ""),
    ("No cycles", "vedette/core/clock.py", "\nimport vedette.core.ids\n\nimport vedette.core.seeded\n"),
    ("The hot path", "vedette/intake/seeded.py", "import vedette.accounts.models\n"),
    ("The hot path", "vedette/plumbing/log/seeded.py", "import django.db\n"),
    ("The hot path", "vedette/wire/seeded.py", "import ninja\n"),
    ("The hot path", "vedette/instruments/seeded.py", "import django.db\n"),
    ("The agent knows", "vedette/agent/seeded.py", "import vedette.signals.types\n"),
    ("The agent knows", "vedette/agent/seeded.py", "import vedette.plumbing.db.sql\n"),
    ("A service speaks", "vedette/projects/service.py", "\nimport django.db\n"),
    ("A room is entered", "vedette/alerts/service.py", "\nimport vedette.errors.models\n"),
    ("A room is entered", "vedette/web/seeded.py", "import vedette.projects.store\n"),
    ("Django is imported", "vedette/errors/types.py", "\nimport django.utils\n"),
    ("Django is imported", "vedette/cli/seeded.py", "import django\n"),
    ("The guard stands alone", "vedette_guard/seeded.py", "import vedette.core.clock\n"),
    ("The guard stands alone", "vedette_guard/doors/asgi.py", "\nimport starlette\n"),
    ("The guard stands alone", "vedette_guard/passwords/hashing.py", "\nimport argon2\n"),
    ("The guard's floors", "vedette_guard/stores/port.py", "\nimport vedette_guard.sessions\n"),
    ("The guard's floors", "vedette_guard/decisions/csrf.py", "\nimport vedette_guard.engine\n"),
    ("The guard's decisions", "vedette_guard/decisions/rates.py", "\nimport time\n"),
    ("Decisions are pure", "vedette/errors/grouping.py", "\nimport sqlite3\n"),
    ("Decisions are pure", "vedette/errors/lifecycle.py", "\nimport time\n"),
    ("Decisions are pure", "vedette/instruments/probe/causes.py", "\nimport socket\n"),
    ("Decisions are pure", "vedette/instruments/probe/assertions/judging.py", "\nimport time\n"),
    ("Decisions are pure", "vedette/notify/novelty.py", "ANSWER = 42\n"),
]

# The first seed of each contract is quick, the others are among the slow proofs.
SEEDED = [
    pytest.param(*seed, marks=[pytest.mark.deep] if seed[0] in {name for name, _, _ in SEEDS[:n]} else [])
    for n, seed in enumerate(SEEDS)
]


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on a tree that holds src/ and pyproject.toml."""
    program = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command()"
    paths = os.pathsep.join([str(tree / "src"), str(tree / "guard/src"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--config", str(tree / "pyproject.toml")],
        cwd=tree, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the sources that a test may spoil."""
    for sources in ("src", "guard/src"):
        shutil.copytree(
            ROOT / sources, tmp_path / sources, ignore=shutil.ignore_patterns("static", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_every_contract(tree: Path) -> None:
    done = lint(tree)
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("contract", "file", "text"), SEEDED)
def test_a_seeded_violation_breaks_its_contract(tree: Path, contract: str, file: str, text: str) -> None:
    path = tree / ("guard/src" if file.startswith("vedette_guard/") else "src") / file
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        handle.write(text)
    if "vedette.core.seeded" in text:
        (path.parent / "seeded.py").write_text("import vedette.core.clock\n")
    done = lint(tree)
    assert done.returncode != 0, "the linter did not see it"
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    exhaustive = contract == "Floors" and "newroom" in file
    assert exhaustive or any(line.startswith(contract) for line in broken), done.stdout
