"""`vedette deploy …` as people and pipelines call it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.deploying import READS, WRITES, Place, place

from vedette.cli.deploying import APP
from vedette.core.errors import Invalid
from vedette.instruments.hetzner.fake.faults import Fault, Harm

FILE = """
project = "shop"
location = "fsn1"
assert = ["internet cannot reach db:*", "admin reaches web:22"]
[groups]
admin = ["203.0.113.0/24"]
[networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]
[servers.web]
type = "cx23"
image = "debian-12"
labels = { role = "web" }
network = "main"
[servers.db]
type = "cx23"
image = "debian-12"
network = "main"
public = false
[firewalls.web]
on = "role=web"
allow = ["tcp/443 from any", "tcp/22 from admin"]
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path, step=5) as made:
        yield made


@pytest.fixture
def folder(cloud: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HCLOUD_ENDPOINT", cloud.endpoint)
    monkeypatch.setenv("HCLOUD_TOKEN", WRITES)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    cloud.fake.pace = 0
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/shop.toml").write_text(FILE)
    return tmp_path


def run(*words: object) -> None:
    APP([*(str(each) for each in words), "--poll", "0.01"], exit_on_error=False, print_error=False)


def deploy(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        run(*words)
    return int(ended.value.code or 0)


def test_plan_apply_plan_verify_destroy(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("plan", folder) == 2
    assert capsys.readouterr().out.startswith("shop: 4 to make; a month costs ")
    assert deploy("apply", folder, "--yes") == 0
    assert "Done: 4 changes, each read back." in capsys.readouterr().out
    assert deploy("plan", folder, "--picture", folder / "shop.svg") == 0
    assert (folder / "shop.svg").read_text().startswith("<svg")
    assert "Nothing to do" in capsys.readouterr().out
    assert deploy("verify", folder) == 0
    assert capsys.readouterr().out.startswith("2 of 2 intents hold; everything is as the files say.")
    with pytest.raises(Invalid, match="not the project's name"):
        run("destroy", folder, "--name", "shap")
    assert len(cloud.live().things) == 4
    assert deploy("destroy", folder, "--name", "shop") == 0
    assert cloud.live().things == ()


def test_dangers_must_be_accepted_by_name(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy("apply", folder, "--yes")
    (folder / "infra/shop.toml").write_text(
        FILE.replace('"tcp/443 from any", "tcp/22 from admin"', '"tcp/443 from any"')
    )
    with pytest.raises(Invalid, match="nobody accepted: lockout"):
        run("apply", folder, "--yes")
    assert "! lockout: firewall web: Nobody can sign in to web over SSH" in capsys.readouterr().out
    assert len(cloud.thing("firewall", "web").fields["rules"]) == 2
    assert deploy("apply", folder, "--yes", "--accept", "lockout") == 0
    capsys.readouterr()
    assert deploy("verify", folder) == 2
    assert "✗ admin reaches web:22" in capsys.readouterr().out


def test_a_kept_plan_is_carried_out_while_it_is_still_true(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = folder / "plan.json"
    assert deploy("plan", folder, "--out", plan, "--json") == 2
    assert plan.stat().st_mode & 0o777 == 0o600
    assert msgspec.json.decode(capsys.readouterr().out)["project"] == "shop"
    assert deploy("apply", folder, "--plan", plan) == 0
    assert len(cloud.live().things) == 4


def test_faults_are_told_a_line_each_and_nothing_is_asked_to_change(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "infra/shop.toml").write_text(
        FILE.replace('"10.0.1.0/24"', '"10.9.1.0/24"').replace(
            '"cx23"\nimage = "debian-12"\nlabels', '"cx99x"\nimage = "debian-12"\nlabels'
        )
    )
    assert deploy("apply", folder, "--yes") == 1
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert told[0].startswith("infra/shop.toml:9: ")
    assert told[1].startswith("infra/shop.toml:11: ")
    assert {each.call.method for each in cloud.fake.asked} == {"GET"}


def test_what_fails_exits_1_and_says_how_to_go_on(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.fake.script.add(
        Fault(
            harm=Harm.ERROR,
            path="/servers",
            method="POST",
            status=403,
            code="resource_limit_exceeded",
            times=0,
        )
    )
    assert deploy("apply", folder, "--yes") == 1
    out = capsys.readouterr().out
    assert "✗ server web was not made: Hetzner refused (resource_limit_exceeded)" in out
    assert "apply again: it goes on from there" in out


def test_no_token_and_one_that_only_reads(
    folder: Path, cloud: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HCLOUD_TOKEN")
    with pytest.raises(Invalid, match="No API token is told"):
        run("plan", folder)
    (tmp_path / "token").write_text(f"{READS}\n")
    assert deploy("plan", folder, "--token-file", tmp_path / "token") == 2
    assert deploy("apply", folder, "--yes", "--token-file", tmp_path / "token") == 1
    assert cloud.live().things == ()


def test_what_is_there_becomes_a_file_that_changes_nothing(
    folder: Path, cloud: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy("apply", folder, "--yes") == 0
    told = tmp_path / "told.toml"
    assert deploy("import", "shop", "--out", told) == 0
    capsys.readouterr()
    assert deploy("plan", told) == 0
    assert "Nothing to do" in capsys.readouterr().out
    with pytest.raises(Invalid, match="is there already"):
        run("import", "shop", "--out", told)
