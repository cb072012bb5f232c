"""What hardening set, watched by real files, real rules of nft and a real value of the kernel in a namespace."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support import netns
from tests.support.hardened import LINK, SSHD, STATUS, TEXT, HardenedFolder

from vedette.core.errors import Invalid
from vedette.instruments.harden.areas.firewall import ruleset
from vedette.instruments.hardened.looking import Looking
from vedette.instruments.hardened.types import (
    MANIFEST,
    HardeningManifest,
    KernelStandard,
    TableStandard,
    packed,
)
from vedette.instruments.hardened.watching import SETTLES, Watch
from vedette.wire.infra import Rule

CHANGES: dict[str, tuple[Callable[[HardenedFolder], object], str]] = {
    "written": (lambda host: host.write(SSHD, "PermitRootLogin yes\n"), f"file:{SSHD}"),
    "as long as before": (lambda host: host.write(SSHD, TEXT.replace("no", "yo")), f"file:{SSHD}"),
    "replaced": (lambda host: (host.write("/etc/new", "x\n", 0o600), host.path("/etc/new").replace(host.path(SSHD))), f"file:{SSHD}"),
    "for all to read": (lambda host: host.path(SSHD).chmod(0o644), f"file:{SSHD}"),
    "removed": (lambda host: host.path(SSHD).unlink(), f"file:{SSHD}"),
    "a folder": (lambda host: (host.path(SSHD).unlink(), host.path(SSHD).mkdir()), f"file:{SSHD}"),
    "a link": (lambda host: (host.path(SSHD).unlink(), host.path(SSHD).symlink_to("/dev/null")), f"file:{SSHD}"),
    "wider": (lambda host: host.path("/etc/crontab").chmod(0o666), "access:/etc/crontab"),
    "a value": (lambda host: host.write("/proc/sys/net/ipv4/tcp_syncookies", "0\n"), "sysctl:net.ipv4.tcp_syncookies"),
    "disabled": (lambda host: host.path(LINK).unlink(), "unit:nftables.service"),
    "installed": (lambda host: host.write(STATUS, "Package: telnet\nStatus: install ok installed\nVersion: 1\n"), "package:telnet"),
}  # fmt: skip


@pytest.fixture
def host(tmp_path: Path) -> HardenedFolder:
    return HardenedFolder(tmp_path)


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_what_is_changed_is_told_by_the_second_look_and_over_when_it_is_undone(
    host: HardenedFolder, name: str
) -> None:
    change, key = CHANGES[name]
    watch = host.watch()
    first = host.looks(watch)
    assert first is not None
    assert (first.drift, first.profile, first.before, first.after) == ((), "cis-l1", 61.0, 93.0)
    change(host)
    told = host.looks(watch)
    assert told is not None
    assert [one.key for one in told.drift] == [key]
    assert told.drift[0].by == "ann"
    assert abs(told.drift[0].since - time.time()) < 30
    assert host.looks(watch, 5) is None
    assert host.asked == [key]
    adopted = watch.adopt((), host.at)
    assert adopted == (key,)
    after = host.looks(watch)
    assert after is not None
    assert after.drift == ()
    watch.close()


def test_a_stamp_that_was_set_back_hides_nothing(host: HardenedFolder) -> None:
    watch = host.watch()
    os.utime(host.path(SSHD), (1_000, 1_000))
    host.at += 60
    host.looks(watch)
    host.write(SSHD, TEXT.replace("no", "yo"))
    os.utime(host.path(SSHD), (1_000, 1_000))
    told = host.looks(watch)
    assert told is not None
    assert told.drift[0].since > 1_000_000, "when it changed is the kernel's word (ctime), which nobody sets"
    watch.close()


def test_what_an_editor_leaves_away_for_a_moment_is_no_drift(host: HardenedFolder) -> None:
    watch = host.watch()
    host.looks(watch)
    host.path(SSHD).unlink()
    assert host.looks(watch, 1) is None
    host.write(SSHD, TEXT, 0o600)
    assert host.looks(watch, 3) is None
    watch.close()


def test_since_when_and_by_whom_outlive_the_agent(host: HardenedFolder) -> None:
    watch = host.watch()
    host.write(SSHD, "PermitRootLogin yes\n")
    before = host.looks(watch)
    watch.close()
    again = host.watch()
    after = host.looks(again)
    assert before is not None
    assert after is not None
    assert before.drift == after.drift
    assert host.asked == [f"file:{SSHD}"]
    again.close()


def test_while_hardening_is_at_work_nothing_drifts(host: HardenedFolder) -> None:
    watch = host.watch()
    host.looks(watch)
    lock = host.path("/var/lib/vedette-harden/lock")
    lock.mkdir()
    host.write(SSHD, "PermitRootLogin prohibit-password\n")
    assert host.looks(watch, 3) is None
    lock.rmdir()
    assert host.looks(watch, 3) is None, "its manifest comes a moment after its end"
    host.standards = tuple(one for one in host.standards if getattr(one, "path", "") != SSHD)
    host.leave(at=2_000.0)
    told = host.looks(watch)
    assert told is not None
    assert (told.set_at, told.drift) == (2_000.0, ())
    watch.close()


def test_a_run_that_leaves_no_manifest_is_waited_for_a_minute_and_its_taking_back_is_told(
    host: HardenedFolder,
) -> None:
    watch = host.watch()
    host.looks(watch)
    lock = host.path("/var/lib/vedette-harden/lock")
    lock.mkdir()
    host.looks(watch)
    host.write("/var/lib/vedette-harden/run-1/over", "back\n")
    host.write(SSHD, "PermitRootLogin yes\n")
    lock.rmdir()
    told = host.looks(watch)
    assert told is not None
    assert told.drift == ()
    assert abs(told.reverted_at - time.time()) < 30
    host.at += SETTLES
    told = host.looks(watch, 3)
    assert told is not None
    assert [one.key for one in told.drift] == [f"file:{SSHD}"]
    watch.close()


def test_a_host_that_was_never_hardened_says_so_and_hardening_is_found(host: HardenedFolder) -> None:
    watch = host.watch()
    manifest = host.path(MANIFEST)
    kept = manifest.read_text()
    manifest.unlink()
    told = host.looks(watch)
    assert told is not None
    assert told.set_at == 0.0
    with pytest.raises(Invalid, match="never hardened"):
        watch.adopt((), host.at)
    manifest.write_text(kept)
    told = host.looks(watch)
    assert told is not None
    assert told.set_at == 1_000.0
    manifest.write_text("{")
    with pytest.raises(Invalid, match="Harden the host again"):
        host.looks(watch)
    watch.close()


@pytest.mark.skipif(not netns.possible(), reason="only root makes namespaces")
def test_rules_and_values_in_force_are_watched(tmp_path: Path) -> None:
    everybody = Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0"))
    with netns.pair() as pair, netns.inside(pair.server):
        pair.nft("-f", "-", text=ruleset((everybody,), (22,), routed=False))
        at = time.time()
        text = Looking().table(at)
        assert text is not None
        assert "tcp dport 22 accept" in text
        standards = (
            TableStandard(measure="firewall", text=text),
            KernelStandard(measure="kernel", name="net.ipv4.ip_forward", value="0"),
        )
        manifest = tmp_path / "manifest.json"
        manifest.write_bytes(
            packed(HardeningManifest(at=1.0, profile="cis-l1", before=1, after=2, standards=standards))
        )
        watch = Watch(tmp_path / "kept.json", lambda *_: "", manifest=str(manifest))
        told = watch.look(at)
        assert told is not None
        assert told.drift == ()
        pair.nft("add", "table", "inet", "others")  # no matter of ours
        assert watch.look(at + 1) is None
        pair.nft("insert", "rule", "inet", "vedette_host", "allowed", "tcp", "dport", "6379", "accept")
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        watch.look(at + 2)
        told = watch.look(at + 3)
        assert told is not None
        assert {one.key: (one.before, one.after) for one in told.drift} == {
            "ruleset:inet vedette_host": ("", "tcp dport 6379 accept"), "sysctl:net.ipv4.ip_forward": ("0", "1"),
        }  # fmt: skip
        pair.nft("flush", "ruleset")
        told = watch.look(at + 4)
        assert told is not None
        assert [one.after for one in told.drift if one.kind == "ruleset"] == [""]
        watch.close()
