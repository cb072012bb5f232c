"""A million small files are saved, proven, brought back and compared in memory that does not grow with them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

FILES, IN_A_FOLDER = int(os.environ.get("VEDETTE_FILES", "1000000")), 2_000
MOST_GROWTH = 16 << 20  # bytes
MOST_GROWN = 60 << 20  # bytes, of a run, a drill and a restore together
FILLED = 10  # each tenth file has something in it
# In a process of its own: its memory at most is counted from the start.
LOOKED = """
import re, sys
from pathlib import Path
from vedette.core.clock import SystemClock
from vedette.instruments.backup.types import Bench, Tools
from vedette.instruments.backup.what.paths import source
from vedette.instruments.backup.what.paths.settings import Paths

def most():  # not `ru_maxrss`, which begins with what the process had that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10

state = Path(sys.argv[2])
tools = Tools(now=SystemClock().now, state=state)
few, many = Paths(paths=(sys.argv[1] + "/0",)), Paths(paths=(sys.argv[1],))
source.gather(few, state / "few", tools)
before = most()
part = source.gather(many, state / "many", tools).part
checks = source.prove(many, Bench(root=Path("/"), scratch=state / "scratch", part=part, tools=tools))
print(part.files, most() - before, all(check.passed for check in checks))
"""

# The whole way: first a few files, then all; what the engine itself needs is its own.
WENT = """
import re, sys
from pathlib import Path
from tests.support.greens import Place
from vedette.wire.backup import Stage, What

def most():  # not `ru_maxrss`, which begins with what the process had that started this one
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) << 10

def went(name, folder):
    root = Path(sys.argv[2]) / name
    root.mkdir()
    place = Place(root, sys.argv[3], what=What(kind="paths", settings={"paths": [folder]}), deadline=3_000.0)
    for act in (place.run, place.drill, lambda: place.restore(root / "back")):
        ended = act()
        assert ended.stage is Stage.DONE, (ended.sentence, ended.output)
        print(f"{name}: {most() >> 20} MiB, {ended.ended_at - ended.began_at:.0f} s: {ended.sentence}", file=sys.stderr)
    return ended.files

went("few", sys.argv[1] + "/1")
before = most()
print(went("many", sys.argv[1]), most() - before)
"""


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with a million files in it, in memory where there is some; half of them are in one folder."""
    shm = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=shm if os.access(shm, os.W_OK) else tmp_path))
    for number in range(FILES // 2 // IN_A_FOLDER + 1):
        inside = folder / f"{number}"
        inside.mkdir(parents=True)
        for file in range(IN_A_FOLDER if number else FILES // 2):
            handle = os.open(f"{inside}/{file}", os.O_CREAT | os.O_WRONLY)
            if file % FILLED == 0:
                os.write(handle, f"{number}/{file}".encode())
            os.close(handle)
    yield folder
    shutil.rmtree(folder)


def test_memory_does_not_grow_with_files(tmp_path: Path, many: Path) -> None:
    for name in ("few", "many", "scratch"):
        (tmp_path / "state" / name).mkdir(parents=True)
    said = subprocess.run(
        [sys.executable, "-c", LOOKED, many, tmp_path / "state"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    files, growth, good = said.stdout.split()
    assert (int(files), good) == (FILES, "True")
    assert int(growth) < MOST_GROWTH


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("kind", ["borg", "restic"])
def test_memory_does_not_grow_on_the_whole_way(kind: str, tmp_path: Path, many: Path) -> None:
    env = {**os.environ, "PYTHONPATH": f"{Path.cwd()}:{Path.cwd()}/src"}
    words = [sys.executable, "-c", WENT, str(many), str(tmp_path), kind]
    said = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert said.returncode == 0, said.stderr
    files, growth = map(int, said.stdout.split())
    assert files == FILES
    assert growth < MOST_GROWN, said.stderr
    assert not list(different(many, tmp_path / "many/back" / str(many).lstrip("/")))


def different(there: Path, back: Path) -> Iterator[str]:
    """Yield what is not the same in two folders of folders of files."""
    for inside in names(there):
        one, two = names(there / inside), names(back / inside)
        yield from one ^ two
        for name in one & two:
            if (there / inside / name).read_bytes() != (back / inside / name).read_bytes():
                yield f"{inside}/{name}"


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
