"""The journal becomes lines, each once, whatever happens to `journalctl` or to us."""

import contextlib
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import journalctl
from tests.support.followed import until

from vedette.core.clock import SystemClock
from vedette.instruments.logs.sources.journal import Journal, line_of
from vedette.instruments.logs.sources.ledger import Ledger
from vedette.instruments.logs.sources.types import Chunk, JournalSource, Notice

SSHD = {
    "__CURSOR": "s=1;i=1",
    "__REALTIME_TIMESTAMP": "1795715609561518",
    "_HOSTNAME": "vm",
    "SYSLOG_IDENTIFIER": "sshd",
    "_PID": "77",
    "_UID": "0",
    "MESSAGE": "Failed password for root from 198.51.100.7 port 22 ssh2",
}


def test_an_entry_is_a_line_as_rsyslog_writes_them() -> None:
    line, cursor = line_of(json.dumps(SSHD).encode())
    assert line == (
        b"2026-11-26T17:53:29.561518+00:00 vm sshd[77]: Failed password for root from 198.51.100.7 port 22 ssh2\n"
    )
    assert cursor == "s=1;i=1"


@pytest.mark.parametrize(
    ("fields", "tail"),
    [
        (
            {"MESSAGE": "one\nNov 26 17:00:00 vm sshd[1]: two"},
            b"vm sshd[77]: one#012Nov 26 17:00:00 vm sshd[1]: two\n",
        ),
        ({"MESSAGE": list(b"\xff\n\x00")}, b"vm sshd[77]: \xff#012\x00\n"),
        ({"MESSAGE": ["first", "second"]}, b"vm sshd[77]: first\n"),
        (
            {"MESSAGE": None, "SYSLOG_IDENTIFIER": "kernel", "_PID": None, "_TRANSPORT": "kernel"},
            b"vm kernel: \n",
        ),
        ({"SYSLOG_IDENTIFIER": "evil]: x\n", "MESSAGE": "m"}, b"vm evil_x[77]: m\n"),
        ({"SYSLOG_IDENTIFIER": "", "_HOSTNAME": "", "MESSAGE": "m"}, b"localhost unknown[77]: m\n"),
    ],
)
def test_no_entry_makes_two_lines_or_another_program(fields: dict[str, object], tail: bytes) -> None:
    line, _ = line_of(json.dumps({**SSHD, **fields}).encode())
    assert line.partition(b" ")[2] == tail


PAM = "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=198.51.100.7"


@pytest.mark.parametrize(
    ("fields", "tail"),
    [
        ({"SYSLOG_IDENTIFIER": "sshd", "_COMM": "logger", "_UID": "33"}, b"vm not-sshd[77]: not from root but user 33: m"),
        ({"SYSLOG_IDENTIFIER": "/usr/sbin/SSHD"}, b"vm not-SSHD[77]: not from root but user unknown: m"),
        ({"SYSLOG_IDENTIFIER": "sudo", "_UID": "33", "_EXE": "/tmp/sudo"}, b"vm not-sudo[77]: not from root but user 33: m"),
        ({"SYSLOG_IDENTIFIER": "sshd", "_UID": "33", "_EXE": "/usr/bin/su"}, b"vm not-sshd[77]: not from root but user 33: m"),
        ({"SYSLOG_IDENTIFIER": "kernel", "_UID": "0", "_TRANSPORT": "syslog"}, b"vm not-kernel[77]: not from the kernel: m"),
        ({"SYSLOG_IDENTIFIER": "audit", "_UID": "33", "_TRANSPORT": "audit"}, b"vm audit[77]: m"),
        ({"SYSLOG_IDENTIFIER": "su", "_UID": "33", "_EXE": "/usr/bin/su"}, b"vm su[77]: m"),
        ({"SYSLOG_IDENTIFIER": "shop", "_UID": "33"}, b"vm shop[77]: m"),
        ({"SYSLOG_IDENTIFIER": "postfix/smtpd", "_UID": "102", "_SYSTEMD_UNIT": "postfix@-.service"}, b"vm postfix/smtpd[77]: m"),
        ({"SYSLOG_IDENTIFIER": "postfix/smtpd", "_UID": "102", "_EXE": "/usr/lib/postfix/sbin/smtpd"}, b"vm postfix/smtpd[77]: m"),
        ({"SYSLOG_IDENTIFIER": "postfix/smtpd", "_UID": "33", "_SYSTEMD_UNIT": "php8.2-fpm.service", "_EXE": "/usr/bin/logger"}, b"vm not-smtpd[77]: not from postfix but php8.2-fpm.service: m"),
        ({"SYSLOG_IDENTIFIER": "postfix/smtpd", "_UID": "33"}, b"vm not-smtpd[77]: not from postfix but nobody known: m"),
        ({"SYSLOG_IDENTIFIER": "dovecot", "_UID": "33", "_EXE": "/tmp/dovecot/auth", "_SYSTEMD_UNIT": "user@33.service"}, b"vm not-dovecot[77]: not from dovecot but user@33.service: m"),
        ({"SYSLOG_IDENTIFIER": "mariadbd", "_UID": "110", "_COMM": "mariadbd", "_SYSTEMD_UNIT": "user@1.service"}, b"vm not-mariadbd[77]: not from mariadbd but user@1.service: m"),
        ({"SYSLOG_IDENTIFIER": "wordpress(shop.example)", "_UID": "33", "_SYSTEMD_UNIT": "php8.2-fpm.service"}, b"vm wordpress(shop.example)[77]: m"),
        ({"SYSLOG_IDENTIFIER": "gunicorn", "_UID": "1000", "_SYSTEMD_UNIT": "shop.service", "_EXE": "/usr/bin/python3.11"}, b"vm gunicorn[77]: m"),
        ({"SYSLOG_IDENTIFIER": "shop", "_UID": "33", "MESSAGE": PAM}, f"vm not-shop[77]: not from root but user 33: {PAM}".encode()),
    ],
)  # fmt: skip
def test_who_may_log_does_not_speak_in_roots_name(fields: dict[str, str], tail: bytes) -> None:
    entry = {**SSHD, "_UID": None, "MESSAGE": "m", **fields}
    line, _ = line_of(json.dumps(entry).encode())
    assert line.partition(b" ")[2] == tail + b"\n"


class Read:
    """A journal of a test and what is read of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.chunks: list[Chunk] = []
        self.notices: list[Notice] = []
        (folder / "journal").touch()

    def log(self, message: str) -> None:
        self.count += 1
        entry = {**SSHD, "__CURSOR": f"i={self.count}", "MESSAGE": message}
        with (self.folder / "journal").open("a") as file:
            file.write(json.dumps(entry) + "\n")

    def messages(self) -> list[str]:
        lines = b"".join(chunk.data for chunk in list(self.chunks)).decode().splitlines()
        return [line.partition("]: ")[2] for line in lines]

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    @contextlib.contextmanager
    def running(self, program: tuple[str, ...] = ()) -> Iterator[Journal]:
        clock = SystemClock()
        program = program or (sys.executable, journalctl.__file__, str(self.folder))
        ledger = Ledger(self.folder, clock, self.notices.append)
        before = len(self.calls())
        journal = Journal(
            JournalSource(), ledger, clock, self.chunks.append, self.notices.append, program=program
        )
        thread = threading.Thread(target=journal.run)
        thread.start()
        try:
            until(lambda: len(self.calls()) > before or not thread.is_alive())
            yield journal
        finally:
            journal.stop()
            thread.join(5)
            assert not thread.is_alive()


@pytest.fixture
def read(tmp_path: Path) -> Read:
    return Read(tmp_path)


def test_a_restart_of_ours_or_of_the_journal_loses_and_doubles_nothing(read: Read) -> None:
    read.log("before")
    with read.running():
        read.log("1")
        until(lambda: read.messages() == ["1"], read.messages)
        (read.folder / "restart").touch()
        read.log("2")
        until(lambda: read.messages() == ["1", "2"] and len(read.calls()) == 2, read.messages)
    read.log("3")
    with read.running():
        until(lambda: read.messages() == ["1", "2", "3"], read.messages)
    ways = [call.partition("_SYSTEMD_UNIT ")[2] for call in read.calls()]
    assert ways[0] == "--lines=0"
    assert ways[1].startswith("--after-cursor=")
    assert ways[2] == "--after-cursor=i=3 --no-tail"


def test_a_cursor_that_the_journal_forgot_is_told_and_reading_goes_on(read: Read) -> None:
    with read.running():
        read.log("1")
        until(lambda: read.messages() == ["1"], read.messages)
    (read.folder / "broken").write_text("Failed to seek to cursor: Invalid argument")
    (read.folder / "journal").write_text("")
    with read.running():
        read.log("2")
        until(lambda: read.messages() == ["1", "2"], read.messages)
    assert "Failed to seek to cursor" in read.notices[0].text
    assert "--since=@" in read.calls()[-1]


def test_what_was_logged_between_stop_and_start_is_read_without_the_cursor_too(read: Read) -> None:
    """Also where the agent was stopped again before it could read on."""
    with read.running():
        read.log("1")
        until(lambda: read.messages() == ["1"], read.messages)
    ledger = read.folder / "positions.json"
    file = json.loads(ledger.read_text())
    file["sources"]["journal"]["seen"] = 1_764_000_000.5
    ledger.write_text(json.dumps(file))
    for _ in range(2):
        (read.folder / "broken").write_text("Failed to seek to cursor: Invalid argument")
        with read.running():
            until(lambda: any(one.kind == "lost" for one in read.notices))
        read.notices.clear()
    (read.folder / "broken").write_text("Failed to seek to cursor: Invalid argument")
    with read.running():
        until(lambda: "--since=@1764000000 " in read.calls()[-1], read.calls)


def test_what_is_no_entry_is_counted(read: Read) -> None:
    with read.running() as journal:
        with (read.folder / "journal").open("a") as file:
            file.write(
                '{"__CURSOR": "x", "__REALTIME_TIMESTAMP": "99999999999999999999999", "MESSAGE": "m"}\n'
            )
        read.log("1")
        until(lambda: read.messages() == ["1"], read.messages)
        assert journal.standings()[0].skipped == 1


def test_a_host_without_journalctl_is_told(read: Read) -> None:
    with read.running(("/nonexistent/journalctl",)):
        pass
    assert [n.text for n in read.notices] == [
        "/nonexistent/journalctl is not on this host: its journal is not read."
    ]
