"""Clients that take their time: connections that say nothing, slowhttptest's, and a visitor who asks all the while."""

import http.client
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

PAUSE = 0.02
PATIENCE = 60.0
IDLERS = """
import resource, socket, sys
port, count = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, max(count + 100, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
kept = []
for n in range(count):  # an address has not ports enough for all
    kept.append(socket.create_connection(("127.0.0.1", port), 30, (f"127.0.0.{2 + n % 4}", 0)))
print("connected", flush=True)
sys.stdin.read()
"""


class Visitor:
    """Asks for a page over and over, each time over a new connection, and notes how long each answer took."""

    def __init__(self, url: str) -> None:
        self._where = urlsplit(url)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._ask_on)
        self.statuses: set[int] = set()
        self.seconds: list[float] = []

    def __enter__(self) -> "Visitor":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _ask_on(self) -> None:
        while not self._done.wait(PAUSE):
            began = time.monotonic()
            self.statuses.add(self._ask())
            self.seconds.append(time.monotonic() - began)

    def _ask(self) -> int:
        # From an address of its own: those who attack are held back by theirs.
        connection = http.client.HTTPConnection(
            self._where.hostname or "", self._where.port, timeout=PATIENCE, source_address=("127.0.0.9", 0)
        )
        try:
            connection.request("GET", self._where.path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def stay(self, answers: int) -> None:
        """Wait until so many more answers came."""
        wanted, end = len(self.seconds) + answers, time.monotonic() + PATIENCE
        while len(self.seconds) < wanted and time.monotonic() < end:
            self._done.wait(PAUSE)


def require_quick(visitor: Visitor) -> None:
    """Fail unless many answers came, 99 of 100 within a second: attackers and server share two cores here."""
    assert visitor.statuses == {200}
    assert len(visitor.seconds) >= 100
    slowest = sorted(visitor.seconds)
    assert slowest[int(len(slowest) * 0.99) - 1] < 1.0, slowest[-5:]
    assert slowest[-1] < 3.0, slowest[-5:]


@contextmanager
def idlers(port: int, count: int) -> Iterator[None]:
    """Keep so many connections open that say nothing; in a child, which may open as many files."""
    program = [sys.executable, "-c", IDLERS, str(port), str(count)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"connected\n", "the connections were not taken"
        try:
            yield
        finally:
            child.kill()


def attack(url: str, *options: str, connections: int, seconds: int) -> dict[str, int]:
    """Let slowhttptest attack an address; return how many connections ended `closed`, `connected`, `error`, `pending`."""
    measure = ["-c", str(connections), "-r", "1000", "-l", str(seconds)]
    done = subprocess.run(
        ["slowhttptest", *options, *measure, "-u", url],
        capture_output=True, text=True, timeout=seconds + 60, check=False,
    )  # fmt: skip
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", done.stdout)
    return {name: int(said) for name, said in re.findall(r"(closed|connected|error|pending): +(\d+)", plain)}
