"""Digestion in its own process: whoever of the two dies, what was acknowledged is shown, once."""

import os
import signal
from collections.abc import Callable

import psutil
import pytest
from tests.support.server import Project, Vedette


def worker_and_digester(server: Vedette) -> tuple[psutil.Process, psutil.Process]:
    assert server.process is not None
    (worker,) = psutil.Process(server.process.pid).children()
    (digester,) = worker.children()
    return worker, digester


def shows(server: Vedette, title: str, times: int) -> Callable[[], bool]:
    return lambda: [i["events"] for i in server.issues() if i["title"] == title] == [times]


def sends(server: Vedette, project: Project, title: str) -> bool:
    try:
        return bool(server.send({"message": title}, project))
    except OSError:
        return False


def test_events_are_digested_when_the_digesting_process_was_killed(
    start_vedette: Callable[..., Vedette],
) -> None:
    server = start_vedette()
    project = server.add_project("shop", "python")
    server.send({"message": "before"}, project)
    server.wait(shows(server, "before", 1))
    _, digester = worker_and_digester(server)
    os.kill(digester.pid, signal.SIGKILL)
    server.send({"message": "after"}, project)
    server.send({"message": "after"}, project)
    server.wait(shows(server, "after", 2))


@pytest.mark.deep
def test_signals_for_the_worker_do_not_end_digestion_and_its_death_does(
    start_vedette: Callable[..., Vedette],
) -> None:
    server = start_vedette()
    project = server.add_project("shop", "python")
    worker, digester = worker_and_digester(server)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        os.kill(digester.pid, number)
    server.send({"message": "still"}, project)
    server.wait(shows(server, "still", 1))
    assert digester.is_running()
    os.kill(worker.pid, signal.SIGKILL)
    psutil.wait_procs([digester], timeout=10)
    assert not digester.is_running()
    server.wait(lambda: sends(server, project, "still"), 30)
    server.wait(shows(server, "still", 2))
