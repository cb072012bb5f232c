"""`vedette check` as a person and a script use it: no server, no data folder, no Django."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import pki
from tests.support.naughty import Naughty, answer, says
from tests.support.ports import free_port
from tests.support.server import VEDETTE

pytestmark = pytest.mark.xdist_group("check")


@pytest.fixture(scope="module")
def good() -> Iterator[Naughty]:
    server = Naughty(says(answer(body=b'{"status": "ok"}', headers="Content-Type: application/json\r\n")))
    yield server
    server.close()


@pytest.fixture(scope="module")
def expired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Naughty]:
    server = Naughty(says(answer()), pki.server_context(tmp_path_factory.mktemp("pki"), "expired"))
    yield server
    server.close()


def check(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(VEDETTE), "check", *words], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_good_address_is_told_phase_by_phase(good: Naughty) -> None:
    url = f"http://127.0.0.1:{good.port}/"
    done = check(
        url, "--allow-private", "--expect", "[BODY].status == ok", "--expect", "[RESPONSE_TIME] < 30s"
    )
    assert done.returncode == 0, done.stderr
    first, _, phases, *_ = done.stdout.splitlines()
    assert re.fullmatch(rf"● {url}: 127\.0\.0\.1:{good.port} answered 200 in \d+ ms\.", first)
    assert re.fullmatch(
        r"  DNS .+ ms · connect .+ ms · first byte .+ ms · transfer .+ ms · in all \d.+ ms", phases
    )
    assert "\x1b" not in done.stdout, "colours are for terminals"


def test_json_has_cause_phases_and_certificate(good: Naughty, expired: Naughty) -> None:
    urls = [
        f"https://127.0.0.1:{expired.port}/",
        f"http://127.0.0.1:{good.port}/",
        f"tcp://127.0.0.1:{free_port()}",
    ]
    done = check(*urls, "--json", "--allow-private")
    assert done.returncode == 1
    bad, fine, closed = (json.loads(line) for line in done.stdout.splitlines())
    assert [found["url"] for found in (bad, fine, closed)] == urls
    assert (bad["ok"], bad["cause"], fine["ok"], fine["cause"], closed["cause"]) == (
        False,
        bad["cause"],
        True,
        None,
        "refused",
    )
    assert bad["cause"] in {"tls-expired", "tls-untrusted"}, "its authority is not known here either"
    assert bad["certificate"]["to"] == "2021-06-01T00:00:00.000Z"
    assert bad["certificate"]["names"][:2] == ["localhost", "shop.test"]
    assert set(fine["phases"]) == {"dns", "connect", "tls", "first_byte", "transfer", "total"}
    assert fine["phases"]["tls"] is None
    assert fine["phases"]["total"] > 0
    assert closed["phases"]["connect"] >= 0


NEVER = {
    "Name what to check": [],
    "column 10": ["http://x.test/", "--expect", "[STATUS] = 200"],
    "begins with one of": ["gopher://x.test/"],
    "there is no such option": ["http://x.test/", "--option", "colour=red"],
    "max_bytes": ["http://x.test/", "--option", "max_bytes=many"],
    "between": ["http://x.test/", "--timeout", "9999"],
    "Name: value": ["http://x.test/", "--header", "nonsense"],
    "no address": ["http://x.test/", "--resolver", "ns.test"],
    "one or none": ["http://x.test/", "--ipv4", "--ipv6"],
    "needs a port": ["tcp://x.test"],
}  # fmt: skip
REFUSED = """
import json, sys
from vedette.cli.words import build
from vedette.core.errors import ConfigError

app = build()
for words in json.load(sys.stdin):
    try:
        app(["check", *words], exit_on_error=False, print_error=False)
    except ConfigError as error:
        print(json.dumps(str(error)))
"""


def test_what_can_never_work_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-c", REFUSED], input=json.dumps(list(NEVER.values())), capture_output=True, text=True,
        timeout=30, check=False,
    )  # fmt: skip
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(NEVER), done.stderr
    assert [part for part, told in zip(NEVER, said, strict=True) if part not in told] == [], said


def test_status_and_streams_are_for_scripts(good: Naughty, tmp_path: Path) -> None:
    wrong = check("http://x.test/", "--expect", "[STATUS] = 200")
    assert (wrong.returncode, wrong.stdout, len(wrong.stderr.splitlines())) == (2, "", 1)
    script = tmp_path / "buy.py"
    script.write_text("async def journey(page, step):\n  x =\n")
    broken = check("--journey", str(script))
    assert (broken.returncode, "script: line 2: invalid syntax" in broken.stderr) == (2, True), broken.stderr
    inside = check(f"http://127.0.0.1:{good.port}/")
    assert (inside.returncode, inside.stderr) == (1, "")
    assert "blocked-address" in inside.stdout


def test_watching_goes_on_and_ends(good: Naughty) -> None:
    done = check(f"http://127.0.0.1:{good.port}/", "--allow-private", "--watch", "0.05", "--times", "3")
    assert done.returncode == 0
    assert len([line for line in done.stdout.splitlines() if "answered 200" in line]) == 3


def test_what_is_sent_is_what_was_said() -> None:
    server = Naughty(says(answer()))
    done = check(
        f"http://127.0.0.1:{server.port}/a?b=c", "--allow-private", "--method", "PUT", "--header", "X-One: 1",
        "--body", '{"a": 1}', "--option", "token=planted", "--option", "follow=false",
    )  # fmt: skip
    asked = server.asked[0].decode()
    server.close()
    assert done.returncode == 0, done.stdout
    assert asked.startswith("PUT /a?b=c HTTP/1.1\r\n")
    for part in (
        f"Host: 127.0.0.1:{server.port}",
        "X-One: 1",
        "Authorization: Bearer planted",
        "Content-Type: application/json",
    ):
        assert part in asked
    assert asked.endswith('{"a": 1}')
    assert "planted" not in done.stdout


def test_it_meets_neither_django_nor_a_data_folder(good: Naughty, tmp_path: Path) -> None:
    program = (
        "import sys; from vedette.cli.probing import check\n"
        f"check('http://127.0.0.1:{good.port}/', allow_private=True)\n"
        "assert not {'django', 'dns', 'icmplib', 'jsonschema', 'urllib3'} & set(sys.modules), set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
