"""A look at TLS that cannot see says so, and what to do; it never reports a server as clean."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support import naughty
from tests.support.naughty import Naughty
from tests.support.netns import until
from tests.support.ports import free_port

from vedette.core.address import AddressPolicy
from vedette.core.errors import Invalid
from vedette.instruments.scan.running import run
from vedette.instruments.scan.tls import child, environment
from vedette.instruments.scan.tls.answering import Job
from vedette.instruments.scan.tls.scanner import SCANNER, scan
from vedette.instruments.scan.types import Asked, CannotKnow, silent
from vedette.wire.scan import Unknown

pytestmark = pytest.mark.xdist_group("tls-servers")
SEEN = msgspec.structs.replace(SCANNER, outward=False)  # whose host it is is another test's question
JOB = Job(name="shop.test", address="127.0.0.1", port=1)


def blind(target: str, **how: object) -> Unknown:
    asked = Asked(
        target=target,
        now=time.time(),
        feeds=Path("/nonexistent"),
        policy=AddressPolicy(allow_private=True),
        deadline=4,
    )
    report = run(SEEN, msgspec.structs.replace(asked, **how))  # type: ignore[arg-type]
    assert (report.findings, report.complete, len(report.unknown)) == ((), False, 1)
    assert report.unknown[0].fix
    return report.unknown[0]


@pytest.fixture
def server() -> Iterator[list[Naughty]]:
    made: list[Naughty] = []
    yield made
    for one in made:
        one.close()


def test_blind_refused() -> None:
    port = free_port()
    assert f"127.0.0.1:{port}" in blind(f"127.0.0.1:{port}").why


def test_blind_silent(server: list[Naughty]) -> None:
    server.append(Naughty(naughty.waits, reads=False))
    assert "does not speak TLS" in blind(f"127.0.0.1:{server[0].port}").why


def test_blind_no_tls_there(server: list[Naughty]) -> None:
    server.append(Naughty(naughty.says(naughty.answer()), reads=False))
    assert "does not speak TLS" in blind(f"127.0.0.1:{server[0].port}").why


def test_blind_address_not_allowed() -> None:
    assert "private" in blind("10.255.255.1:443", policy=AddressPolicy()).why


def test_blind_sslyze_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(environment.VARIABLE, str(tmp_path))
    told = blind("127.0.0.1:443")
    assert "sslyze is not installed" in told.why
    assert "tools/setup scanners" in told.fix


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("import sys; sys.stderr.write('first\\nit \\x1b[31mbroke\\n'); sys.exit(3)", r"ended with 3: it .\[31mbroke"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended with -11: it says nothing"),
        ("print('Grüße')", "cannot be read"),
        ("print('{\"protocols\": 7}')", "cannot be read"),
        ("import sys\nwhile True: sys.stdout.write('x' * 65536)", "ended with"),
        ("x = bytearray(4 << 30)", "ended with 1: MemoryError"),
        ("import time; time.sleep(60)", "longer than 0.5 s"),
    ],
)  # fmt: skip
def test_blind_child(tmp_path: Path, program: str, why: str) -> None:
    path = tmp_path / "child.py"
    path.write_text(program)
    slow = "sleep" in program
    with pytest.raises(CannotKnow, match=why) as told:
        child.asked(JOB, Path(sys.executable), 0.5 if slow else 20, path)
    assert told.value.fix


def test_what_the_child_started_ends_with_it(tmp_path: Path) -> None:
    path, mark = tmp_path / "child.py", tmp_path / "pid"
    path.write_text(
        f"import subprocess, sys, pathlib\np = subprocess.Popen(['sleep', '60'])\npathlib.Path({str(mark)!r}).write_text(str(p.pid))\nprint('{{}}')"
    )
    child.asked(JOB, Path(sys.executable), 20, path)
    state = Path(f"/proc/{mark.read_text()}/stat")
    assert until(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] in {"Z", "X"})


@pytest.mark.parametrize(
    ("target", "options"),
    [("127.0.0.1:443", {"profile": "newest"}), ("127.0.0.1:443", {"starttls": "gopher"}), ("127.0.0.1:443", {"colour": "red"}),
     ("127.0.0.1:443", {"authority": "/nonexistent"}), ("shop.test/path", {}), ("127.0.0.1:99999", {}), ("", {})],
)  # fmt: skip
def test_what_cannot_work_is_refused(target: str, options: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        scan(Asked(target=target, now=0.0, feeds=Path("/nonexistent"), options=options), silent)
