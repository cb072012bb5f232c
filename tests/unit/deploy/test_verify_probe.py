"""`vedette deploy verify --probe`: real connections to what the fake says is there, which is this machine."""

import socket
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.deploying import Place
from tests.unit.deploy.test_deploying import FILE, cloud, deploy, folder, run

from vedette.core.errors import Invalid
from vedette.instruments.scan import verdict
from vedette.instruments.scan.telling import whole
from vedette.instruments.scan.telling.types import Telling
from vedette.wire.finding import Finding, FindingState, Severity
from vedette.wire.infra import Told
from vedette.wire.scan import ScanReport
from vedette.wire.witness import Came, Look, Looks, Sight, Witness

__all__ = ["cloud", "folder"]
HERE = "127.0.0.77"


@pytest.fixture
def port() -> Iterator[int]:
    with socket.create_server((HERE, 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture
def shop(folder: Path, cloud: Place) -> Path:
    """Return the files of a shop that is there; its web server has an address of this machine."""
    assert deploy("apply", folder, "--yes") == 0
    for each in cloud.fake.state.primary_ips.values():
        each.ip = HERE if ":" not in each.ip else each.ip
    return folder


def says(folder: Path, *sentences: str) -> None:
    told = msgspec.json.encode(sentences).decode()
    lines = [f"assert = {told}" if each.startswith("assert") else each for each in FILE.splitlines()]
    (folder / "infra/shop.toml").write_text("\n".join(lines))


def test_a_port_that_answers_although_no_rule_lets_anybody_in(
    shop: Path, port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    says(shop, f"internet cannot reach web:{port}")
    assert deploy("verify", shop) == 0
    capsys.readouterr()
    assert deploy("verify", shop, "--probe", "--from", "internet") == 2
    out = capsys.readouterr().out
    assert "0 of 1 intents hold" in out
    assert "connections were tried from internet: 1 answered" in out
    assert f"✗ internet cannot reach web:{port}: web:{port} answers from internet. By the rules: " in out
    assert (
        f"! web:{port}: it answers from outside, although the firewall web of web lets nothing of it in."
        in out
    )


def test_an_open_way_to_nobody_is_refuted(shop: Path, port: int, capsys: pytest.CaptureFixture[str]) -> None:
    says(shop, "internet reaches web:443", f"admin reaches web:{port}")
    capsys.readouterr()
    assert deploy("verify", shop, "--probe", "--from", "internet") == 2
    out = capsys.readouterr().out
    assert "✗ internet reaches web:443: web:443 refuses from internet. By the rules: " in out
    with pytest.raises(Invalid, match="did you mean `admin`"):
        run("verify", shop, "--probe", "--from", "admn")


def test_a_server_looks_for_itself_and_tells(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says(shop, "web cannot reach db:22", "db is encrypted at rest")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        run("looks", shop, "--from", "web")
    assert not ended.value.code
    looks = msgspec.json.decode(capsys.readouterr().out, type=Looks)
    assert [(one.name, one.port) for one in looks.looks] == [("db", 22)]
    silent = Sight(look=looks.looks[0], came=Came.SILENT)
    other = Sight(look=Look("db", "10.0.1.2", 5432), came=Came.ANSWERED)
    web = tmp_path / "web.json"
    web.write_bytes(msgspec.json.encode(Witness(spot="web", at=0.0, sights=(silent, other))))
    db = tmp_path / "db.json"
    db.write_bytes(msgspec.json.encode(Witness(spot="db", at=0.0, told=Told(drops=None, encrypted=True))))
    assert deploy("verify", shop) == 2
    capsys.readouterr()
    assert deploy("verify", shop, "--witness", web, "--witness", db) == 0
    assert "2 of 2 intents hold" in capsys.readouterr().out


def test_ports_that_a_scan_saw_answer_are_compared_with_what_must_be_true(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    says(shop, "internet cannot reach web:*")
    found = Finding(check="port-open", title="", state=FindingState.FAILED, subject=f"{HERE}:6379")
    report = ScanReport(scanner="ports", target=HERE, at=0.0, findings=(found,))
    file = tmp_path / "ports.json"
    told = Telling(
        reports=(report,), verdict=verdict.Verdict(1, ""), fail_on=Severity.HIGH, version="", now=0.0
    )
    file.write_text(whole.FORMAT.write(told))
    capsys.readouterr()
    assert deploy("verify", shop, "--scan", file, "--from", "internet") == 2
    out = capsys.readouterr().out
    assert "✗ internet cannot reach web:*: web:6379 answers from internet. By the rules: " in out
    assert "! web:6379: it answers from outside, although " in out
    file.write_text("[]")
    with pytest.raises(Invalid, match="was not written by `vedette scan --json`"):
        run("verify", shop, "--scan", file)


def test_a_witness_needs_no_token_and_reads_what_it_should_try(
    tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HCLOUD_TOKEN", raising=False)
    file = tmp_path / "looks.json"
    file.write_bytes(msgspec.json.encode(Looks(spot="web", looks=(Look("db", HERE, port),))))
    with pytest.raises(SystemExit):
        run_bare("witness", file)
    found = msgspec.json.decode(capsys.readouterr().out, type=Witness)
    assert (found.spot, found.sights[0].came) == ("web", Came.ANSWERED)
    assert found.told is not None
    for words, told in (
        (("witness",), "Say which server"),
        (("witness", tmp_path / "none"), "cannot be read"),
    ):
        with pytest.raises(Invalid, match=told):
            run_bare(*words)
    file.write_text("{}")
    with pytest.raises(Invalid, match="was not written by `vedette deploy looks`"):
        run_bare("witness", file)


def run_bare(*words: object) -> None:
    from vedette.cli.deploying import APP

    APP([str(each) for each in words], exit_on_error=False, print_error=False)
