"""What happens on a host is told once, and what lasts is told to be over; what a host is, and which packages wait."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support import hosts

from vedette.core.clock import SystemClock
from vedette.instruments.host import inventory, packages, units
from vedette.instruments.host.containers import BASE
from vedette.instruments.host.happenings import KINDS
from vedette.instruments.host.inventory import Stock
from vedette.instruments.host.reading import Files
from vedette.instruments.host.watching import Watch
from vedette.wire.agent.types import Happening, Package, Sample

NOW = 1_764_000_000.0
APT = """\
NOTE: This is only a simulation!
Inst libssl3 [3.0.15-1] (3.0.16-1 Debian-Security:12/stable-security [amd64])
Inst base-files [12.4] (12.5 Debian:12.5/stable [amd64]) []
Inst tzdata [2024a] (2025a Debian:12.5/stable, Debian-Security:12/stable-security [all])
Inst linux-image-6.1.0-32-amd64 (6.1.129-1 Debian-Security:12/stable-security [amd64])
Conf libssl3 (3.0.16-1 Debian-Security:12/stable-security [amd64])
"""


class Said:
    """Programs as a test has them answer, by the first word; counts how often each was asked."""

    def __init__(self, **says: str | None) -> None:
        self.says, self.asked = says, list[str]()

    def __call__(self, *argv: str, seconds: float = 0.0) -> str | None:
        self.asked.append(argv[0])
        return self.says.get(argv[0].replace("-", "_"))


def told(found: list[Happening] | tuple[Happening, ...]) -> list[tuple[str, str, bool]]:
    assert all(one.kind in KINDS and one.text.endswith((".", ")")) for one in found), found
    return [(one.kind, one.subject, one.resolved) for one in found]


def look(watch: Watch, now: float = NOW, values: Mapping[str, float] | None = None) -> list[Happening]:
    return list(watch.look(now, None if values is None else Sample(now, values)))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return hosts.ordinary(tmp_path / "root")


def test_a_reboot_is_told_by_the_agent_that_starts_after_it(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "watch.json"
    assert look(Watch(root, kept=kept)) == []
    assert look(Watch(root, kept=kept)) == [], "the agent alone was started again"
    hosts.put(root, {"/proc/sys/kernel/random/boot_id": "another\n", "/proc/uptime": "95.00 1\n"})
    found = look(Watch(root, kept=kept))
    assert (told(found), found[0].text) == (
        [("reboot", "", False)],
        "The host was started again 1 minute ago.",
    )
    assert look(Watch(root, kept=kept)) == []
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text("[broken")
    assert look(Watch(root, kept=kept)) == []


def killed(root: Path, count: int) -> None:
    hosts.put(root, {"/proc/vmstat": f"nr_free_pages 5\noom_kill {count}\n"})


def test_a_process_killed_is_named(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "watch.json"
    watch = Watch(root, kept=kept)
    look(watch)
    log = "3,10,5,-;Out of memory: Killed process 40 (old) total-vm:1kB\n6,11,6,-;eth0: up\n3,12,7,-;Memory cgroup out of memory: Killed process 4711 (php-\x1bfpm) total-vm:1kB, anon-rss:2kB\n"
    hosts.put(root, {"/dev/kmsg": log})
    killed(root, 1)
    found = look(watch)
    assert told(found) == [("oom", "", False)]
    assert found[0].text == "There was no memory left and the kernel ended a process: php-�fpm (4711)."
    assert found[0].severity == "high"
    killed(root, 4)
    again = look(Watch(root, kept=kept))  # while it was away
    assert again[0].text.startswith(
        "There was no memory left and the kernel ended 3 processes: old (40), php"
    )
    assert look(Watch(root, kept=kept)) == []


def test_without_the_kernels_log_the_container_is_named(root: Path) -> None:
    scope = f"{BASE}/docker-{'ab' * 32}.scope"
    hosts.put(root, {f"{BASE}/cgroup.controllers": "memory\n", f"{scope}/memory.events": "oom_kill 0\n"})
    watch = Watch(root)
    look(watch)
    killed(root, 2)
    hosts.put(root, {f"{scope}/memory.events": "oom_kill 2\n"})
    assert (
        look(watch)[0].text == "There was no memory left and the kernel ended 2 processes; in abababababab."
    )


def test_after_a_start_everything_since_then_counts(root: Path, tmp_path: Path) -> None:
    kept = tmp_path / "watch.json"
    killed(root, 9)
    assert look(Watch(root, kept=kept)) == [], "what was before the agent came is not news"
    hosts.put(root, {"/proc/sys/kernel/random/boot_id": "another\n"})
    killed(root, 7)
    found = look(Watch(root, kept=kept))
    assert [one.kind for one in found] == ["reboot", "oom"]
    assert "7 processes" in found[1].text


def test_a_disk_that_becomes_read_only(root: Path) -> None:
    mounts = root / "proc/1/mountinfo"
    before = mounts.read_text()
    hosts.put(root, {"/proc/1/mountinfo": before + "60 28 254:9 / /iso ro - ext4 /dev/vdc ro\n"})
    watch = Watch(root)
    assert look(watch) == [], "what was read-only from the beginning is meant to be"
    mounts.write_text(before.replace("/dev/vdb rw", "/dev/vdb ro"))
    assert told(look(watch)) == [("disk-read-only", "/srv/my shop", False)]
    assert look(watch) == []
    mounts.write_text(before)
    assert told(look(watch)) == [("disk-read-only", "/srv/my shop", True)]


def test_what_lasts_is_told_to_be_over_by_an_agent_that_was_started_again(root: Path, tmp_path: Path) -> None:
    kept, mounts = tmp_path / "watch.json", root / "proc/1/mountinfo"
    before = mounts.read_text()
    watch = Watch(root, kept=kept)
    look(watch)
    mounts.write_text(before.replace("/dev/vdb rw", "/dev/vdb ro"))
    assert told(look(watch)) == [("disk-read-only", "/srv/my shop", False)]
    assert look(Watch(root, kept=kept)) == [], "it still is"
    mounts.write_text(before)
    assert told(look(Watch(root, kept=kept))) == [("disk-read-only", "/srv/my shop", True)]
    assert look(Watch(root, kept=kept)) == []
    assert (tmp_path / "lasting.json").stat().st_mode & 0o777 == 0o600


def test_without_room_to_keep_anything_it_goes_on(root: Path, tmp_path: Path) -> None:
    watch = Watch(root, kept=tmp_path / "gone" / "watch.json")
    assert look(watch) == []
    killed(root, 1)
    assert [one.kind for one in look(watch)] == ["oom"]


def test_units_that_failed() -> None:
    said = Said(systemctl="nginx.service loaded failed failed A web server\nbad;name loaded failed\n\n")
    assert units.failed(said) == ("nginx.service",)
    assert units.failed(Said(systemctl="")) == ()
    assert units.failed(Said()) is None


def test_what_values_say(root: Path) -> None:
    watch = Watch(root)
    day = 86_400.0
    full = {"disk.used.percent{/}": 99.5, "disk.read_only{/}": 0.0, "disk.used.percent{/iso}": 100.0, "disk.read_only{/iso}": 1.0, "disk.inodes.percent{/}": 99.9}  # fmt: skip
    assert told(look(watch, values=full)) == [("disk-full", "/", False), ("disk-full", "/ of inodes", False)]
    assert look(watch, values={**full, "disk.used.percent{/}": 98.0}) == [], "not yet over"
    assert told(look(watch, values={**full, "disk.used.percent{/}": 96.0})) == [("disk-full", "/", True)]
    found = look(
        watch,
        values={
            "clock.offset.ms": -1500.0,
            "conntrack.percent": 96.0,
            "certificate.left.seconds{/a.pem}": 3 * day,
        },
    )
    assert [one.text for one in found] == [
        "The certificate /a.pem expires in 3 days.",
        "The clock is 1.5 s behind its time servers.",
        "The packet filter's table of connections is 96 % full: new ones will be dropped (net.netfilter.nf_conntrack_max).",
    ]
    assert look(watch, values={}) == [], "what is not known is left as it stands"
    over = look(
        watch,
        values={
            "clock.offset.ms": 100.0,
            "conntrack.percent": 10.0,
            "certificate.left.seconds{/a.pem}": 90 * day,
        },
    )
    assert told(over) == [
        ("certificate-expires", "/a.pem", True),
        ("clock-off", "", True),
        ("conntrack-full", "", True),
    ]
    assert (
        look(watch, values={"certificate.left.seconds{/b.pem}": -2 * 3600.0})[0].text
        == "The certificate /b.pem expired 2 hours ago."
    )


def test_nothing_to_read_is_nothing_told(tmp_path: Path) -> None:
    watch = Watch(tmp_path)
    assert look(watch, values={}) == []
    assert look(watch, values={}) == []


def test_packages_that_wait() -> None:
    assert packages.waiting(APT) == (
        Package("libssl3", "3.0.15-1", "3.0.16-1", True), Package("tzdata", "2024a", "2025a", True),
        Package("base-files", "12.4", "12.5", False),
    )  # fmt: skip


def test_apt_is_asked_again_only_when_something_was_written(root: Path) -> None:
    said = Said(apt_get=APT)
    stock = Stock(root, said)
    assert stock.taken(NOW, "1.0").pending == ()
    assert "apt-get" not in said.asked, "a host without dpkg"
    hosts.put(root, {"/var/lib/dpkg/status": ""})
    for later in (1, 60, 86_000):
        assert len(stock.taken(NOW + later, "1.0").pending) == 3
    assert said.asked.count("apt-get") == 1
    os.utime(root / "var/lib/dpkg/status", (NOW, NOW))
    stock.taken(NOW + 86_001, "1.0")
    assert said.asked.count("apt-get") == 2
    stock.taken(NOW + 86_001 + 86_401, "1.0")
    assert said.asked.count("apt-get") == 3


@pytest.mark.parametrize(
    ("boot", "waits"),
    [
        (["vmlinuz-6.1.0-31-amd64", "vmlinuz-6.1.0-9-amd64"], False), (["vmlinuz-6.1.0-31-amd64", "vmlinuz-6.1.0-32-amd64"], True),
        (["vmlinuz-6.1.0-31-amd64", "vmlinuz-6.12.0-1-cloud-amd64"], False), (["vmlinuz-6.12.0-1-amd64"], False), (["grub"], False),
        (["vmlinuz-6.1.0-31-amd64", "vmlinuz-6.10.3-amd64"], True),
    ],
)  # fmt: skip
def test_a_restart_is_waited_for(root: Path, boot: list[str], waits: bool) -> None:
    hosts.put(root, {f"/boot/{name}": "" for name in boot})
    assert packages.reboot_required(Files(root)) is waits
    hosts.put(root, {"/run/reboot-required": "*** System restart required ***\n"})
    assert packages.reboot_required(Files(root))


def test_what_a_host_is(root: Path) -> None:
    hosts.put(root, {
        "/etc/os-release": 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n', "/proc/cpuinfo": "model name\t: A {fast} one\n",
        "/proc/net/if_inet6": "20010db8000000000000000000000007 02 40 00 80 eth0\nfe800000000000000000000000000001 02 40 20 80 eth0\n",
        "/proc/net/fib_trie": "Local:\n  |-- 127.0.0.1\n     /32 host LOCAL\n  |-- 203.0.113.7\n     /32 host LOCAL\n  |-- 203.0.113.255\n     /32 link BROADCAST\n",
        "/sys/class/dmi/id/sys_vendor": "Hetzner\n",
    })  # fmt: skip
    found = Stock(root, Said(systemctl="x.service loaded failed failed\n")).taken(NOW, "1.0")
    assert (found.hostname, found.os, found.kernel, found.cpus, found.memory, found.booted_at, found.version) == (
        "shop-1", "Debian GNU/Linux 12 (bookworm)", "6.1.0-31-amd64", 2, 1_024_000, 1_763_999_000.0, "1.0",
    )  # fmt: skip
    assert (found.addresses, found.failed_units) == (("203.0.113.7", "2001:db8::7"), ("x.service",))
    assert found.labels == {"processor": "A _fast_ one", "vendor": "Hetzner", "cloud": "hetzner"}
    later = Stock(root, Said(systemctl="x.service loaded failed failed\n")).taken(NOW + 60, "1.0")
    assert inventory.changed(None, found)
    assert not inventory.changed(found, later)
    assert inventory.changed(found, Stock(root, Said()).taken(NOW, "1.0"))


def test_a_host_of_which_nothing_can_be_read(tmp_path: Path) -> None:
    found = Stock(tmp_path, Said()).taken(NOW, "1.0")
    assert (found.hostname, found.cpus, found.memory, found.addresses, found.labels) == ("", 0, 0, (), {})


def test_this_machine() -> None:
    import psutil

    quiet = Said()
    found = Stock(ask=quiet).taken(SystemClock().now(), "1.0")
    assert found.hostname == os.uname().nodename
    assert (found.kernel, found.arch) == (os.uname().release, os.uname().machine)
    assert (found.cpus, found.memory) == (psutil.cpu_count(), psutil.virtual_memory().total)
    assert found.booted_at == pytest.approx(psutil.boot_time(), abs=60)
    look(Watch())
