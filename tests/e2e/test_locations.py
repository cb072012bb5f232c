"""Locations by the real server and real `vedette probe` processes: agreement, silence, restarts, and tokens that are replaced."""

import contextlib
import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.test_checks import Site, standing, told
from tests.support.server import VEDETTE, Vedette


class Outpost:
    """A `vedette probe` of a location of its own, with a spool."""

    def __init__(self, server: Vedette, slug: str, folder: Path) -> None:
        status, made = server.api("POST", "/locations", {"name": slug.title(), "slug": slug})
        assert status == 201, made
        self.server, self.slug, self.token, self.folder = server, slug, made["token"], folder / slug
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def said(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    @property
    def log(self) -> Path:
        return self.folder.with_suffix(".log")

    def start(self) -> "Outpost":
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VEDETTE_")}
        words = [
            str(VEDETTE),
            "probe",
            "--server",
            self.server.url,
            "--spool",
            str(self.folder),
            "--allow-private",
        ]
        with self.log.open("ab") as log:
            env = {**kept, "VEDETTE_PROBE_TOKEN": self.token}
            self.process = subprocess.Popen(words, env=env, stdout=log, stderr=log)
        return self

    def stop(self, with_: signal.Signals = signal.SIGTERM, seconds: float = 10) -> int:
        assert self.process is not None
        self.process.send_signal(with_)
        return self.process.wait(seconds)


@pytest.fixture
def outposts(tmp_path: Path) -> Iterator[Callable[[Vedette, str], Outpost]]:
    made: list[Outpost] = []

    def make(server: Vedette, slug: str) -> Outpost:
        made.append(Outpost(server, slug, tmp_path))
        return made[-1].start()

    yield make
    for one in made:
        if one.process is not None and one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.close()


def add(server: Vedette, name: str, url: str, **config: Any) -> None:
    asked = {"interval": 5, "tolerance": {"failures": 1}, "request": {"url": url}, **config}
    status, made = server.api("POST", "/monitors", {"name": name, "kind": "http", "config": asked})
    assert status == 201, made


def recorded(server: Vedette) -> list[tuple[float, bytes]]:
    """Return when each result that was recorded was found, and what it was, by the location that found it."""
    with contextlib.closing(sqlite3.connect(server.data / "core.db")) as core:
        return [
            (at, bytes(body)) for at, body in core.execute("SELECT at, body FROM monitors_result ORDER BY at")
        ]


def test_a_location_checks_until_its_token_is_replaced(
    vedette_server: Vedette, site: Site, outposts: Callable[[Vedette, str], Outpost]
) -> None:
    server, far = vedette_server, outposts(vedette_server, "fsn")
    add(server, "Far shop", site.url, locations=["fsn"])
    server.wait(lambda: standing(server, "far-shop") == "up", 20)
    (listed,) = server.api("GET", "/locations")[1]["items"]
    assert (listed["slug"], listed["monitors"], listed["lost"]) == ("fsn", 1, 0)
    assert listed["heard_at"]
    assert listed["version"]
    assert server.api("POST", "/locations/fsn/token")[0] == 200
    assert far.process is not None
    assert far.process.wait(10) == 1
    assert far.said.splitlines()[-1] == (
        "This token is of no location, or was replaced; make one under Monitors, Locations."
    )
    assert server.api("DELETE", "/monitors/far-shop")[0] == 204
    assert server.api("DELETE", "/locations/fsn")[0] == 204


@pytest.mark.deep
@pytest.mark.timeout(300)
def test_locations_agree_fall_silent_and_come_back(
    start_vedette: Callable[..., Vedette], site: Site, outposts: Callable[[Vedette, str], Outpost]
) -> None:
    server = start_vedette()
    fsn, hel = outposts(server, "fsn"), outposts(server, "hel")
    add(server, "Both", site.url, locations=["fsn", "hel"], agree=2)
    add(server, "Alone", site.url, locations=["hel"])
    server.wait(lambda: standing(server, "both") == standing(server, "alone") == "up", 30)

    os.kill(hel.process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
    site.status = 503
    server.wait(lambda: standing(server, "both") == "unknown", 60)
    server.wait(lambda: len(told(server)) == 1, 150)
    assert told(server)[0].startswith("Location Hel has not been heard of since ")
    server.wait(lambda: standing(server, "alone") == "unknown", 20)
    assert len(told(server)) == 1, "one alert, and none for each monitor"

    os.kill(hel.process.pid, signal.SIGCONT)  # type: ignore[union-attr]
    server.wait(lambda: standing(server, "both") == "down", 60)
    server.wait(lambda: "Both is down" in told(server) and "Hel is heard of again." in told(server), 30)
    assert server.api("GET", "/monitors/both")[1]["reason"].startswith(
        "2 of 2 locations find it down: fsn, hel."
    )
    assert fsn.stop() == hel.stop() == 0


@pytest.mark.deep
@pytest.mark.timeout(180)
def test_nothing_is_lost_and_nothing_twice_while_the_server_is_away(
    start_vedette: Callable[..., Vedette], site: Site, outposts: Callable[[Vedette, str], Outpost]
) -> None:
    server = start_vedette()
    far = outposts(server, "fsn")
    add(server, "Far", site.url, locations=["fsn"])
    server.wait(lambda: standing(server, "far") == "up", 30)
    server.stop()
    asked = site.asked
    server.wait(lambda: site.asked >= asked + 2, 30)
    assert far.stop() == 0, "what waits is in the folder"
    far.start()
    server.start()
    server.wait(lambda: site.asked >= asked + 4, 60)
    assert server.api("PUT", "/monitors/far/pause")[0] == 200
    server.wait(lambda: site.asked - len(recorded(server)) <= 1, 30)
    assert len({at for at, _ in recorded(server)}) == len(recorded(server)) <= site.asked
    assert far.stop() == 0
    assert "What is found meanwhile is kept." in far.said
    assert told(server) == []
