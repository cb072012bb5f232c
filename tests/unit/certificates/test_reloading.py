"""A certificate that was renewed is shown: who looks after it asks until it is, and tells when that lasts."""

import os
import signal
from collections.abc import Iterator

import pytest
from tests.unit.certificates.test_keeping import SEAL
from tests.unit.certificates.test_telling import NOW, certificate, failing

from vedette.app.certifying import RELOAD_SECONDS, Keeper
from vedette.certificates import service, telling
from vedette.certificates.keeping import Folder, load
from vedette.core.clock import ManualClock
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def asked() -> Iterator[list[int]]:
    """Return the reloads that were asked for; we are the supervisor."""
    found: list[int] = []
    before = signal.signal(signal.SIGHUP, lambda *_: found.append(1))
    yield found
    signal.signal(signal.SIGHUP, before)


def keeper(folder: Folder, house: MemoryPorts, clock: ManualClock) -> Keeper:
    folder.install(certificate(0, serial="7f"), "chain", "key", SEAL)
    return Keeper(house.settings, clock, -1, os.getpid())


def test_a_reload_is_asked_for_until_the_new_one_is_shown(
    folder: Folder, house: MemoryPorts, clock: ManualClock, asked: list[int]
) -> None:
    one = keeper(folder, house, clock)
    one.reload()
    assert asked == [], "nobody takes reloads yet"
    one.go()
    one.reload()
    assert len(asked) == 1
    clock.forward(RELOAD_SECONDS + 1)
    one.reload()
    assert len(asked) == 2, "the worker did not start, or the signal was lost"
    folder.loaded("7f")
    clock.forward(RELOAD_SECONDS + 1)
    one.reload()
    assert len(asked) == 3, "a worker that read it and did not start shows nothing"
    folder.shows()
    clock.forward(RELOAD_SECONDS + 1)
    one.reload()
    assert (len(asked), folder.shown()) == (3, "7f")


def test_another_process_that_looks_after_it_asks_again(
    folder: Folder, house: MemoryPorts, clock: ManualClock, asked: list[int]
) -> None:
    keeper(folder, house, clock)
    Keeper(house.settings, clock, -1, os.getpid()).go()
    assert len(asked) == 1


def test_who_reads_it_notes_which(folder: Folder, house: MemoryPorts, clock: ManualClock) -> None:
    one = certificate(0)
    folder.install(one, "chain", "key", SEAL)
    assert load(house.settings.data, SEAL) == ("chain", "key")
    assert folder.shown() == ""
    folder.shows()
    assert folder.shown() == one.serial


@pytest.mark.parametrize(
    ("shown", "minutes", "told"), [("", 60, False), ("5a", 60, False), ("4f", 5, False), ("4f", 11, True)]
)
def test_visitors_that_get_the_old_one_are_told_of(shown: str, minutes: int, told: bool) -> None:
    new = certificate(0, installed_at=NOW - 60 * minutes)
    found = telling.trouble(new, failing(0), NOW, shown)
    assert (found is not None and "visitors still get the old one" in found.text) is told


def test_who_stands_in_for_long_is_told_of() -> None:
    def trouble(age: float) -> bool:
        return telling.trouble(certificate(age, self_signed=True), failing(0), NOW) is not None

    assert (trouble(0.001), trouble(1)) == (False, True)


def test_files_that_cannot_be_read_are_trouble_and_no_fault_of_the_page(
    folder: Folder, house: MemoryPorts, clock: ManualClock
) -> None:
    folder.install(certificate(0), "", "", SEAL)
    (house.settings.data / "certificates" / "installed.json").write_text("{")
    found = service.report(clock.now())
    assert found is not None
    assert (found.tone, "installed.json" in found.sentence) == ("crit", True)
    assert service.notice(clock.now())
    assert not service.notice(clock.now()), "once"
