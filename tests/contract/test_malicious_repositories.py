"""Whoever has a repository and its password writes nothing outside of the folder that is restored to."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support import forged
from tests.support.forged import Trap
from tests.support.greens import Place, filled

from vedette.instruments.backup.types import Failed
from vedette.wire.backup import Aim

pytestmark = pytest.mark.timeout(300)
BORG: dict[str, Callable[[Path], list[Trap]]] = {
    "a path that leads up": lambda outside: [Trap("shop/../../../evil"), Trap("../evil")],
    "a whole path": lambda outside: [Trap(f"{outside}/evil")],
    "a link and what lies behind it": lambda outside: [Trap("a", "link", str(outside)), Trap("a/evil")],
    "a link instead of a folder": lambda outside: [
        Trap("a", "folder"),
        Trap("a/b", "link", ".."),
        Trap("a/b/b", "link", str(outside)),
        Trap("a/b/b/evil"),
    ],
    "a second name of a file of ours": lambda outside: [Trap("shop/ours", "hardlink", f"{outside}/ours")],
    "a second name by a way up": lambda outside: [Trap("shop/ours", "hardlink", "../outside/ours")],
}
RESTIC: dict[str, Callable[[Path], tuple[list[dict[str, object]], list[dict[str, object]]]]] = {
    "a name that leads up": lambda outside: ([{"name": "../evil"}, {"name": ".."}], []),
    "a whole path": lambda outside: ([{"name": f"{outside}/evil"}], []),
    "a link and a folder of one name": lambda outside: (
        [{"name": "a", "type": "symlink", "linktarget": str(outside)}, {"name": "a", "type": "dir"}],
        [{"name": "evil"}],
    ),
    "a folder and a link of one name": lambda outside: (
        [{"name": "a", "type": "dir"}, {"name": "a", "type": "symlink", "linktarget": str(outside)}],
        [{"name": "evil"}],
    ),
}
QUICK = {"a link and what lies behind it", "a link and a folder of one name"}


class Room:
    """A target between things that are ours and must stay as they are."""

    def __init__(self, root: Path, engine: str) -> None:
        self.root, self.target, self.outside = root, root / "target", root / "outside"
        self.place = Place(root, engine)
        filled(self.place.folder, 1, 100)
        for folder in (self.target, self.outside):
            folder.mkdir()
        (self.outside / "ours").write_text("ours")
        (self.outside / "ours").chmod(0o600)
        work = self.place.work()
        self.tools, self.store = work.tools, work.open(work.tools)
        self.store.create()
        self.before = self._seen()

    def _seen(self) -> dict[str, tuple[object, ...]]:
        return {
            str(path): (found.st_mode, found.st_nlink, found.st_mtime_ns)
            if path.is_file()
            else (found.st_mode,)
            for path in [*self.root.glob("*"), *self.outside.rglob("*")]
            if (found := path.lstat())
        }

    def restore(self, snapshot: str) -> str:
        """Restore it; return why it was refused, if it was."""
        refused = ""
        try:
            self.store.restore(Aim(snapshot=snapshot), self.target, self.tools)
        except Failed as error:
            refused = str(error)
        assert self._seen() == self.before
        assert not [path for path in self.root.parent.rglob("evil") if self.target not in path.parents]
        return refused


def _some(names: dict[str, object]) -> list[object]:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.deep) for name in names]


@pytest.mark.parametrize("name", _some(dict(BORG)))
def test_borg_writes_nothing_outside(name: str, tmp_path: Path) -> None:
    room = Room(tmp_path / "room", "borg")
    traps = BORG[name](room.outside)
    snapshot = forged.borg(room.place.repository, room.place.password, [Trap("fine"), *traps], tmp_path)
    assert room.restore(snapshot)
    assert not (room.target / "fine").exists() or "second name" in name


@pytest.mark.parametrize("name", _some(dict(RESTIC)))
def test_restic_writes_nothing_outside(name: str, tmp_path: Path) -> None:
    room = Room(tmp_path / "room", "restic")
    nodes, below = RESTIC[name](room.outside)
    snapshot = forged.Restic(room.place.repository, room.place.password).snapshot(nodes, below)
    assert room.restore(snapshot)


@pytest.mark.deep
def test_devices_and_pipes_do_not_stay(tmp_path: Path) -> None:
    """They would wait for whoever reads them, or be a door to a disk."""
    room = Room(tmp_path / "room", "borg")
    traps = [Trap("fine"), Trap("null", "device"), Trap("pipe", "pipe")]
    snapshot = forged.borg(room.place.repository, room.place.password, traps, tmp_path)
    assert not room.restore(snapshot)
    assert [path.name for path in room.target.iterdir()] == ["fine"]
    assert stat.S_ISREG((room.target / "fine").lstat().st_mode)


@pytest.mark.deep
def test_a_link_to_elsewhere_comes_back_as_a_link(tmp_path: Path) -> None:
    room = Room(tmp_path / "room", "borg")
    traps = [Trap("link", "link", "/etc/passwd")]
    snapshot = forged.borg(room.place.repository, room.place.password, traps, tmp_path)
    assert not room.restore(snapshot)
    assert (room.target / "link").readlink() == Path("/etc/passwd")
