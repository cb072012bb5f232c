"""What moved at Hetzner is told with since when, and the files say it after the smallest edit, or it is reverted."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support.deploying import WRITES, Place, place
from tests.unit.deploy.test_deploying import FILE, deploy

from vedette.core.clock import SystemClock
from vedette.deploy import memory
from vedette.instruments.hetzner import pacing

COMMENTED = FILE.replace(
    'allow = ["tcp/443 from any", "tcp/22 from admin"]',
    'allow = [\n    "tcp/443 from any",  # the shop\n    "tcp/22 from admin",\n]',
)


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
    cloud.clock.forward(SystemClock().now() - cloud.clock.now())  # Hetzner's clock goes as ours
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/shop.toml").write_text(COMMENTED)
    assert deploy("apply", tmp_path, "--yes") == 0
    return tmp_path


def rules(cloud: Place, *lines: tuple[str, list[str]]) -> None:
    """Change a firewall's rules as somebody does in Hetzner's console."""
    wall = cloud.thing("firewall", "web")
    told = [
        {"direction": "in", "protocol": "tcp", "port": port, "source_ips": peers} for port, peers in lines
    ]
    cloud.cloud().did("POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": told})


ANY = ["0.0.0.0/0", "::/0"]
OFFICE = ["203.0.113.0/24"]


def said(folder: Path) -> str:
    return (folder / "infra/shop.toml").read_text()


def test_nothing_drifts_after_an_apply(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert deploy("drift", folder) == 0
    assert capsys.readouterr().out == "Nothing drifted: shop is at Hetzner as it was applied.\n"
    kept = folder / "state/vedette/deploy/shop.seen"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert WRITES not in kept.read_text()


def test_a_rule_added_by_hand_is_told_and_adopted_by_one_line(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    rules(cloud, ("443", ANY), ("22", OFFICE), ("8080", ANY))
    capsys.readouterr()
    assert deploy("drift", folder) == 2
    told = capsys.readouterr().out
    assert told.startswith("shop: 1 thing drifted.")
    assert "! firewall web is not as the files say. Since " in told
    assert "set_firewall_rules); by somebody else than an apply from here." in told
    assert "    + rules: in tcp/8080 from any (at Hetzner alone)" in told
    assert deploy("adopt", folder, "--yes") == 0
    assert '+    "tcp/8080 from any",' in capsys.readouterr().out
    assert said(folder) == COMMENTED.replace(
        '    "tcp/22 from admin",\n', '    "tcp/22 from admin",\n    "tcp/8080 from any",\n'
    )
    assert deploy("drift", folder) == deploy("plan", folder) == 0


def test_a_rule_removed_by_hand_is_reverted_by_an_apply(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    rules(cloud, ("443", ANY))
    capsys.readouterr()
    assert deploy("drift", folder) == 2
    assert "    - rules: in tcp/22 from 203.0.113.0/24 (in the files alone)" in capsys.readouterr().out
    assert deploy("apply", folder, "--yes") == 0
    assert deploy("drift", folder) == 0
    assert said(folder) == COMMENTED


def test_what_only_the_files_changed_is_no_drift(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "infra/shop.toml").write_text(COMMENTED.replace('"tcp/22 from admin"', '"tcp/2222 from admin"'))
    capsys.readouterr()
    assert deploy("drift", folder) == 0
    assert "Changed in the files and not applied: firewall web." in capsys.readouterr().out


def test_when_both_moved_it_says_so(folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "infra/shop.toml").write_text(COMMENTED.replace('"tcp/22 from admin"', '"tcp/2222 from admin"'))
    rules(cloud, ("443", ANY), ("22", OFFICE), ("8080", ANY))
    capsys.readouterr()
    assert deploy("drift", folder) == 2
    assert "The files changed as well." in capsys.readouterr().out
    before = said(folder)
    assert deploy("adopt", folder, "--yes") == 2
    assert "Not adopted: firewall web: The files may have changed as well" in capsys.readouterr().out
    assert said(folder) == before
    assert deploy("adopt", folder, "--target", "web", "--yes") == 0
    assert said(folder) == COMMENTED.replace('    "tcp/22 from admin",\n', "").replace(
        "# the shop\n", '# the shop\n    "tcp/22 from admin",\n    "tcp/8080 from any",\n'
    )


def test_what_was_never_applied_has_not_drifted(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "state/vedette/deploy/shop.seen").unlink()
    (folder / "infra/shop.toml").write_text(COMMENTED + '[networks.new]\nrange = "10.9.0.0/16"\n')
    before = said(folder)
    capsys.readouterr()
    assert deploy("drift", folder) == 0
    assert "Changed in the files and not applied: network new." in capsys.readouterr().out
    assert deploy("adopt", folder, "--yes") == 0
    assert said(folder) == before


def test_what_is_gone_and_what_came_are_told_and_adopted(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    wall = cloud.thing("firewall", "web")
    cloud.cloud().did(
        "POST", f"/firewalls/{wall.id}/actions/remove_from_resources",
        {"remove_from": [{"type": "label_selector", "label_selector": {"selector": "role=web"}}]},
    )  # fmt: skip
    cloud.cloud().did("DELETE", f"/firewalls/{wall.id}")
    cloud.cloud().did("POST", "/networks", {"name": "lab", "ip_range": "10.99.0.0/16"})
    capsys.readouterr()
    assert deploy("drift", folder, "--json") == 2
    found = msgspec.json.decode(capsys.readouterr().out)
    assert [(each["ref"]["name"], each["way"]) for each in found["drifts"]] == [
        ("web", "gone"),
        ("lab", "foreign"),
    ]
    assert deploy("adopt", folder, "--yes") == 0
    assert "[firewalls.web]" not in said(folder)
    assert said(folder).endswith('\n[networks.lab]\nrange = "10.99.0.0/16"\n')
    assert said(folder).startswith(COMMENTED[: COMMENTED.index("[firewalls.web]")].rstrip())
    assert deploy("drift", folder) == deploy("plan", folder) == 0


@pytest.mark.deep
def test_only_what_is_named_is_adopted(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    rules(cloud, ("443", ANY))
    cloud.cloud().did("POST", "/networks", {"name": "lab", "ip_range": "10.99.0.0/16"})
    assert deploy("adopt", folder, "--target", "firewall/*", "--yes") == 0
    assert "[networks.lab]" not in said(folder)
    assert '"tcp/22 from admin"' not in said(folder)
    capsys.readouterr()
    assert deploy("drift", folder) == 2
    assert "network lab came, and no file says it." in capsys.readouterr().out


@pytest.mark.deep
def test_what_cannot_be_said_is_left_with_why(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "infra/shop.toml").write_text(COMMENTED.replace("[servers.web]", "[servers.web]\ncount = 2"))
    assert deploy("apply", folder, "--yes", "--accept", "data-loss", "--accept", "downtime", "--accept", "lockout", "--accept", "exposure") == 0  # fmt: skip
    before = said(folder)
    one = cloud.thing("server", "web-1")
    cloud.cloud().did(
        "PUT", f"/servers/{one.id}", {"labels": {"role": "web", "vedette": "shop", "tier": "hot"}}
    )
    capsys.readouterr()
    assert deploy("adopt", folder, "--yes") == 2
    assert (
        "Not adopted: server web-1: it is one of several of [servers.web]; write it by hand"
        in capsys.readouterr().out
    )
    assert said(folder) == before


@pytest.mark.deep
def test_since_when_stays_the_first_look_and_memory_that_is_damaged_is_none(
    folder: Path, cloud: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    state = folder / "state/vedette/deploy"
    cloud.cloud().did("POST", "/networks", {"name": "lab", "ip_range": "10.99.0.0/16"})
    deploy("drift", folder)
    first = memory.read(state, "shop").first
    capsys.readouterr()
    assert deploy("drift", folder) == 2
    assert memory.read(state, "shop").first == first
    assert list(first) == ["network lab"]
    (state / "shop.seen").write_text("{")
    assert memory.read(state, "shop").at == 0
    capsys.readouterr()
    assert (
        deploy("drift", folder) == 0
    )  # what is foreign at the first look was always there, as far as anybody knows
    assert deploy("destroy", folder, "--name", "shop") == 0
    assert memory.read(state, "shop").things == ()


def test_looks_that_go_on_tell_once_and_spare_the_budget(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert deploy("drift", folder, "--every", "1", "--times", "3") == 0
    assert capsys.readouterr().out.count("Nothing drifted") == 1
    assert pacing.every(23, 60.0) == 92.0
    assert pacing.every(9, 60.0) == 60.0
