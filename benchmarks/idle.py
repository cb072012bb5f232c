"""What Vedette takes while nothing happens, and how soon it is ready; the agent beside it, a process of its own, is told apart."""

import tempfile
import time
from pathlib import Path

import psutil
from tests.support.ports import free_port
from tests.support.server import Vedette

from benchmarks.report import Figure, finish

BENCH = "idle"
AGENT_LOOKED = 60.0  # seconds


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        first = Vedette(Path(folder) / "data", free_port()).start()
        first.stop()
        server = Vedette(first.data, first.port, env={"VEDETTE_AGENT": "on"}).start()
        try:
            server.request("GET", "/sign-in/")
            agent = server.wait(lambda: _agent(server), 30)
            time.sleep(AGENT_LOOKED)  # what it looks at once, and what the package manager is asked, is over
            its, cpu, begin = _cpu(agent), _cpu(*_others(server, agent)), time.perf_counter()
            time.sleep(20)
            took = time.perf_counter() - begin
            share = (_cpu(*_others(server, agent)) - cpu) / took * 100
            agent_share = (_cpu(agent) - its) / took * 100
            memory = sum(_pss(pid) for pid in _others(server, agent)) / 2**20
            agent_memory = _pss(agent) / 2**20
        finally:
            stopping = server.stop()
    finish([
        Figure(BENCH, "ready after start, new data folder", first.ready_seconds, "s"),
        Figure(BENCH, "ready after start", server.ready_seconds, "s", "<= 3"),
        Figure(BENCH, "PSS of the tree", memory, "MiB", "<= 130"),
        Figure(BENCH, "CPU", share, "% of a core", "<= 1"),
        Figure(BENCH, "PSS of the agent beside it", agent_memory, "MiB"),
        Figure(BENCH, "CPU of the agent beside it", agent_share, "% of a core"),
        Figure(BENCH, "stopping on SIGTERM", stopping, "s", "<= 5"),
    ])  # fmt: skip


def _agent(server: Vedette) -> int | None:
    found = (pid for pid in server.pids() if "vedette.agent.process" in psutil.Process(pid).cmdline())
    return next(found, None)


def _others(server: Vedette, agent: int) -> list[int]:
    """Return the processes of the tree but the agent and what it asks."""
    apart = {agent, *(child.pid for child in psutil.Process(agent).children(recursive=True))}
    return [pid for pid in server.pids() if pid not in apart]


def _cpu(*pids: int) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


def _pss(pid: int) -> int:
    return int(psutil.Process(pid).memory_full_info().pss)


if __name__ == "__main__":
    main()
