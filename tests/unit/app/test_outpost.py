"""What `vedette probe` is told on its command line: a server a token may be sent to, and a token that others cannot read."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vedette.app.outpost import Where, _Outpost, server_of, spool_of
from vedette.cli.outposts import VARIABLE, _token
from vedette.core.errors import ConfigError, Unavailable
from vedette.monitors.rounds.types import Findings
from vedette.monitors.types import CheckResult, Outcome, Reading
from vedette.plumbing.spool.file import FileSpool
from vedette.plumbing.spool.memory import MemorySpool


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://vedette.example/", "https://vedette.example"),
        ("https://vedette.example:8443", "https://vedette.example:8443"),
        ("http://localhost:8700", "http://localhost:8700"),
        ("http://127.0.0.1:8700/", "http://127.0.0.1:8700"),
        ("http://[::1]:8700", "http://[::1]:8700"),
    ],
)
def test_a_server_the_token_may_be_sent_to(url: str, server: str) -> None:
    assert server_of(url) == server


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://vedette.example", "must be https://"),
        ("http://10.0.0.5:8700", "must be https://"),
        ("http://localhost.evil.example", "must be https://"),
        ("ftp://vedette.example", "--server ftp://vedette.example"),
        ("vedette.example", "--server vedette.example"),
    ],
)
def test_no_token_goes_where_others_could_listen(url: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        server_of(url)


def test_the_token_comes_from_a_file_or_a_variable_and_is_not_inherited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "token"
    path.write_text("vdl_file\nmore\n")
    monkeypatch.setenv(VARIABLE, "vdl_variable")
    assert _token("", None) == "vdl_variable"
    assert VARIABLE not in os.environ, "what probes start does not see it"
    assert _token("", path) == "vdl_file"
    assert _token("vdl_given", path) == "vdl_given"
    for given, file, why in (
        ("", None, VARIABLE),
        ("", tmp_path / "none", "cannot be read"),
        ("a b", None, "no token"),
    ):
        with pytest.raises(ConfigError, match=why):
            _token(given, file)


def test_a_token_is_not_printed_and_findings_wait_where_it_is_said(tmp_path: Path) -> None:
    assert "vdl_secret" not in repr(Where(server="https://vedette.example", token="vdl_secret"))
    assert isinstance(spool_of(None), MemorySpool)
    kept = spool_of(tmp_path / "spool")
    assert isinstance(kept, FileSpool)
    kept.close()


class Full(MemorySpool):
    """A spool whose disk is full."""

    def add(self, bodies: object) -> int:
        raise Unavailable("The disk is full.")


def test_at_the_end_what_cannot_be_kept_is_lost_and_nothing_is_tried_again() -> None:
    said: list[str] = []
    outpost = _Outpost(Where(server="http://localhost:1", token="vdl_x"), Full("a" * 32, 1), said.append)
    found = CheckResult(monitor=1, outcome=Outcome(at=1.0, reading=Reading.GOOD))

    async def end() -> None:
        outpost._loop = asyncio.get_running_loop()
        outpost._carried = outpost._loop.create_future()
        outpost._found.put(Findings("", 1, (found, found)))
        outpost._ending.set()
        threading.Thread(target=outpost._carry, daemon=True).start()
        await asyncio.wait_for(outpost._carried, 5)

    asyncio.run(end())
    assert said == ["The disk is full. 2 findings are lost."]


def test_a_location_loads_neither_django_nor_a_database_of_ours() -> None:
    program = "import sys, vedette.app.outpost as o; sys.exit(any(name.partition('.')[0] in {'django', 'ninja', 'granian'} for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], env=os.environ, check=False).returncode == 0
