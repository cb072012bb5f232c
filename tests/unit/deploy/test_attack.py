"""The switch: what it writes, that it undoes itself, and that the list calls nothing held that nobody saw."""

import contextlib
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import netns
from tests.support.deploying import READS, place

from vedette.cli.besieging import APP
from vedette.core.errors import Invalid, Unavailable
from vedette.deploy.attack import listing, switching, telling
from vedette.deploy.hands import Local
from vedette.deploy.types import Shield, Stand
from vedette.instruments.attack import reading, scripts, tightening
from vedette.wire import jsons
from vedette.wire.infra import Live, Thing

NOW = 1_795_000_000.0
POLICY = '[guard]\npreset = "strict"\n[[guard.rates]]\nname = "sign-in"\nlimit = 5\n'
NFT = shutil.which("nft", path="/usr/sbin:/usr/bin")
needs_net = pytest.mark.skipif(
    not (netns.possible() and NFT), reason="makes network namespaces: root, ip and nft"
)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"ports": (22, 443)}, "lock you out"), ({"ports": ()}, "--port 443"), ({"only_front": True}, "--front"),
        ({"front": ("front",)}, "an address or a network"), ({"rate": 0}, "1 or more"), ({"reload": "a\nb"}, "one line"),
    ],
)  # fmt: skip
def test_what_would_lock_out_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid, match=said):
        tightening.fit(Shield(**more), 3600)


def test_it_always_ends() -> None:
    with pytest.raises(Invalid, match="goes off by itself"):
        tightening.fit(Shield(), 8 * 24 * 3600)
    assert "80 timeout 3600s, 443 timeout 3600s" in tightening.rules(Shield(), 3600)


def test_a_policy_gets_one_more_rate_and_loses_it_again() -> None:
    shield = Shield(policy="/etc/shop.toml", requests=30)
    added = POLICY + tightening.limit(shield)
    rates = tomllib.loads(added)["guard"]["rates"]
    assert [each["name"] for each in rates] == ["sign-in", "under-attack"]
    assert tightening.without(added) == POLICY
    tightening.fit_policy(POLICY, shield)
    for wrong in (None, "rates = [", "x = 1", '[guard]\nrates = [{name = "a"}]\n'):
        with pytest.raises(Invalid):
            tightening.fit_policy(wrong, shield)


@given(st.text(max_size=300))
def test_what_a_host_says_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        reading.read(text)
    assert reading.read(f"{text}\n{reading.END}\n").until >= 0 or reading.POLICY in text


def test_nothing_is_held_that_nobody_saw() -> None:
    found = listing.defences(Shield(), None, None)
    assert {each.stand for each in found} == {Stand.GIVEN, Stand.UNKNOWN, Stand.OPEN}
    assert found[0].known.startswith("Hetzner's documentation")
    assert found[-1].sentence.startswith("A flood that fills the line")


def live(*, public: bool, open_to: str = "") -> Live:
    rules = [{"direction": "in", "protocol": "tcp", "port": "443", "peers": [open_to]}] if open_to else []
    web = {"ipv4": "192.0.2.7"} if public else {}
    balancer = {"ip": "10.0.0.3", "targets": [{"type": "label_selector", "of": "role=web", "private": True}]}
    things = (
        Thing(kind="server", name="web-1", labels={"role": "web"}, fields={**web, "firewalls": ["web"]}),
        Thing(kind="load_balancer", name="front", fields=balancer),
        Thing(kind="firewall", name="web", fields={"rules": rules, "on": ["role=web"], "servers": []}),
    )
    return Live(at=NOW, things=things)


def test_a_way_around_the_load_balancer_is_told() -> None:
    def stands(there: Live) -> Mapping[str, Stand]:
        return {each.layer: each.stand for each in listing.defences(Shield(), None, there)}

    assert stands(live(public=False))["way around it"] is Stand.HELD
    assert stands(live(public=True, open_to="0.0.0.0/0"))["way around it"] is Stand.OPEN
    assert stands(live(public=True, open_to="10.0.0.0/8"))["way around it"] is Stand.HELD
    assert listing.fronts(live(public=False), "front") == ("10.0.0.3",)
    with pytest.raises(Invalid, match="no load balancer frnt"):
        listing.fronts(live(public=False), "frnt")


def test_scripts_are_read_by_a_shell() -> None:
    shield = Shield(
        policy="/etc/it's/shop.toml", reload="systemctl reload 'shop'", front=("10.0.0.3", "2001:db8::/64")
    )
    for script in (
        scripts.on(shield, 600),
        scripts.off(shield),
        scripts.facts(shield.policy),
        scripts.end(),
    ):
        subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=True)


def test_a_plan_says_what_stays_as_it_is() -> None:
    text = telling.plan(Shield(only_front=True, front=("10.0.0.3",)), "web-1", NOW + 60)
    assert "only 10.0.0.3 may open connections" in text
    assert "SSH and every other port stay as they are" in text


class There:
    """Implements `Hands` inside a network namespace."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(self, address: str, script: str, told: Mapping[str, str], timeout: float) -> str:
        with netns.inside(self.name):
            return Local().run(address, script, told, timeout)


@needs_net
def test_only_the_front_gets_in_and_the_host_ends_it_by_itself(tmp_path: Path) -> None:
    policy = tmp_path / "shop.toml"
    policy.write_text(POLICY.rstrip("\n"))
    folder, reloads = str(tmp_path / "state"), tmp_path / "reloads"
    with netns.pair() as pair, netns.inside(pair.server):
        there = There(pair.server)
        shield = Shield(
            ports=(8443,), front=(pair.clients4[0],), only_front=True, policy=str(policy), reload=f"echo again >>{reloads}"
        )  # fmt: skip
        before = (Local().run("", "cat /proc/sys/net/ipv4/tcp_synack_retries", {}, 10), policy.read_text())
        now = _now()
        switching.on(there, "web", shield, seconds=60, folder=folder)
        rules = pair.nft("list", "table", "inet", tightening.TABLE)
        assert pair.clients4[0] in rules
        assert "8443 timeout 1m" in rules
        assert tightening.BEGIN in policy.read_text()
        found = switching.besieged(there, "web", shield, None, now=now, folder=folder)
        assert {each.layer for each in found.defences if each.stand is Stand.HELD} >= {
            "under attack",
            "the guard",
            "limits of the switch",
        }
        assert abs(found.until - now - 60) < 5
        (Path(folder) / "until").write_text(
            str(int(now))
        )  # the deadline is there: nobody but the host's own process acts
        netns.until(lambda: not (Path(folder) / "until").exists(), 15)
        assert not switching.told(there, "web", shield, folder).armed
        assert Local().run("", "cat /proc/sys/net/ipv4/tcp_synack_retries", {}, 10) == before[0]
        assert policy.read_text().rstrip("\n") == before[1]
        assert reloads.read_text() == "again\nagain\n"
        switching.off(there, "web", shield, folder)


@needs_net
def test_by_real_packets_and_the_kernel_alone_ends_it() -> None:
    with netns.pair() as pair, contextlib.closing(netns.Echo(pair)) as echo:
        front, other = pair.clients4[:2]
        pair.nft("-f", "-", text=tightening.rules(Shield(ports=(7,), front=(front,), only_front=True), 2))
        assert echo.passes(front)
        assert not echo.passes(other)
        assert not echo.passes(pair.clients6[0])
        assert netns.until(lambda: echo.passes(other), 6), "its ports expire in the kernel"
        pair.nft("-f", "-", text=tightening.rules(Shield(ports=(7,), front=(front,), rate=1, burst=2), 60))
        assert [echo.passes(other) for _ in range(4)].count(True) < 4
        assert all(echo.passes(front) for _ in range(6))
        pair.nft("-f", "-", text=tightening.rules(Shield(ports=(8443,), front=(front,), only_front=True), 60))
        assert echo.passes(other), "no other port is touched"


def test_the_units_of_the_timer_are_sound(tmp_path: Path) -> None:
    off = tmp_path / "off"
    off.write_text("#!/bin/sh\n")
    off.chmod(0o700)
    script = scripts.on(Shield(), 600, str(tmp_path))
    writes = script[script.index("cat >/etc/systemd") : script.index("chmod 644")].replace(
        "/etc/systemd/system", str(tmp_path)
    )
    subprocess.run(["/bin/sh", "-eu"], input=f"until=1795000000\n{writes}", text=True, check=True)
    paths = [str(tmp_path / f"{scripts.UNIT}.{kind}") for kind in ("service", "timer")]
    assert "OnCalendar=2026-11-18 11:06:40 UTC\n" in Path(paths[1]).read_text()
    done = subprocess.run(["systemd-analyze", "verify", *paths], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_load_balancer_at_hetzner_says_where_it_comes_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with place(tmp_path, step=5) as here:
        here.fake.pace = 0
        asks = here.cloud()
        made = asks.did("POST", "/networks", {"name": "main", "ip_range": "10.0.0.0/16", "subnets": [
            {"type": "cloud", "ip_range": "10.0.1.0/24", "network_zone": "eu-central"}]})  # fmt: skip
        network = jsons.number(made, "network", "id")
        asks.did("POST", "/servers", {"name": "web-1", "server_type": "cx23", "image": "debian-12", "location": "fsn1",
                                      "networks": [network], "labels": {"role": "web"}})  # fmt: skip
        target = {
            "type": "label_selector",
            "label_selector": {"selector": "role=web"},
            "use_private_ip": True,
        }
        asks.did("POST", "/load_balancers", {"name": "front", "load_balancer_type": "lb11", "location": "fsn1",
                                             "network": network, "targets": [target]})  # fmt: skip
        monkeypatch.setenv("HCLOUD_ENDPOINT", here.endpoint)
        monkeypatch.setenv("HCLOUD_TOKEN", READS)
        with contextlib.suppress(SystemExit):
            APP(["on", "10.0.1.2", "--plan", "--balancer", "front", "--only-front"], exit_on_error=False)
        assert "only 10.0.1." in capsys.readouterr().out
        with contextlib.suppress(SystemExit):
            APP(["status", "--local", "--balancer", "front"], exit_on_error=False)
        out = capsys.readouterr().out
        assert "✓ load balancer: front ends connections before 1 server," in out
        assert "✗ way around it: web-1 can be reached past it" in out


def test_the_command_line_tells_before_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    def attack(*words: str) -> None:
        APP(words, exit_on_error=False, print_error=False)

    with contextlib.suppress(SystemExit):
        attack("on", "10.0.0.2", "--plan", "--only-front", "--front", "10.0.0.3", "--minutes", "30")
    assert "only 10.0.0.3 may open connections" in capsys.readouterr().out
    with pytest.raises(Invalid, match="--local"):
        attack("status")
    with pytest.raises(Invalid, match="Nobody is here to ask"):
        attack("on", "10.0.0.2")


@needs_net
def test_what_fails_half_way_is_undone(tmp_path: Path) -> None:
    policy = tmp_path / "shop.toml"
    policy.write_text(POLICY)
    folder = str(tmp_path / "state")
    with netns.pair() as pair:
        shield = Shield(policy=str(policy), reload="false")
        with pytest.raises(Unavailable, match="ended with 1"):
            switching.on(There(pair.server), "web", shield, seconds=60, folder=folder)
        assert policy.read_text() == POLICY
        assert not switching.told(There(pair.server), "web", shield, folder).armed
        switching.off(
            There(pair.server), "web", shield, folder
        )  # there is nothing to reload any more: it is clean now


def _now() -> float:
    from vedette.core.clock import SystemClock

    return SystemClock().now()
