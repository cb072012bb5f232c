"""The process of an errand: what ends it is told, nothing of it stays, and it knows none of the server's secrets."""

import os
import sys
from pathlib import Path

import psutil
import pytest
from tests.support.findings import NOW
from tests.support.followed import until

from vedette.app.scan_process import NICE, Failed, ScanProcess
from vedette.scans.types import BILL, Errand

ERRAND = Errand(kind=BILL, target=1, scanner="deps", what="shop", now=NOW, feeds="/nowhere", deadline=30.0)


def program(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", text)


def test_an_errand_is_done_apart_and_comes_back_as_a_report() -> None:
    process = ScanProcess(ERRAND)
    assert psutil.Process(process.pid).nice() == NICE
    report = process.wait(30)
    assert report is not None
    assert (report.scanner, report.target, report.complete) == ("deps", "shop", True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("raise SystemExit('no luck')", "ended with 1: no luck"),
        ("import os; os.kill(os.getpid(), 9)", "signal SIGKILL"),
        ("print('hello')", "cannot be read"),
        ("x = bytearray(4 << 30)", "MemoryError"),
    ],
)
def test_what_ends_it_is_told(text: str, why: str) -> None:
    process = ScanProcess(ERRAND, program(text))
    with pytest.raises(Failed, match=why):
        process.wait(30)


def test_its_time_is_bounded_and_what_it_started_ends_with_it(tmp_path: Path) -> None:
    seen = tmp_path / "pid"
    text = f"import subprocess, pathlib, time; p = subprocess.Popen(['sleep', '60']); pathlib.Path({str(seen)!r}).write_text(str(p.pid)); time.sleep(60)"
    process = ScanProcess(Errand(kind=BILL, now=NOW, feeds="", deadline=1.0), program(text))
    assert process.wait(0.1) is None
    with pytest.raises(Failed, match="longer than 1 s"):
        process.wait(2.0)
    child = int(seen.read_text())
    until(lambda: _over(child))  # a killed process takes a moment to go


def _over(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_it_knows_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_SMTP_PASSWORD", "hunter2")
    assert "VEDETTE_SMTP_PASSWORD" in os.environ
    process = ScanProcess(
        ERRAND,
        program(
            "import os; raise SystemExit('known' if 'VEDETTE_SMTP_PASSWORD' in os.environ else 'unknown')"
        ),
    )
    with pytest.raises(Failed, match="unknown"):
        process.wait(30)
