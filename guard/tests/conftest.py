"""Every test that asks for a `door` is about all of them."""

import os
import tempfile
from pathlib import Path

import pytest

from guard.tests.doors import DOORS, Door

os.environ.setdefault("VEDETTE_DATA", tempfile.mkdtemp(prefix="vedette-test-"))
CORPORA = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))


@pytest.fixture(params=DOORS, ids=lambda door: door.name)
def door(request: pytest.FixtureRequest) -> Door:
    """Return one door after the other."""
    found: Door = request.param
    return found


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Return the corpora of the guard; where they are not, skip, or fail when `VEDETTE_REQUIRE_CORPORA` is set."""
    from tests.support.corpora import found

    return found(CORPORA, required=bool(os.environ.get("VEDETTE_REQUIRE_CORPORA"))) / "guard"
