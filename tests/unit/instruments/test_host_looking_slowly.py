"""Mounts, containers, certificates, backups and the clock: what each tells, and what it leaves out."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import hosts, pki

from vedette.core.clock import SystemClock
from vedette.instruments.host import backups, certificates, clock
from vedette.instruments.host.asking import answer
from vedette.instruments.host.containers import BASE, Containers
from vedette.instruments.host.mounts import Mount, mounts
from vedette.instruments.host.rating import Rates
from vedette.instruments.host.reading import Files

NOW = 1_764_000_000.0
ID = "ab" * 32
SCOPE = f"{BASE}/system.slice/docker-{ID}.scope"


def test_each_file_system_once_and_by_its_own_options(tmp_path: Path) -> None:
    hosts.ordinary(tmp_path)
    known = (
        Mount("/", "ext4", "254:1", False), Mount("/dev/shm", "tmpfs", "0:52", False), Mount("/srv/my shop", "xfs", "254:2", False),
    )  # fmt: skip
    assert mounts(Files(tmp_path)) == known
    lines = "28 1 254:1 / / ro - ext4 /dev/vda1 rw\n29 1 254:2 / /srv rw - xfs /dev/vdb ro\nnonsense\n"
    (tmp_path / "proc/1/mountinfo").unlink()
    hosts.put(tmp_path, {"/proc/self/mountinfo": lines})
    found = {one.point: one.read_only for one in mounts(Files(tmp_path))}
    assert found == {"/": False, "/srv": True}, (
        "a view of a service that is read-only says nothing of the file system"
    )


def group(root: Path, folder: str, *, step: int = 0, limit: str = "2000000") -> None:
    hosts.put(root, {
        f"{BASE}/cgroup.controllers": "cpu memory pids\n", f"{folder}/memory.current": "1500000\n", f"{folder}/memory.max": f"{limit}\n",
        f"{folder}/cpu.stat": f"usage_usec {step * 5_000_000}\nuser_usec 0\nnr_periods {step * 100}\nnr_throttled {step * 25}\n",
        f"{folder}/memory.stat": "anon 1\ninactive_file 500000\n", f"{folder}/pids.current": "12\n",
        f"{folder}/memory.events": "low 0\noom 3\noom_kill 2\n",
    })  # fmt: skip


def test_a_container_by_its_name(tmp_path: Path) -> None:
    hosts.put(
        tmp_path,
        {
            f"/var/lib/docker/containers/{ID}/config.v2.json": '{"Name":"/shop-web","Config":{"Env":["PASSWORD=planted"]}}'
        },
    )
    found, rates = Containers(Files(tmp_path)), Rates()
    for step in range(2):
        group(tmp_path, SCOPE, step=step)
        rates.turn(10.0 * step)
        values = dict(found.measured(10.0 * step, rates))
    assert values == {
        "container.cpu.percent{shop-web}": 50.0, "container.throttled.percent{shop-web}": 25.0, "container.memory.bytes{shop-web}": 1_000_000,
        "container.memory.limit.bytes{shop-web}": 2_000_000, "container.memory.percent{shop-web}": 50.0, "container.processes{shop-web}": 12,
        "container.oom_kills{shop-web}": 2,
    }  # fmt: skip


def test_containers_of_every_maker_without_limits_and_gone(tmp_path: Path) -> None:
    for folder in (f"machine.slice/libpod-{ID}.scope", f"docker/{'cd' * 32}", "lxc.payload.mail", "machine.slice/systemd-nspawn@dev.service", "system.slice/cron.service"):  # fmt: skip
        group(tmp_path, f"{BASE}/{folder}", limit="max")
    group(tmp_path, f"{BASE}/docker/{'cd' * 32}/docker/{ID}")  # inside of another one
    found = Containers(Files(tmp_path))
    values = dict(found.measured(0.0, Rates()))
    assert {name.split("{")[1] for name in values} == {"abababababab}", "cdcdcdcdcdcd}", "mail}", "dev}"}
    assert {value for name, value in values.items() if "limit" in name or "memory.percent" in name} == {None}
    (tmp_path / BASE.lstrip("/") / "lxc.payload.mail/memory.current").unlink()
    assert dict(found.measured(1.0, Rates()))["container.memory.bytes{mail}"] is None


def test_a_host_with_the_old_groups_has_no_containers(tmp_path: Path) -> None:
    group(tmp_path, SCOPE)
    (tmp_path / BASE.lstrip("/") / "cgroup.controllers").unlink()
    assert dict(Containers(Files(tmp_path)).measured(0.0, Rates())) == {}


def test_certificates_that_servers_use(tmp_path: Path) -> None:
    good, old = pki.leaf("good"), pki.leaf("expired")
    hosts.put(tmp_path, {
        "/etc/letsencrypt/live/shop.test/fullchain.pem": good.chain_pem, "/etc/ssl/mine.pem": old.pem, "/opt/named/x.crt": good.pem,
        "/etc/nginx/sites-enabled/shop": "server {\n  ssl_certificate /etc/ssl/mine.pem;\n  ssl_certificate_key /etc/ssl/key.pem;\n  ssl_certificate $host;\n}\n",
        "/etc/ssl/key.pem": good.key_pem, "/opt/named/broken.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    })  # fmt: skip
    os.mkfifo(tmp_path / "opt/named/pipe.crt")
    found = dict(certificates.ends(Files(tmp_path), ["/opt/named/*.crt"]))
    end = good.certificate.not_valid_after_utc.timestamp()
    assert found == {
        "/etc/letsencrypt/live/shop.test/fullchain.pem": end, "/opt/named/x.crt": end,
        "/etc/ssl/mine.pem": old.certificate.not_valid_after_utc.timestamp(),
    }  # fmt: skip


def test_the_newest_file_of_a_backup_counts(tmp_path: Path) -> None:
    hosts.put(tmp_path, {"/backup/a.dump": "", "/backup/b.dump": "", "/backup/c.txt": ""})
    for name, age in (("a.dump", 7200), ("b.dump", 600), ("c.txt", 1)):
        os.utime(tmp_path / "backup" / name, (NOW - age, NOW - age))
    named = {"shop": "/backup/*.dump", "none": "/backup/*.sql"}
    assert dict(backups.ages(Files(tmp_path), named, NOW)) == {"backup.age.seconds{shop}": 600.0}


def test_what_chrony_and_timesyncd_say() -> None:
    said = "Reference ID    : C0000201 (192.0.2.1)\nStratum         : 3\nSystem time     : 0.001250000 seconds {way} of NTP time\nLeap status     : Normal\n"
    assert clock.chrony(said.format(way="fast")) == pytest.approx(1.25)
    assert clock.chrony(said.format(way="slow")) == pytest.approx(-1.25)
    assert clock.chrony(said.format(way="fast").replace("Normal", "Not synchronised")) is None
    assert clock.chrony("506 Cannot talk to daemon") is None
    assert clock.timesync("       Offset: +2.5ms\n") == pytest.approx(-2.5)
    assert clock.timesync("       Offset: -1.5s\n") == pytest.approx(1500)
    assert clock.timesync("       Server: (null)\n") is None


def test_time_servers_of_the_configuration(tmp_path: Path) -> None:
    hosts.put(tmp_path, {"/etc/systemd/timesyncd.conf": "[Time]\n#NTP=none\nNTP=time.example.org\n", "/etc/chrony/chrony.conf": "pool 2.debian.pool.ntp.org iburst\n"})  # fmt: skip
    assert clock.configured(Files(tmp_path)) == ("time.example.org", "2.debian.pool.ntp.org")
    assert clock.Comparing(Files(tmp_path), answer).offset(0.0) is None, (
        "programs speak of the real host alone"
    )


@pytest.fixture
def time_server() -> Iterator[tuple[int, list[bytes]]]:
    """A time server on loopback, 5 s ahead; what it answers can be spoilt by the list: bytes of the head to set."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))
    spoilt: list[bytes] = []

    def serve() -> None:
        while True:
            asked, whom = line.recvfrom(512)
            if asked == b"end":
                return
            ahead = clock._stamp(SystemClock().now() + 5)
            head = spoilt[0] if spoilt else b"\x24\x02"
            line.sendto(
                head + bytes(22) + (asked[40:48] if len(spoilt) < 2 else bytes(8)) + ahead + ahead, whom
            )

    thread = threading.Thread(target=serve)
    thread.start()
    yield line.getsockname()[1], spoilt
    line.sendto(b"end", line.getsockname())
    thread.join()
    line.close()


def test_a_time_server_is_asked(time_server: tuple[int, list[bytes]]) -> None:
    port, spoilt = time_server
    assert clock.sntp("127.0.0.1", port) == pytest.approx(-5000, abs=500)
    for head in ([b"\xe4\x02"], [b"\x24\x00"], [b"\x23\x02"], [b"\x24\x02", b"an answer to something else"]):
        spoilt[:] = head
        assert clock.sntp("127.0.0.1", port) is None, head
    assert clock.sntp("nowhere.invalid", port) is None


def test_who_is_asked_first_and_who_is_left_alone() -> None:
    says = {"chronyc": "System time     : 0.5 seconds fast of NTP time\n", "timedatectl": " Offset: +2ms\n"}
    asked: list[str] = []

    def ask(*argv: str, seconds: float = 0.0) -> str | None:
        asked.append(argv[0])
        return says.get(argv[0])

    comparing = clock.Comparing(Files(), ask, ["nowhere.invalid"])
    assert comparing.offset(1.0) == 500
    del says["chronyc"]
    assert comparing.offset(2.0) == -2
    assert asked == ["chronyc", "chronyc", "timedatectl"]
    del says["timedatectl"]
    assert comparing.offset(3.0) is None
    assert (comparing._again, comparing.offset(4.0)) == (903.0, None)


def test_stamps_of_the_next_era() -> None:
    later = 2_208_988_800.0 + 4_000_000_000  # in 2166
    assert clock._instant(clock._stamp(later), later + 100) == pytest.approx(later, abs=0.001)
    assert struct.unpack(">I", clock._stamp(later)[:4])[0] < 1 << 32


def test_programs_are_asked_without_a_shell_and_in_bounds() -> None:
    assert answer("echo", "$HOME; ls") == "$HOME; ls\n"
    assert answer("no-such-program") is None
    assert answer("false") is None
    assert answer("sleep", "30", seconds=0.05) is None
    assert answer("/bin/../bin/no") is None
