"""A million small files are listed and compared in memory that does not grow with them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

FILES, IN_A_FOLDER = 1_000_000, 2_000
MOST_GROWTH = 16 << 20  # bytes
# In a process of its own: its memory at most is counted from the start.
LOOKED = """
import resource, sys
from pathlib import Path
from vedette.core.clock import SystemClock
from vedette.instruments.backup.types import Bench, Tools
from vedette.instruments.backup.what.paths import source
from vedette.instruments.backup.what.paths.settings import Paths

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10

state = Path(sys.argv[2])
tools = Tools(now=SystemClock().now, state=state)
few, many = Paths(paths=(sys.argv[1] + "/0",)), Paths(paths=(sys.argv[1],))
source.gather(few, state / "few", tools)
before = most()
part = source.gather(many, state / "many", tools).part
checks = source.prove(many, Bench(root=Path("/"), scratch=state / "scratch", part=part, tools=tools))
print(part.files, most() - before, all(check.passed for check in checks))
"""


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with a million files in it; half of them are in one folder."""
    folder = tmp_path / "many"
    for number in range(FILES // 2 // IN_A_FOLDER + 1):
        inside = folder / f"{number}"
        inside.mkdir(parents=True)
        for file in range(IN_A_FOLDER if number else FILES // 2):
            os.close(os.open(f"{inside}/{file}", os.O_CREAT | os.O_WRONLY))
    (folder / "0" / "0").write_text("x")
    (folder / "1" / "0").write_text("x")
    yield folder
    shutil.rmtree(folder)


def test_memory_does_not_grow_with_files(tmp_path: Path, many: Path) -> None:
    for name in ("few", "many", "scratch"):
        (tmp_path / name).mkdir()
    said = subprocess.run(
        [sys.executable, "-c", LOOKED, many, tmp_path], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    files, growth, good = said.stdout.split()
    assert (int(files), good) == (FILES, "True")
    assert int(growth) < MOST_GROWTH
