"""Certificates of a server on core.db, with memory for what leaves the house."""

from pathlib import Path

import pytest
from tests.support.rooms import NOW, house_with_kv

from vedette.certificates.keeping import Folder
from vedette.core.clock import ManualClock
from vedette.core.settings import Settings
from vedette.plumbing.testing import MemoryPorts


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def house(db: None, clock: ManualClock, tmp_path: Path) -> MemoryPorts:
    return house_with_kv(clock, Settings(data=tmp_path, domains="watch.example.com"))
