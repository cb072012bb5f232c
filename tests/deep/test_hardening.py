"""Hardening a real Debian 12 over its own sshd, in a network namespace: before and after, taken back when it breaks, nothing the second time."""

import hashlib
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.support import bare_debian, netns
from tests.support.bare_debian import BareDebian
from tests.support.netns import Pair, inside

from vedette.core.clock import SystemClock
from vedette.instruments.harden import planning, registry, working
from vedette.instruments.harden.types import (
    Ended,
    Facts,
    HardenPlan,
    Measure,
    Packages,
    Planned,
    Put,
    Run,
    Service,
    Step,
    Unreached,
    Wanted,
)
from vedette.wire.infra import Rule

pytestmark = [
    pytest.mark.deep,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        not netns.possible() or not bare_debian.possible(), reason="namespaces and debootstrap are needed"
    ),
]
ANY = ("0.0.0.0/0", "::/0")
BROKEN = "/etc/ssh/sshd_config.d/00-broken.conf"  # before ours
RULES = (
    Rule(protocol="tcp", port="22", peers=ANY),
    Rule(protocol="tcp", port="8443", peers=("198.51.100.0/24",)),
)
# Other values of the kernel are this machine's, not the namespace's.
WANTED = Wanted(rules=RULES, live=("net.",))

PUBLISHED = """table ip nat {
    chain pre {
        type nat hook prerouting priority dstnat;
        tcp dport 8080 dnat to 192.0.2.2:80
    }
}
"""


@pytest.fixture
def pair() -> Iterator[Pair]:
    with netns.pair() as made:
        yield made


@pytest.fixture
def host(tmp_path: Path, pair: Pair) -> Iterator[BareDebian]:
    made = BareDebian(tmp_path, pair)
    yield made
    made.close()


def tools() -> working.Tools:
    return working.Tools(lambda _: True, SystemClock(), lambda seconds: threading.Event().wait(seconds))


def connects(pair: Pair, client: str, port: int) -> bool:
    """Tell whether a real connection gets in from an address of the client."""
    with inside(pair.client), socket.socket() as asking:
        asking.bind((client, 0))
        asking.settimeout(1)
        return asking.connect_ex((pair.server4, port)) == 0


@pytest.fixture
def services(pair: Pair) -> Iterator[None]:
    """Something listens on 8443 and 9000 of the host."""
    listening = []
    for port in (8443, 9000):
        with inside(pair.server):
            one = socket.create_server((pair.server4, port))
        listening.append(one)
    yield
    for one in listening:
        one.close()


def lynis(host: BareDebian) -> int:
    """Return the index of an outside judge: Debian's Lynis, all of its tests."""
    said = host.ssh_says("lynis audit system --quick --no-colors </dev/null")[1]
    found = re.search(r"Hardening index : (\d+)", said)
    assert found is not None, said[-2000:]
    return int(found[1])


@pytest.mark.usefixtures("services")
def test_a_debian_is_harder_afterwards_and_the_second_run_changes_nothing(
    host: BareDebian, pair: Pair
) -> None:
    near, far = pair.clients4[0], pair.clients4[2]
    judged = lynis(host)
    assert connects(pair, far, 9000)
    first = working.harden(host.ssh, WANTED, 2, tools())
    assert first.ended is Ended.KEPT, first.reason
    assert first.left == ()
    assert first.after > first.before + 20
    told = host.ssh_says("sshd -T")[1]
    assert {"passwordauthentication no", "permitrootlogin without-password", "maxauthtries 4"} <= set(
        told.splitlines()
    )
    assert "cbc" not in told
    assert (
        connects(pair, near, 22),
        connects(pair, near, 8443),
        connects(pair, far, 8443),
        connects(pair, far, 9000),
    ) == (True, True, False, False)
    assert host.ssh_says("sysctl -n net.ipv4.conf.all.accept_redirects") == (0, "0")
    before = host.tree()
    second = working.harden(host.ssh, WANTED, 2, tools())
    assert (second.ended, second.reason) == (Ended.UNCHANGED, "Everything is as it should be.")
    assert host.tree() == before
    after = lynis(host)
    assert after >= judged + 10, (judged, after)
    print(f"Lynis {judged} -> {after}; {first.before} -> {first.after}")


def test_a_host_that_was_made_harder_is_as_it_was_before_and_people_get_in(host: BareDebian) -> None:
    def is_there() -> list[str]:
        files = "find /etc -type f ! -name 'ld.so.cache' -newermt '1 Jan 2000' -print0 | sort -z | xargs -0 sha256sum"
        return host.ssh_says(f"{files}; nft list ruleset; sshd -T")[1].splitlines()

    before = is_there()
    assert working.harden(host.ssh, WANTED, 2, tools()).ended is Ended.KEPT
    assert is_there() != before
    kept = working.former(host.ssh)
    assert kept is not None
    assert kept.stays == ()
    done = working.undo(host.ssh, kept, 2, tools())
    assert done.ended is Ended.KEPT, done.reason
    assert done.after < done.before - 20
    assert is_there() == before
    assert working.former(host.ssh) is None


def _broken(path: str, text: str, *, proof: str = "true") -> Measure:
    return Measure(
        id="broken",
        title="broken",
        checks=(),
        steps=lambda facts, wanted: [Put(path=path, text=text)],
        proof=proof,
        reload=Service.SSHD,
    )


def plan_with(facts: Facts, broken: Measure) -> HardenPlan:
    return planning.plan(facts, WANTED, {**registry.measures(), "broken": broken})


@pytest.mark.parametrize("text", ["DenyUsers root\n", "AuthorizedKeysFile /nowhere\n"])
def test_whoever_is_locked_out_is_let_in_again(host: BareDebian, text: str) -> None:
    before = host.tree()
    plan = plan_with(working.look(host.ssh), _broken(BROKEN, text))
    ended, reason = working._changed(host.ssh, plan, 30, tools())
    assert ended is Ended.REVERTED
    assert "no new connection came through in time" in reason
    assert host.answers()
    assert host.tree() == before
    assert pair_table(host) == ""


def test_rules_that_shut_us_out_are_taken_back(host: BareDebian) -> None:
    shut = Wanted(rules=(Rule(protocol="tcp", port="22", peers=("192.0.2.1/32",)),), live=("net.",))
    before = host.tree()
    notes = [note for each in planning.plan(working.look(host.ssh), shut).planned for note in each.notes]
    assert any("no rule lets that in to sshd" in note for note in notes)
    ended = working.harden(host.ssh, shut, 0.5, tools())
    assert ended.ended is Ended.REVERTED
    assert host.answers()
    assert host.tree() == before


def test_a_bad_line_of_sshd_never_goes_into_force(host: BareDebian) -> None:
    before = host.tree()
    broken = msgspec.structs.replace(_broken(BROKEN, "Nonsense yes\n"), proof="sshd_is_well")
    ended, reason = working._changed(host.ssh, plan_with(working.look(host.ssh), broken), 60, tools())
    assert ended is Ended.REVERTED
    assert "Bad configuration option: Nonsense" in reason
    assert host.tree() == before


def pair_table(host: BareDebian) -> str:
    return host.ssh_says("nft list tables | grep vedette_host")[1]


def test_ports_that_containers_publish_are_covered(pair: Pair, host: BareDebian) -> None:
    """A port that is handed on to another address never passes `input`."""
    with netns.behind(pair) as inner:
        netns.ip("-n", pair.server, "link", "add", "docker0", "type", "veth", "peer", "docker1")
        pair.nft("-f", "-", text=PUBLISHED)
        with inside(inner):
            listening = socket.create_server(("192.0.2.2", 80))
        assert connects(pair, pair.clients4[2], 8080)
        kept = working.harden(host.ssh, WANTED, 2, tools())
        assert kept.ended is Ended.KEPT, kept.reason
        assert not connects(pair, pair.clients4[2], 8080)
        opened = (*RULES, Rule(protocol="tcp", port="8080", peers=("203.0.113.5/32",)))
        kept = working.harden(host.ssh, msgspec.structs.replace(WANTED, rules=opened), 2, tools())
        assert kept.ended is Ended.KEPT, kept.reason
        assert kept.changed == ("firewall: /etc/nftables.d/60-vedette.nft is written",)
        assert connects(pair, pair.clients4[2], 8080)
        assert not connects(pair, pair.clients4[3], 8080)
        listening.close()


def test_a_run_of_units_is_linted(host: BareDebian) -> None:
    """PID 1 is not systemd here: drop-ins are written and looked at, and not run."""
    unit = host.root / "lib/systemd/system/nginx.service"
    unit.write_text("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n")
    kept = working.harden(host.ssh, WANTED, 2, tools())
    assert kept.ended is Ended.KEPT, kept.reason
    assert "ProtectSystem=full" in host.text("/etc/systemd/system/nginx.service.d/60-vedette.conf")
    done = subprocess.run(
        ["/usr/bin/systemd-analyze", "verify", f"--root={host.root}", "nginx.service"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "60-vedette.conf" not in done.stderr


def offer(host: BareDebian, name: str) -> None:
    """Let apt find a package of that name, and none else: an archive in a folder."""
    tree = host.folder / name
    (tree / "DEBIAN").mkdir(parents=True)
    control = (
        f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.com>\nDescription: x\n"
    )
    (tree / "DEBIAN/control").write_text(control)
    archive = host.root / "archive"
    archive.mkdir(exist_ok=True)
    subprocess.run(
        ["/usr/bin/dpkg-deb", "--build", str(tree), str(archive / f"{name}.deb")],
        check=True,
        capture_output=True,
    )
    data = (archive / f"{name}.deb").read_bytes()
    row = (
        f"{control}Filename: ./{name}.deb\nSize: {len(data)}\nSHA256: {hashlib.sha256(data).hexdigest()}\n\n"
    )
    with (archive / "Packages").open("a") as listed:
        listed.write(row)
    (host.root / "etc/apt/sources.list").write_text("deb [trusted=yes] file:/archive ./\n")


def test_packages_come_and_go_and_are_taken_back(host: BareDebian) -> None:
    offer(host, "wanted")
    offer(host, "unwanted")
    bad = (Packages(names=("wanted",)), Run(command="false", touches=(), told="no"))
    assert host.ssh_says("apt-get -qq update && apt-get -qq -y install unwanted")[0] == 0
    here = "dpkg-query -W -f '${Package} ${db:Status-Status} ' wanted unwanted 2>/dev/null"
    steps: tuple[Step, ...] = (Packages(names=("wanted",)), Packages(names=("unwanted",), there=False))

    def changed(*steps: Step) -> tuple[Ended, str]:
        planned = Planned(measure="packages", title="packages", steps=steps)
        return working._changed(host.ssh, HardenPlan(planned=(planned,), score=0), 120, tools())

    assert changed(*steps, *bad)[0] is Ended.REVERTED
    assert host.ssh_says(here)[1] == "unwanted installed"
    assert changed(Packages(names=("nobody-has-it",)))[1].startswith(
        "packages: E: Unable to locate package nobody-has-it"
    )
    assert changed(*steps)[0] is Ended.KEPT
    assert host.ssh_says(here)[1] == "wanted installed"


def test_root_is_shut_out_where_somebody_else_becomes_root(host: BareDebian) -> None:
    host.admit("ann")
    kept = working.harden(host.ssh_as("ann"), WANTED, 2, tools())
    assert kept.ended is Ended.KEPT, kept.reason
    assert not host.answers()
    assert working.harden(host.ssh_as("ann"), WANTED, 2, tools()).reason == "Everything is as it should be."
    assert "AllowUsers ann root" in host.text("/etc/ssh/sshd_config.d/00-vedette.conf")


def test_who_may_not_become_root_is_told_and_nothing_is_changed(host: BareDebian) -> None:
    host.admit("ann")
    (host.root / "etc/sudoers.d/ann").unlink()
    before = host.tree()
    with pytest.raises(Unreached, match="as root: sudo: a password is required"):
        working.harden(host.ssh_as("ann"), WANTED, 2, tools())
    assert host.tree() == before
