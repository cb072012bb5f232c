"""An engine whose repositories are dictionaries of this process: for rooms and agents, which never open one by themselves."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from vedette.instruments.backup.types import (
    Cargo,
    Engine,
    Failed,
    Held,
    Level,
    Repository,
    Restored,
    Saved,
    Secret,
    Tools,
)
from vedette.wire.backup import Aim, Entry, Failure, Keep, Snapshot

_KEPT: dict[str, dict[str, Snapshot]] = {}
_PASSWORDS: dict[str, Secret] = {}


class MemoryStore:
    """Implements `Store`."""

    def __init__(self, repository: Repository) -> None:
        self._at, self._password = repository.at, repository.password

    def create(self) -> bool:
        made = self._at not in _KEPT
        _KEPT.setdefault(self._at, {})
        _PASSWORDS.setdefault(self._at, self._password)
        self._open()
        return made

    def save(self, cargo: Cargo, tools: Tools) -> Saved:
        self._open()
        name = f"{len(_KEPT[self._at]) + 1:04d}"
        _KEPT[self._at][name] = Snapshot(name=name, at=tools.now(), plan=cargo.plan, files=1, bytes=10)
        return Saved(snapshot=name, files=1, read=10, stored=10)

    def snapshots(self, tools: Tools) -> tuple[Snapshot, ...]:
        assert tools
        self._open()
        return tuple(sorted(_KEPT[self._at].values(), key=lambda one: -one.at))

    def verify(self, snapshot: str, level: Level, tools: Tools) -> None:
        assert level
        if snapshot not in {one.name for one in self.snapshots(tools)}:
            raise Failed(Failure.DAMAGED, "It is not there.")

    def entries(self, snapshot: str, below: str, tools: Tools) -> Iterable[Entry]:
        self.verify(snapshot, Level.QUICK, tools)
        return [Entry(f"{below}/a".lstrip("/"), "file", 10, 1.0)]

    def restore(self, aim: Aim, into: Path, tools: Tools) -> Restored:
        assert tools
        self._open()
        (into / "a").write_text("0123456789")
        assert aim is not None
        return Restored(root=into, files=1, bytes=10)

    def prune(self, keep: Keep, plan: str, tools: Tools) -> tuple[str, ...]:
        assert keep
        assert plan
        assert tools
        return ()

    def lock(self, tools: Tools) -> Held | None:
        assert tools
        return None

    def unlock(self, tools: Tools) -> None:
        raise AssertionError(tools)

    def rekey(self, password: Secret, tools: Tools) -> None:
        assert tools
        self._open()
        _PASSWORDS[self._at] = password

    def size(self, tools: Tools) -> int:
        assert tools
        return 10

    def by_hand(self, snapshot: str) -> Sequence[str]:
        return (f"memory restore {self._at} {snapshot or 'latest'}",)

    def _open(self) -> None:
        if self._at not in _KEPT:
            raise Failed(Failure.TARGET_MISSING, "There is no repository.")
        if _PASSWORDS[self._at] != self._password:
            raise Failed(Failure.WRONG_KEY, "The password is another one.")


def _opened(repository: Repository, tools: Tools) -> MemoryStore:
    assert tools
    return MemoryStore(repository)


ENGINE = Engine(
    kind="memory", label="Memory", about="Keeps nothing.", schemes=("", "mem"), open=_opened, version=lambda _: "1",
    settings={"depth": "how deep"}, secrets={"access_key": "a key"},
)  # fmt: skip
