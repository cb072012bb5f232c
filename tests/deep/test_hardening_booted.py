"""Hardening a Debian 12 that systemd runs: its timers take back what nobody proved, in time and at the next boot."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import bare_debian, booted_debian, netns
from tests.support.booted_debian import BootedDebian
from tests.support.netns import until

from vedette.core.clock import SystemClock
from vedette.instruments.harden import planning, registry, scripting, working
from vedette.instruments.harden.types import Ended, HardenPlan, Measure, Put, Service, Wanted
from vedette.wire.infra import Rule

pytestmark = [
    pytest.mark.deep,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not netns.possible() or not bare_debian.possible() or not booted_debian.possible(),
        reason="namespaces, debootstrap and cgroups of version 2 are needed",
    ),
]
WANTED = Wanted(rules=(Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0")),), live=("net.",))
BROKEN = "/etc/ssh/sshd_config.d/00-broken.conf"  # before ours


@pytest.fixture
def host(tmp_path: Path) -> Iterator[BootedDebian]:
    with netns.pair() as pair:
        made = BootedDebian(tmp_path, pair)
        yield made
        made.close()


def tools() -> working.Tools:
    return working.Tools(lambda _: True, SystemClock(), lambda seconds: threading.Event().wait(seconds))


def locked_out(host: BootedDebian) -> HardenPlan:
    broken = Measure(
        id="broken", title="broken", checks=(), reload=Service.SSHD, proof="true",
        steps=lambda facts, wanted: [Put(path=BROKEN, text="AuthorizedKeysFile /nowhere\n")],
    )  # fmt: skip
    few = {name: registry.measures()[name] for name in ("firewall", "mounts", "ssh")}
    return planning.plan(working.look(host.ssh), WANTED, {**few, "broken": broken})


def units(host: BootedDebian, *names: str) -> dict[str, str]:
    return {name: host.ssh_says(f"systemctl is-active {name}")[1] for name in names}


def test_a_timer_of_systemd_takes_back_what_locks_out(host: BootedDebian) -> None:
    before = host.tree()
    plan = locked_out(host)
    run = "run-timed"
    assert working._carried_out(host.ssh, scripting.applying(plan, run, 20)) is None
    assert not host.answers()
    assert (host.root / "etc/systemd/system/vedette-harden-back.service").exists()
    assert until(host.answers, 60)
    assert until(lambda: host.ssh.run(scripting.asking(run), 20).out == b"back\n", 30)
    assert host.tree() == before
    assert host.ssh_says("findmnt /tmp")[1] == ""
    assert host.ssh_says("systemctl list-units --all --no-legend 'vedette-*'")[1] == ""
    assert "vedette" not in host.ssh_says("nft list tables")[1]


def test_a_boot_before_the_proof_takes_it_back(host: BootedDebian) -> None:
    before = host.tree()
    script = scripting.applying(locked_out(host), "run-unproven", 600)
    assert working._carried_out(host.ssh, script) is None
    host.boot()
    assert host.ssh.run(scripting.asking("run-unproven"), 20).out == b"back\n"
    assert host.tree() == before
    assert "vedette" not in host.ssh_says("nft list tables")[1]
    assert "vedette" not in host.ssh_says("systemctl --failed --no-legend")[1]


def test_what_is_kept_is_in_force_after_a_boot(host: BootedDebian) -> None:
    kept = working.harden(host.ssh, WANTED, 2, tools())
    assert kept.ended is Ended.KEPT, kept.reason
    assert kept.left == ()
    host.boot()
    active = (
        "ssh",
        "nftables",
        "chrony",
        "cron",
        "systemd-journald",
        "unattended-upgrades",
        "apt-daily-upgrade.timer",
    )
    assert units(host, *active) == dict.fromkeys(active, "active")
    assert "policy drop" in host.ssh_says("nft list chain inet vedette_host input")[1]
    assert "noexec" in host.ssh_says("findmnt -no OPTIONS /tmp")[1]
    assert host.ssh_says("ls /var/log/journal")[1]
    assert "Automatic-Reboot-Time" in host.ssh_says("apt-config dump")[1]
    assert not (host.root / "etc/systemd/system/vedette-harden-back.service").exists()
    second = working.harden(host.ssh, WANTED, 2, tools())
    assert (second.changed, second.reason) == ((), "Everything is as it should be.")
