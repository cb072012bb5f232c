"""The audit of this very machine, and of a network namespace that was hardened: real files, programs and kernel values."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from tests.support import netns
from tests.support.hardening.hosts import NOW

from vedette.instruments.audit import looking
from vedette.instruments.live import passwords, running
from vedette.instruments.live.host import HostLive
from vedette.instruments.live.memory import Made, MemoryLive
from vedette.instruments.live.types import Live, Missing, Unreadable
from vedette.wire.agent.types import Audit
from vedette.wire.finding import FindingState

PROGRAM = """
import sys, msgspec
from vedette.instruments.audit import looking
from vedette.instruments.live.host import HostLive
found = [looking.audit(HostLive(0.0, walk=0.0), {}, only=family) for family in ("network", "mounts", "firewall", "ssh")]
sys.stdout.write(msgspec.json.encode(found).decode())
"""
HARDEN = (
    "set -e; ip link set lo up; mount -t tmpfs x /run; mkdir /run/sshd; mount -t tmpfs -o nosuid,nodev,noexec x /tmp;"
    "for one in all default; do for name in send_redirects accept_redirects secure_redirects accept_source_route; do"
    " echo 0 > /proc/sys/net/ipv4/conf/$one/$name; done; echo 1 > /proc/sys/net/ipv4/conf/$one/log_martians; done;"
    "nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; policy drop; };"
    " add rule inet filter input ct state established,related accept; add rule inet filter input iif lo accept'; exec \"$@\""
)  # fmt: skip


def states(audits: list[Audit]) -> dict[str, FindingState]:
    return {one.check: one.state for audit in audits for one in audit.findings}


def test_this_machine_is_told() -> None:
    """Kernel values, users and packages are there on any machine; whatever is said of them was read."""
    live = HostLive(NOW, walk=0.2)
    for family in ("kernel", "network", "accounts", "permissions", "mounts", "pam", "services"):
        audit = looking.audit(live, {}, only=family)
        known = [one for one in audit.findings if one.state in {FindingState.PASSED, FindingState.FAILED}]
        assert known, family
        assert all(one.evidence for one in known)


@pytest.mark.skipif(not netns.possible(), reason="only root makes namespaces")
def test_a_namespace_that_was_hardened_passes_and_a_bare_one_does_not() -> None:
    bare = _inside(sys.executable, "-c", PROGRAM)
    hard = _inside("sh", "-c", HARDEN, "sh", sys.executable, "-c", PROGRAM)
    changed = {
        "firewall-input-4", "firewall-input-6", "net-send-redirects", "net-redirects-4", "net-secure-redirects",
        "net-martians", "mount-tmp-apart",
    }  # fmt: skip
    assert {bare[check] for check in changed} == {FindingState.FAILED}
    assert {hard[check] for check in changed | {"mount-tmp-noexec", "firewall-loopback", "firewall-established"}} == {FindingState.PASSED}  # fmt: skip
    assert hard["firewall-kept"] is FindingState.FAILED
    assert hard["ssh-empty-passwords"] is FindingState.PASSED  # the sshd of this machine, as it would be


def _inside(*argv: str) -> dict[str, FindingState]:
    done = subprocess.run(["unshare", "-mn", *argv], capture_output=True, check=True)
    return states(msgspec.json.decode(done.stdout, type=list[Audit]))


def test_hashes_are_never_kept() -> None:
    text = "a:$6$salt$SECRETHASH:20000:0:99999:7:30:21000:\nb:!$1$x$SECRETHASH:1::::::\nc::1::::::\nd:*:1::::::\ne:SECRETHASHxx:1::::::\nf:!\njunk\n"
    found = passwords.states(text)
    assert "SECRETHASH" not in repr(found)
    assert [(one.user, one.state, one.scheme) for one in found] == [
        ("a", "set", "sha512"), ("b", "locked", "md5"), ("c", "empty", ""), ("d", "none", ""), ("e", "set", "des"), ("f", "none", ""),
    ]  # fmt: skip
    assert (found[0].inactive, found[0].expires) == (30, 21_000)


def test_shadow_is_not_read_as_text() -> None:
    with pytest.raises(Unreadable, match="holds secrets"):
        HostLive(NOW).text("/etc/shadow")


def test_programs_are_bounded() -> None:
    with pytest.raises(Missing):
        running.answer(("no-such-program",))
    with pytest.raises(Missing):
        running.answer(("../../tmp/x",))
    with pytest.raises(Unreadable, match="in time"):
        running.answer(("sleep", "30"), deadline=0.1)
    with pytest.raises(Unreadable, match="says more"):
        running.answer(("yes",), most=100_000)
    with pytest.raises(Unreadable, match="failed with 1"):
        running.answer(("false",))
    assert running.answer(("printf", "%s", "$(id); `id`")) == "$(id); `id`"


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unreadable, match="no file"):
        HostLive(NOW, tmp_path).text("/pipe")


def test_a_walk_tells_what_it_found(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/open").touch()
    (tmp_path / "etc/open").chmod(0o666)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/mounts").touch()
    (tmp_path / "proc/seen").touch()
    (tmp_path / "proc/seen").chmod(0o666)
    found = HostLive(NOW, tmp_path).sweep()
    assert (found.whole, found.writable, found.unsticky) == (True, ("/etc/open",), ("/shared",))


@pytest.mark.parametrize("which", ["host", "memory"])
def test_a_scratch_folder_and_a_made_host_are_read_alike(tmp_path: Path, which: str) -> None:
    """Both adapters of the port keep its word."""
    shadow, text = "a::1::::::\n", "b\xffc"
    live: Live = MemoryLive(
        {
            "/etc/shadow": Made(text=shadow, mode=0o640),
            "/etc/x/y": Made(text="b\ufffdc", mode=0o666),
            "/proc/mounts": "",
        }
    )
    if which == "host":
        (tmp_path / "etc/x").mkdir(parents=True)
        (tmp_path / "etc/shadow").write_text(shadow)
        (tmp_path / "etc/shadow").chmod(0o640)
        (tmp_path / "etc/x/y").write_bytes(text.encode("latin-1"))
        (tmp_path / "etc/x/y").chmod(0o666)
        (tmp_path / "proc").mkdir()
        (tmp_path / "proc/mounts").touch()
        live = HostLive(NOW, tmp_path)
    assert live.text("/etc/x/y") == "b\ufffdc"
    assert live.names("/etc") == ("shadow", "x")
    assert (live.status("/etc").kind, live.status("/etc/x/y").kind, live.status("/etc/x/y").mode) == (
        "folder",
        "file",
        0o666,
    )
    assert [(one.user, one.state) for one in live.passwords()] == [("a", "empty")]
    assert live.sweep().writable == ("/etc/x/y",)
    for asked in (live.text, live.names, live.status):
        with pytest.raises(Missing):
            asked("/etc/none")
    for asked in (live.text,):
        with pytest.raises(Unreadable):
            asked("/etc")
    with pytest.raises(Unreadable, match="holds secrets"):
        live.text("/etc/shadow")
