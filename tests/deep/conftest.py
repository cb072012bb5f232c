"""Deep tests start real servers too."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.conftest import migrated, start_for_all, start_vedette, template, vedette_server
from tests.support import clusters, greens
from tests.support.overheard import overheard

PLANTED = "planted-password"
__all__ = ["migrated", "start_for_all", "start_vedette", "template", "vedette_server"]


@pytest.fixture
def unheard(tmp_path: Path) -> Iterator[None]:
    """See that no password is said on a command line, logged, or left in a file of ours, whatever a test does."""
    secrets = (greens.PASSWORD, clusters.PASSWORD, PLANTED)
    with overheard(*secrets) as listening:
        yield
        for state in tmp_path.glob("**/state"):
            listening.look_into(state)
    assert not listening.heard
    assert listening.programs
