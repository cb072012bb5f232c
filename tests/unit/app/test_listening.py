"""Room for connections is made out of the files a process may open."""

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[2])))
from vedette.app.listening import open_many_files
print(open_many_files(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "files"),
    [(1024, 20_000, 16_384, 20_000), (1024, 4096, 3072, 4096), (256, 1024, 512, 1024)],
)
def test_the_limit_is_raised_and_leaves_files_for_the_rest(
    soft: int, hard: int, connections: int, files: int
) -> None:
    program = [sys.executable, "-c", PROGRAM, str(soft), str(hard)]
    done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.split() == [str(connections), str(files)]
