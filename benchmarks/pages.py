"""Server time of the pages people open, with 200,000 issues and 2 million events stored; then the slow phone."""

import statistics
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection

from tests.support.server import Vedette

from benchmarks import phone
from benchmarks.filled import filled
from benchmarks.report import Figure, finish
from benchmarks.seed import seed

BENCH = "pages"
ISSUES, EVENTS = 200_000, 2_000_000
TRIES = 60


class Reader:
    """Asks for pages on one kept connection, as a token that may read."""

    def __init__(self, server: Vedette) -> None:
        self._connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        self._headers = {"Authorization": f"Bearer {server.token}", "Accept": "text/html"}

    def ms(self, path: str) -> float:
        """Return the milliseconds from asking to the last byte."""
        begin = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status)
        return (time.perf_counter() - begin) * 1e3

    def p95(self, path: Callable[[int], str]) -> float:
        """Return the 95th percentile over different pages of a kind."""
        self.ms(path(0))
        return statistics.quantiles([self.ms(path(n)) for n in range(TRIES)], n=20)[-1]

    def figures(self, bench: str, paths: Mapping[str, str]) -> list[Figure]:
        """Return the 95th percentile of each page by its name, each of which takes at most 60 ms."""
        return [
            Figure(bench, f"{name}, p95", self.p95(lambda _, path=path: path), "ms", "<= 60")
            for name, path in paths.items()
        ]


def server_times(server: Vedette) -> list[Figure]:
    """Return the 95th percentiles of each kind of page."""
    reader = Reader(server)
    shorts = [issue["id"] for issue in server.api("GET", "/issues?n=100&sort=events")[1]["items"]]
    shorts += [issue["id"] for issue in server.api("GET", "/issues?n=100")[1]["items"]]
    events = {key: server.api("GET", f"/issues/{key}/events?n=5")[1]["items"] for key in shorts[:20]}
    flat = [(key, event["id"]) for key, found in events.items() for event in found]
    words = (
        "error",
        "timeout",
        "payment is:open",
        "level:error",
        '"could not"',
        "checkout !is:resolved",
        "user",
    )
    sorts = ("worst", "last_seen", "first_seen", "events", "users")
    kinds: dict[str, Callable[[int], str]] = {
        "overview": lambda _: "/",
        "list": lambda n: f"/issues/?sort={sorts[n % len(sorts)]}",
        "search": lambda n: f"/issues/?q={words[n % len(words)].replace(' ', '+')}".replace('"', "%22"),
        "issue": lambda n: f"/issues/{shorts[n % len(shorts)]}/",
        "event": lambda n: "/issues/{}/events/{}/".format(*flat[n % len(flat)]),
    }
    return [Figure(BENCH, f"{name}, p95", reader.p95(path), "ms", "<= 60") for name, path in kinds.items()]


def _seeded(server: Vedette) -> float:
    """Fill a server and return the seconds that took."""
    begin = time.perf_counter()
    seed(server.data, ISSUES, EVENTS)
    return time.perf_counter() - begin


def main() -> None:
    """Seed, measure, print."""
    with filled(_seeded) as (server, seconds):
        figures = server_times(server)
    seeding = Figure(BENCH, "seeding 200,000 issues, 2 million events", seconds, "s", "<= 300")
    finish([*figures, seeding, *phone.measure_world(5)])


if __name__ == "__main__":
    main()
