"""Each kind of place on another host takes a backup and lists it; what they do with the rest is in tests/deep/test_backups_far.py."""

from pathlib import Path

import pytest
from tests.support import far
from tests.support.greens import filled

from vedette.instruments.backup.types import Cargo

pytestmark = pytest.mark.timeout(120)


@pytest.mark.deep
@pytest.mark.parametrize("target", far.TARGETS)
def test_what_is_saved_elsewhere_is_listed(target: str, tmp_path: Path) -> None:
    with far.TARGETS[target](tmp_path) as place:
        filled(place.folder, 1, 2_000)
        work = place.work()
        store = work.open(work.tools)
        assert store.create()
        saved = store.save(Cargo(plan="shop", paths=(place.folder,)), work.tools)
        assert [one.name for one in store.snapshots(work.tools)] == [saved.snapshot]
