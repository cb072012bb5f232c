"""What hardening leaves on a host says what is so there, and puts it back as hardening did: proven, or taken back."""

import os
from pathlib import Path

import msgspec
import pytest
from tests.support import netns
from tests.support.hardenable import carried_out, debian

from vedette.core.clock import ManualClock
from vedette.instruments.harden import manifesting, planning, proving, scripting, working
from vedette.instruments.harden.areas.firewall import ruleset
from vedette.instruments.harden.here import Here
from vedette.instruments.harden.proving import Doors
from vedette.instruments.harden.registry import areas, measures
from vedette.instruments.harden.types import Ended, Facts, Hardened, Unreached, Wanted
from vedette.instruments.hardened import comparing
from vedette.instruments.hardened.types import (
    ASKED,
    MANIFEST,
    AccessStandard,
    FileStandard,
    HardeningManifest,
    HostSight,
    PathState,
    TableStandard,
    UnitStandard,
    key_of,
    packed,
    read,
)
from vedette.instruments.live.host import HostLive
from vedette.instruments.live.memory import Made
from vedette.instruments.witness.telling import told
from vedette.wire.infra import Rule, Waiver

TOLD = Hardened(ended=Ended.KEPT, reason="", before=61.0, after=93.0, left=("x",))
SSH = Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0"))
SAID = {" ".join(ASKED): "table inet vedette_host {\n}\n"}


def hardened(wanted: Wanted = Wanted()) -> Facts:  # noqa: B008 - frozen
    facts = debian()
    for _ in range(2):
        facts = carried_out(facts, planning.plan(facts, wanted))
    return msgspec.structs.replace(facts, says={**facts.says, **SAID})


def seen(facts: Facts, manifest: HardeningManifest) -> HostSight:
    """Return what a look at the very host would see."""
    paths = {one.path for one in manifest.standards if isinstance(one, FileStandard | AccessStandard)}
    found = {path: facts.files.get(path) for path in paths}
    return HostSight(
        files={path: None if made is None else PathState(mode=made.mode, uid=made.uid, gid=made.gid, changed=1.0, text=made.text) for path, made in found.items()},
        links={one.link: one.link in facts.files for one in manifest.standards if isinstance(one, UnitStandard)},
        table=SAID[" ".join(ASKED)].strip(),
    )  # fmt: skip


def test_what_is_left_on_a_host_is_so_there() -> None:
    facts = hardened()
    manifest = manifesting.manifest(facts, Wanted(), TOLD)
    kinds = {type(one).__name__ for one in manifest.standards}
    assert kinds == {
        "FileStandard",
        "AccessStandard",
        "KernelStandard",
        "UnitStandard",
        "PackageStandard",
        "TableStandard",
    }
    assert comparing.off(manifest, seen(facts, manifest)) == ()
    assert (manifest.profile, manifest.before, manifest.after, manifest.left) == (
        "cis-l1",
        61.0,
        93.0,
        ("x",),
    )
    assert len({key_of(one) for one in manifest.standards}) == len(manifest.standards)
    assert read(packed(manifest).decode()) == manifest
    assert {one.measure for one in manifest.standards} <= set(measures())


def test_what_is_not_so_yet_is_no_standard() -> None:
    before = manifesting.manifest(debian(), Wanted(), TOLD)
    every = manifesting.manifest(hardened(), Wanted(), TOLD)
    assert len(before.standards) < len(every.standards) / 2


def test_what_is_waived_is_no_standard_and_is_told_with_its_last_day() -> None:
    check = "ssh-forwarding"
    wanted = Wanted(waived={check: "a jump host", "ssh": "no"}, ends={check: "2027-03-01"})
    manifest = manifesting.manifest(hardened(), wanted, TOLD)
    assert Waiver(check=check, reason="a jump host", until="2027-03-01") in manifest.waived
    assert all(one.measure != check for one in manifest.standards)


def test_a_manifest_that_a_host_knows_is_not_left_again() -> None:
    facts = hardened()
    manifest = manifesting.manifest(facts, Wanted(), TOLD)
    known = msgspec.structs.replace(manifest, at=1.0, before=1.0)
    with_it = msgspec.structs.replace(
        facts, files={**facts.files, MANIFEST: Made(text=packed(known).decode())}
    )
    assert manifesting.is_known(manifest, with_it)
    assert not manifesting.is_known(msgspec.structs.replace(manifest, left=()), with_it)
    assert not manifesting.is_known(manifest, facts)


def test_putting_back_is_by_the_measures_with_their_proofs() -> None:
    manifest = manifesting.manifest(hardened(), Wanted(), TOLD)
    plan = manifesting.putting_back(manifest.standards)
    by_measure = {one.measure: one for one in plan.planned}
    assert by_measure["firewall"].proof == "rules_are_well"
    assert by_measure["firewall-in-force"].proof == "table_is_well"
    script = scripting.applying(plan, "back-1", 60)
    assert script.index("reload sshd") > script.index("reload table") > script.index("reload rules")
    table = next(one for one in manifest.standards if isinstance(one, TableStandard))
    assert table.text in by_measure["firewall-in-force"].steps[0].text  # type: ignore[union-attr]


def test_a_measure_that_there_is_no_more_is_put_back_all_the_same() -> None:
    one = FileStandard(measure="of-yore", path="/etc/x", text="x", mode=0o600, uid=7, gid=8)
    (planned,) = manifesting.putting_back([one]).planned
    assert (planned.proof, planned.reload) == ("", None)
    assert "put /etc/x 600 7 8 eA==" in scripting.applying(manifesting.putting_back([one]), "back-1", 60)


def test_every_measure_lies_in_an_area() -> None:
    assert set(measures()) <= set(areas())
    assert areas()["firewall"] == "firewall"


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path, systemd=False, more={"VEDETTE_BASE": str(tmp_path / "runs")})


def owned(path: Path, text: str, mode: int = 0o600) -> FileStandard:
    return FileStandard(
        measure="of-yore", path=str(path), text=text, mode=mode, uid=os.geteuid(), gid=os.getegid()
    )


def test_what_is_put_back_stays_where_people_get_in(here: Here, tmp_path: Path) -> None:
    file = tmp_path / "etc"
    file.write_text("changed\n")
    plan = manifesting.putting_back([owned(file, "as it was\n")])
    ended, reason = working.put_back(here, plan, 1, lambda: "")
    assert (ended, file.read_text(), file.stat().st_mode & 0o777) == (Ended.KEPT, "as it was\n", 0o600)
    assert reason == "It is as hardening set it, and people get in."
    assert not (tmp_path / "hardening.sh").exists()
    assert [path.name for path in (tmp_path / "runs").iterdir() if path.name.startswith("run-")] == []


def test_where_people_would_not_get_in_it_is_as_before_at_once(here: Here, tmp_path: Path) -> None:
    file = tmp_path / "etc"
    file.write_text("changed\n")
    file.chmod(0o640)
    ended, reason = working.put_back(
        here, manifesting.putting_back([owned(file, "as it was\n")]), 1, lambda: "sshd answers no more."
    )
    assert (ended, reason) == (Ended.REVERTED, "Everything is as it was before: sshd answers no more.")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("changed\n", 0o640)
    assert not (tmp_path / "runs/lock").exists()


def test_a_step_that_fails_is_told(here: Here, tmp_path: Path) -> None:
    plan = manifesting.putting_back([owned(Path("/proc/nothing/here"), "x")])
    ended, reason = working.put_back(here, plan, 1, lambda: "")
    assert ended is Ended.REVERTED
    assert "of-yore" in reason


def test_a_host_on_which_nothing_can_be_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreached, match="Nothing can be run"):
        Here(tmp_path / "nowhere").run("true", 1)
    with pytest.raises(Unreached, match="did not do it within"):
        Here(tmp_path, systemd=False).run("sleep 5", 0.1)


@pytest.mark.parametrize(
    ("people", "drops", "rules", "why"),
    [
        ((), True, (), ""),
        (("203.0.113.5",), False, (), ""),
        (("203.0.113.5",), None, (), "nobody can tell"),
        (("203.0.113.5",), True, (SSH,), ""),
        (("203.0.113.5", "2001:db8::1"), True, (Rule(protocol="tcp", port="20-30", peers=("203.0.113.0/24",)),), "would not let 2001:db8::1 in"),
        (("203.0.113.5",), True, (Rule(protocol="udp", port="22", peers=("0.0.0.0/0",)),), "would not let 203.0.113.5"),
        (("jump-host",), True, (SSH,), ""),
        (("jump-host",), True, (Rule(protocol="tcp", port="22", peers=("203.0.113.0/24",)),), "would not let jump-host"),
    ],
)  # fmt: skip
def test_who_is_signed_in_must_be_let_in_anew(
    people: tuple[str, ...], drops: bool | None, rules: tuple[Rule, ...], why: str
) -> None:
    found = proving.kept_out(Doors(answering=(("127.0.0.1", 22),), people=people), drops, rules)
    assert (why in found) if why else (found == "")


def test_an_sshd_that_answers_no_more_is_a_door_that_shut() -> None:
    live = HostLive(ManualClock().now())
    before = Doors(answering=(("127.0.0.1", 1),))
    assert "sshd answers no more on 127.0.0.1:1" in proving.why_not(before, live, rules_changed=False)
    assert proving.why_not(Doors(), live, rules_changed=False) == ""


@pytest.mark.skipif(not netns.possible(), reason="only root makes namespaces")
def test_a_host_that_was_hardened_knows_whom_it_lets_in() -> None:
    rules = (
        Rule(protocol="tcp", port="443", peers=("0.0.0.0/0", "::/0")),
        Rule(protocol="tcp", port="22", peers=("203.0.113.0/24",)),
    )
    with netns.pair() as pair, netns.inside(pair.server):
        pair.nft("-f", "-", text=ruleset(rules, (22,), routed=False))
        found = told(HostLive(0.0))
    assert found.drops is True
    assert {(one.protocol, one.port, one.peers) for one in found.rules} >= {
        (one.protocol, one.port, one.peers) for one in rules
    }
