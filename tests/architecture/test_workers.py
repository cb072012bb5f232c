"""What a module of end-to-end tests makes once must be made by one worker: each other one would make it again."""

import os
import subprocess
import sys
from pathlib import Path

E2E = Path(__file__).parents[1] / "e2e"


def test_modules_that_share_something_stay_with_one_worker() -> None:
    sharing = [path for path in E2E.glob("test_*.py") if 'scope="module"' in path.read_text()]
    assert len(sharing) >= 8
    assert [path.name for path in sharing if "xdist_group(" not in path.read_text()] == []


GROUPED = """
import os
import pytest

pytestmark = pytest.mark.xdist_group("one")

@pytest.mark.parametrize("n", range(6))
def test_where(n, tmp_path_factory):
    (tmp_path_factory.getbasetemp().parent / os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_a_group_is_kept_together(tmp_path: Path) -> None:
    """It is, only while pytest and pytest-xdist understand each other: where they do not, nobody says so."""
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    run = ["-m", "pytest", "-q", "-p", "xdist.plugin", "-n", "2", "--dist", "loadgroup", "--rootdir", "."]
    command = [sys.executable, *run, "-c", "/dev/null", "--basetemp", "made", "test_grouped.py"]
    alone = {
        **os.environ,
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }  # the other plugins take ten seconds to load
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len([path for path in (tmp_path / "made").iterdir() if path.name in {"gw0", "gw1"}]) == 1
