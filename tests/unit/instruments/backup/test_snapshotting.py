"""Snapshots of file systems: commands as they are planned, and real binds over an imitated btrfs (there is none here)."""

import os
from pathlib import Path

import pytest
from tests.support.imitated import imitated

from vedette.core.clock import SystemClock
from vedette.instruments.backup import snapshots
from vedette.instruments.backup.snapshotting import Mount, mounts_in, planned
from vedette.instruments.backup.types import Failed, Tools
from vedette.wire.backup import Copy, Plan, What

ROOT = Mount("/", "ext4", "/dev/mapper/vg--one-root")
SRV = Mount("/srv", "xfs", "/dev/data/srv")
TANK = Mount("/tank", "zfs", "tank/all")
BTR = Mount("/btr", "btrfs", "/dev/sdb")
PROC = Mount("/proc", "proc", "proc")
MOUNTS = (ROOT, SRV, TANK, BTR, PROC)


def plan(kind: str, *paths: str, kept: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the commands of a plan in their order, `bind` for binds."""
    takings = planned(kind, paths, kept, MOUNTS, name="shop one", folder="/run/x")
    taken = [argv for taking in takings for argv in taking.take]
    binds = [("bind", bind.source, bind.target) for taking in takings for bind in taking.binds]
    return [*taken, *binds, *(argv for taking in takings for argv in taking.drop)]


def test_lvm_takes_a_snapshot_of_each_volume_and_mounts_it_apart() -> None:
    assert plan("lvm", "/etc", "/srv/shop") == [
        ("lvcreate", "--snapshot", "--extents", "20%ORIGIN", "--name", "vedette-shop-one", "vg-one/root"),
        ("mount", "-t", "ext4", "-o", "ro", "/dev/vg-one/vedette-shop-one", "/run/x/0"),
        ("lvcreate", "--snapshot", "--extents", "20%ORIGIN", "--name", "vedette-shop-one", "data/srv"),
        ("mount", "-t", "xfs", "-o", "ro,nouuid", "/dev/data/vedette-shop-one", "/run/x/1"),
        ("bind", "/run/x/0/etc", "/etc"),
        ("bind", "/run/x/1/shop", "/srv/shop"),
        ("lvremove", "--yes", "vg-one/vedette-shop-one"),
        ("lvremove", "--yes", "data/vedette-shop-one"),
    ]


def test_btrfs_and_zfs_show_theirs_by_themselves() -> None:
    assert plan("btrfs", "/btr/a", "/btr/b") == [
        ("btrfs", "subvolume", "snapshot", "-r", "/btr", "/btr/.vedette-shop-one"),
        ("bind", "/btr/.vedette-shop-one/a", "/btr/a"),
        ("bind", "/btr/.vedette-shop-one/b", "/btr/b"),
        ("btrfs", "subvolume", "delete", "/btr/.vedette-shop-one"),
    ]
    assert plan("zfs", "/tank") == [
        ("zfs", "snapshot", "tank/all@vedette-shop-one"),
        ("bind", "/tank/.zfs/snapshot/vedette-shop-one", "/tank"),
        ("zfs", "destroy", "tank/all@vedette-shop-one"),
    ]


def test_our_own_state_below_a_path_goes_on() -> None:
    assert plan("lvm", "/var", kept=("/var/lib/agent", "/opt/x"))[2:5] == [
        ("mount", "--bind", "/var/lib/agent", "/run/x/kept0"),
        ("bind", "/run/x/0/var", "/var"),
        ("bind", "/run/x/kept0", "/var/lib/agent"),
    ]


@pytest.mark.parametrize(
    ("kind", "path", "why"),
    [
        ("lvm", "/", "name the folders"),
        ("btrfs", "/etc", "no btrfs"),
        ("zfs", "/etc", "no ZFS"),
        ("lvm", "/btr/a", "no volume"),
        ("vss", "/etc", "there are lvm"),
    ],
)
def test_what_cannot_stand_still_is_refused(kind: str, path: str, why: str) -> None:
    with pytest.raises(Failed, match=why):
        plan(kind, path)


def test_another_file_system_below_a_path_is_not_hidden() -> None:
    with pytest.raises(Failed, match="/srv/data is another file system below /srv"):
        planned(
            "lvm", ["/srv"], (), (*MOUNTS, Mount("/srv/data", "ext4", "/dev/sdc")), name="x", folder="/run/x"
        )


def test_mounts_are_read_as_the_kernel_writes_them() -> None:
    text = "36 35 98:0 /mnt1 /srv/two\\040words rw,noatime master:1 - ext3 /dev/root rw,errors=continue\nnonsense\n"
    assert mounts_in(text) == (Mount("/srv/two words", "ext3", "/dev/root"),)


BTRFS = """
import shutil, sys
if sys.argv[2] == "snapshot":
    shutil.copytree(sys.argv[4], sys.argv[5])
else:
    shutil.rmtree(sys.argv[3])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may mount")
def test_what_is_written_meanwhile_is_not_in_it(tmp_path: Path) -> None:
    srv = tmp_path / "srv"
    (srv / "shop").mkdir(parents=True)
    (srv / "shop" / "file").write_text("before")
    state = srv / "shop" / "state"
    state.mkdir()
    tools = Tools(now=SystemClock().now, state=state, programs=imitated(tmp_path, btrfs=BTRFS))
    what = What(kind="paths", settings={"paths": [str(srv / "shop")]})
    shop = Plan(name="shop", what=(what,), copies=(Copy(name="a", engine="borg", at="/b"),), snapshot="btrfs")
    outside = os.open(srv / "shop", os.O_RDONLY)
    with snapshots.held(shop, tools, mounts=(ROOT, Mount(str(srv), "btrfs", "/dev/x"))) as paths:
        assert paths == (str(srv / "shop"),)
        os.close(os.open("file", os.O_WRONLY | os.O_TRUNC, dir_fd=outside))  # as any other process would
        assert (srv / "shop" / "file").read_text() == "before"
        (state / "list").write_text("ours")
    os.close(outside)
    assert (srv / "shop" / "file").read_text() == ""
    assert (state / "list").read_text() == "ours"
    assert not list(srv.glob(".vedette*"))
