"""A log that nobody named a parser for speaks for its own programs alone."""

import datetime
from pathlib import Path

import pytest

from vedette.agent.guessing import Guessing
from vedette.instruments.logs import registry
from vedette.instruments.logs.binding import SYSLOG, family
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.wanting import EVERYTHING

NOW = 1_795_713_567.0
PARSERS = registry.parsers()
SSHD = "Nov 26 17:19:27 web1 sshd[7]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
CRON = "Nov 26 17:19:27 web1 cron[7]: (root) CMD (true)\n"
ACCESS = '203.0.113.9 - - [26/Nov/2026:17:19:27 +0000] "GET /.env HTTP/1.1" 404 0 "-" "UA"\n'
NGINX = '2026/11/26 17:19:27 [error] 1#1: *1 user "x": password mismatch, client: 203.0.113.9, server: _, request: "GET / HTTP/1.1", host: "a"\n'
AXES = 'AXES: New login failure by {username: "a", ip_address: "203.0.113.9", path_info: "/"}.\n'
APP = "2026-11-26 17:19:27 order 7 was paid by anna\n"


class Log:
    """A log that grows, and what is read of it."""

    def __init__(self, path: Path) -> None:
        self.path, self.said = path, list[str]()
        self._reading = Guessing(
            Reader(PARSERS, EVERYTHING, zone=datetime.UTC, engine="re2"), self.said.append
        )

    def write(self, text: str) -> list[str]:
        with self.path.open("a") as file:
            file.write(text)
        return [one.parser for one in self._reading.entries(text.encode(), str(self.path), NOW)]


@pytest.mark.parametrize(
    ("name", "own", "parser", "forged"),
    [
        ("a.log", ACCESS, "access", SSHD),
        ("a.log", ACCESS, "access", AXES),
        ("a.log", CRON + SSHD, "sshd", ACCESS),
        ("a.log", CRON + SSHD, "sshd", AXES),
        ("nginx/error.log", APP + NGINX, "nginx-error", SSHD),
        ("nginx/error.log", APP + NGINX, "nginx-error", AXES),
        ("django.log", APP * 9 + AXES, "django", ACCESS),
        ("django.log", APP * 9 + AXES, "django", SSHD),
    ],
)
def test_a_log_has_lines_of_its_own_programs(
    tmp_path: Path, name: str, own: str, parser: str, forged: str
) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    log = Log(tmp_path / name)
    assert log.write(own) == [parser]
    assert log.write(forged) == []
    assert log.write(own) == [parser]
    assert not log.said


def test_of_a_web_server_both_logs_are_read(tmp_path: Path) -> None:
    log = Log(tmp_path / "x.log")
    assert log.write(ACCESS + NGINX) == ["access", "nginx-error"]
    assert "sshd" not in family(PARSERS["access"], PARSERS)


def test_a_log_that_nothing_reads_says_so_and_whoever_writes_into_it_frames_nobody(tmp_path: Path) -> None:
    log = Log(tmp_path / "shop.log")
    assert log.write(APP * 50) == []
    assert [found for forged in (SSHD, ACCESS, AXES, NGINX) for found in log.write(forged)] == []
    assert len(log.said) == 1
    assert "Name its `parser` in [[sources]]" in log.said[0]
    log.path.write_text("")
    assert [found for _ in range(9) for found in log.write(ACCESS * 50)].count("access") >= 50, (
        "it is looked at again"
    )


def test_levels_of_an_application_are_no_hosts_of_syslog(tmp_path: Path) -> None:
    log = Log(tmp_path / "shop.log")
    assert log.write("2026-11-26T17:19:27 INFO shop.orders: 7 was paid\n" * 9 + SSHD) == []


def test_the_journal_is_syslog(tmp_path: Path) -> None:
    reading = Guessing(Reader(PARSERS, EVERYTHING, engine="re2"), print)
    assert [one.parser for one in reading.entries(SSHD.encode(), "journal", NOW)] == ["sshd"]
    assert not list(reading.entries(ACCESS.encode(), "journal", NOW))
    assert not SYSLOG.nothing
