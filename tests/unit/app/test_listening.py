"""Room for connections is made out of the files a process may open; what is answered leaves at once."""

import socket
import subprocess
import sys

import pytest

from vedette.app.listening import listen

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


def test_the_end_of_an_answer_waits_for_no_acknowledgement() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
