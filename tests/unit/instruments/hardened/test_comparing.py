"""What is not as hardening set it is told, and nothing else: standards against what a look saw."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.instruments.hardened import adopting, comparing
from vedette.instruments.hardened.types import (
    AccessStandard,
    FileStandard,
    HardeningManifest,
    HostSight,
    KernelStandard,
    PackageStandard,
    PathState,
    Standard,
    TableStandard,
    UnitStandard,
    key_of,
    packed,
    read,
)

SSHD = "/etc/ssh/sshd_config.d/00-vedette.conf"
STANDARDS: tuple[Standard, ...] = (
    FileStandard(measure="ssh", path=SSHD, text="PasswordAuthentication no\n", mode=0o600, uid=0, gid=0),
    AccessStandard(measure="permissions", path="/etc/shadow", most=0o640, uid=0),
    KernelStandard(measure="kernel", name="net.ipv4.tcp_syncookies", value="1"),
    UnitStandard(measure="firewall", unit="nftables.service", link="/etc/systemd/system/nftables"),
    PackageStandard(measure="packages", name="telnet", there=False),
    PackageStandard(measure="packages", name="auditd"),
    TableStandard(
        measure="firewall",
        text="table inet vedette_host {\n\tchain allowed {\n\t\ttcp dport 22 accept\n\t}\n}",
    ),
)
MANIFEST = HardeningManifest(at=1.0, profile="cis-l1", before=60, after=90, standards=STANDARDS)
GOOD = HostSight(
    files={SSHD: PathState(mode=0o600, uid=0, gid=0, changed=5.0, text="PasswordAuthentication no\n"), "/etc/shadow": PathState(mode=0o640, uid=0, gid=42, changed=5.0)},
    links={"/etc/systemd/system/nftables": True}, values={"net.ipv4.tcp_syncookies": "1"}, packages=frozenset({"auditd", "bash"}),
    table=STANDARDS[-1].text if isinstance(STANDARDS[-1], TableStandard) else "",
)  # fmt: skip
BAD = {
    "file changed": ({"files": {**GOOD.files, SSHD: PathState(mode=0o600, uid=0, gid=0, changed=7.0, text="PasswordAuthentication yes\n")}}, f"file:{SSHD}", "PasswordAuthentication no", "PasswordAuthentication yes"),
    "mode of a file": ({"files": {**GOOD.files, SSHD: PathState(mode=0o644, uid=0, gid=0, changed=7.0, text="PasswordAuthentication no\n")}}, f"file:{SSHD}", "mode 0600, owner 0, group 0", "mode 0644, owner 0, group 0"),
    "file gone": ({"files": {**GOOD.files, SSHD: None}, "folders": {"/etc/ssh/sshd_config.d": 7.0}}, f"file:{SSHD}", "PasswordAuthentication no", ""),
    "a link in its place": ({"files": {**GOOD.files, SSHD: PathState(mode=0o777, uid=0, gid=0, changed=7.0)}}, f"file:{SSHD}", "PasswordAuthentication no", "no file that can be read"),
    "readable by all": ({"files": {**GOOD.files, "/etc/shadow": PathState(mode=0o644, uid=0, gid=42, changed=7.0)}}, "access:/etc/shadow", "at most mode 0640, owner 0", "mode 0644, owner 0, group 42"),
    "another's": ({"files": {**GOOD.files, "/etc/shadow": PathState(mode=0o600, uid=1000, gid=42, changed=7.0)}}, "access:/etc/shadow", "at most mode 0640, owner 0", "mode 0600, owner 1000, group 42"),
    "a value": ({"values": {"net.ipv4.tcp_syncookies": "0"}}, "sysctl:net.ipv4.tcp_syncookies", "1", "0"),
    "disabled": ({"links": {"/etc/systemd/system/nftables": False}}, "unit:nftables.service", "nftables.service starts with the host", ""),
    "installed": ({"packages": frozenset({"auditd", "telnet"})}, "package:telnet", "not installed", "installed"),
    "removed": ({"packages": frozenset({"bash"})}, "package:auditd", "installed", "not installed"),
    "a rule more": ({"table": GOOD.table.replace("22 accept", "22 accept\n\t\ttcp dport 23 accept")}, "ruleset:inet vedette_host", "", "tcp dport 23 accept"),
    "no table": ({"table": ""}, "ruleset:inet vedette_host", "tcp dport 22 accept", ""),
}  # fmt: skip


def test_nothing_is_told_of_what_is_so() -> None:
    assert comparing.off(MANIFEST, GOOD) == ()
    assert not comparing.untold(MANIFEST, GOOD)


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_is_not_so_is_told_with_its_lines(name: str) -> None:
    changes, key, before, after = BAD[name]
    found = comparing.off(MANIFEST, msgspec.structs.replace(GOOD, **changes))
    assert [one.key for one in found] == [key]
    assert before in found[0].before
    assert after in found[0].after
    assert bool(found[0].after) is bool(after)


def test_what_nobody_can_tell_is_no_drift_and_is_known_as_such() -> None:
    assert comparing.off(MANIFEST, HostSight()) == ()
    assert comparing.untold(MANIFEST, HostSight()) == {key_of(one) for one in STANDARDS}


def test_a_path_that_is_gone_has_no_access_that_is_too_wide() -> None:
    seen = msgspec.structs.replace(GOOD, files={**GOOD.files, "/etc/shadow": None})
    assert comparing.off(MANIFEST, seen) == ()


def test_secrets_are_told_as_dots() -> None:
    changed = PathState(mode=0o600, uid=0, gid=0, changed=7.0, text="db_password = hunter2hunter2\n")
    found = comparing.off(MANIFEST, msgspec.structs.replace(GOOD, files={**GOOD.files, SSHD: changed}))
    assert "db_password" in found[0].after
    assert "hunter2" not in found[0].after


@pytest.mark.parametrize(
    "now", [PathState(mode=0o640, uid=0, gid=0, changed=7.0, text="requirepass hunter3\n"), None]
)
def test_no_line_is_told_of_what_may_hold_passwords(now: PathState | None) -> None:
    path = "/etc/redis/redis.conf"
    was = FileStandard(measure="redis", path=path, text="requirepass hunter2\n", mode=0o640, uid=0, gid=0)
    manifest = msgspec.structs.replace(MANIFEST, standards=(was,))
    (found,) = comparing.off(manifest, HostSight(files={path: now}))
    assert "hunter" not in found.before + found.after
    assert "1 lines" in found.before


@pytest.mark.parametrize("name", sorted(BAD))
def test_what_was_adopted_drifts_no_more_and_the_rest_stays(name: str) -> None:
    changes, key, *_ = BAD[name]
    seen = msgspec.structs.replace(GOOD, **changes)
    after = adopting.adopted(MANIFEST, [key], seen)
    assert comparing.off(after, seen) == ()
    others = {key_of(one): one for one in STANDARDS if key_of(one) != key}
    assert others.items() <= {key_of(one): one for one in after.standards}.items()


def test_what_cannot_be_looked_at_is_not_adopted() -> None:
    every = [key_of(one) for one in STANDARDS]
    assert adopting.adopted(MANIFEST, every, HostSight()).standards == STANDARDS


@given(st.binary(max_size=200) | st.just(packed(MANIFEST)))
def test_a_manifest_is_read_or_refused(raw: bytes) -> None:
    try:
        found = read(raw.decode("utf-8", "replace"))
    except Invalid:
        return
    assert read(packed(found).decode()) == found


def test_a_manifest_of_a_later_form_is_refused() -> None:
    later = packed(msgspec.structs.replace(MANIFEST, form=2)).decode()
    with pytest.raises(Invalid, match="update the agent"):
        read(later)
