"""What an agent looks at beside its logs: again after a failure that is said once, each minute what belongs there, in time."""

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.support.agent_parts import Remembering
from tests.support.followed import until

from vedette.agent import looking, rounds
from vedette.agent.config import Config, Files
from vedette.agent.looking import Heard
from vedette.agent.rounds import Round, Voices
from vedette.core.clock import SystemClock
from vedette.instruments.files.witnesses import Witnesses
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.wire.agent.types import Detection, Happening, HostChange, Inventory, Report

NOW = 1_764_000_000.0
Acts = Callable[[float], Sequence[Report]]


class Running:
    """A round in a thread, with what it said and reported."""

    def __init__(self, make: Callable[[float], Acts], every: float = 0.005) -> None:
        self.told, self.said = Remembering(), list[str]()
        self.round = Round("disks", make, every, Voices(self.told, SystemClock(), self.said.append))
        self._thread = threading.Thread(target=self.round.run)

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.round.stop()
        self._thread.join(5)
        assert not self._thread.is_alive()


def happened(text: str) -> Happening:
    return Happening(at=NOW, kind="k", text=text, severity="info")


def test_what_is_found_is_reported_and_nothing_is_not() -> None:
    found: list[list[Report]] = [[happened("a")], [], [happened("b"), happened("c")]]

    def look(now: float) -> Sequence[Report]:
        assert now > NOW
        return found.pop(0) if found else []

    with Running(lambda _: look) as running:
        until(lambda: len(running.told.said) == 3)
    assert [one.text for one in running.told.said if isinstance(one, Happening)] == ["a", "b", "c"]
    assert (running.said, running.round.standings()) == ([], ())


def test_a_look_that_fails_is_said_once_and_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "REST", 0.005)
    made: list[int] = []
    fails = [OSError("no disk"), OSError("no disk"), ValueError("odd"), None, OSError("no disk")]

    def make(now: float) -> Acts:
        made.append(len(made))

        def look(now: float) -> Sequence[Report]:
            fault = fails.pop(0) if fails else None
            if fault is not None:
                raise fault
            return [happened("well")]

        return look

    with Running(make) as running:
        until(lambda: len(running.told.said) > 3)
    disk = "disks: OSError: no disk. It is tried again."
    assert running.said == [disk, "disks: ValueError: odd. It is tried again.", disk]
    assert len(made) == 5, "what failed is made anew, and what works is kept"


def test_what_cannot_be_made_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "REST", 0.005)
    tries: list[int] = []

    def make(now: float) -> Acts:
        tries.append(1)
        if len(tries) < 3:
            raise ModuleNotFoundError("psutil")
        return lambda _: [happened("well")]

    with Running(make) as running:
        until(lambda: bool(running.told.said))
    assert running.said == ["disks: ModuleNotFoundError: psutil. It is tried again."]


def test_it_ends_at_once_though_it_looks_once_a_day() -> None:
    looked = threading.Event()

    def look(now: float) -> Sequence[Report]:
        looked.set()
        return ()

    with Running(lambda _: look, every=86_400.0):
        assert looked.wait(5)


class Counts:
    """Implements `looking.Forgets` by remembering."""

    def __init__(self) -> None:
        self.did: list[str] = []

    def pour(self, entry: LogEntry, now: float) -> Sequence[Detection]:
        self.did.append(entry.kind)
        return ()

    def forget(self, address: str) -> None:
        self.did.append(address)


def entry(kind: EntryKind, **fields: str) -> LogEntry:
    return LogEntry(
        parser="sudo", event="command", kind=kind, service="sudo", at=NOW, user="ada", fields=fields, line="x"
    )


def test_what_people_run_as_others_reaches_the_witnesses_and_is_counted() -> None:
    counts, witnesses = Counts(), Witnesses()
    heard = Heard(counts, witnesses)
    heard.pour(entry(EntryKind.COMMAND, command="/usr/bin/vi /etc/motd"), NOW)
    heard.pour(entry(EntryKind.LOGIN_FAILED, command="/usr/bin/rm /etc/motd"), NOW)
    assert "vi" in witnesses.person(NOW + 5, "/etc/motd")
    heard.forget("203.0.113.7")
    assert counts.did == ["command", "login-failed"], (
        "an address is forgotten by who counts, not by who lifts"
    )
    heard.pour(entry(EntryKind.PROBE), NOW)
    assert counts.did == ["command", "login-failed", "203.0.113.7", "probe"]


def looks(config: Config, witnesses: Witnesses) -> Mapping[str, tuple[Any, float]]:
    return {name: (make, every) for name, make, every in looking.rounds(config, witnesses, "1.0")}


def test_metrics_may_be_off(tmp_path: Path) -> None:
    assert set(looks(Config(state=tmp_path), Witnesses())) == {
        "drift",
        "files",
        "audit",
        "scan",
        "metrics",
        "survey",
    }
    assert set(looks(Config(state=tmp_path, metrics=False), Witnesses())) == {
        "drift",
        "files",
        "audit",
        "scan",
    }


@pytest.mark.deep
def test_what_is_measured_of_this_machine_is_told_with_what_it_is(tmp_path: Path) -> None:
    found = looks(Config(state=tmp_path), Witnesses())
    quick, slow = found["metrics"][0](NOW), found["survey"][0](NOW)
    assert {type(one) for one in slow(NOW)} == {Inventory}
    assert not slow(NOW), "told once, while it does not change"
    sample, *_ = quick(NOW)
    assert sample.values["memory.size.bytes"] > 0


def test_a_file_that_changes_is_reported_with_who_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched, state = tmp_path / "site", tmp_path / "state"
    watched.mkdir()
    state.mkdir()
    (watched / "index.php").write_text("good")
    monkeypatch.setattr(looking, "_WAITS", 0.05)
    witnesses = Witnesses(root=tmp_path)
    config = Config(state=state, files=Files(paths=(str(watched),), usual=False))
    make, every = looks(config, witnesses)["files"]
    made: list[Any] = []

    def kept(now: float) -> Acts:
        made.append(make(now))
        return made[0]  # type: ignore[no-any-return]

    with Running(kept, every) as running:
        until(lambda: bool(made))
        until((state / "files.db").exists)
        until(lambda: settled(state, watched))
        (watched / "index.php").write_text("evil")
        until(
            lambda: any(isinstance(one, HostChange) for one in running.told.said), lambda: str(running.said)
        )
    (found,) = [one for one in running.told.said if isinstance(one, HostChange)]
    assert (found.kind, found.subject) == ("file", str(watched / "index.php"))
    assert running.said == []


def settled(state: Path, watched: Path) -> bool:
    """Tell whether the first look is over: what is known then is what later looks compare with."""
    import sqlite3

    with sqlite3.connect(f"file:{state}/files.db?mode=ro", uri=True) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return any(base.execute(f"SELECT count(*) FROM {name}").fetchone()[0] >= 2 for name in tables)  # noqa: S608
