"""Every test that asks for a `door` is about all of them."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from guard.tests.doors import DOORS, Door

os.environ.setdefault("VEDETTE_DATA", tempfile.mkdtemp(prefix="vedette-test-"))
CORPORA = Path(os.environ.get("VEDETTE_CORPORA", Path(__file__).parents[3] / "shared" / "corpora"))


@pytest.fixture(params=DOORS, ids=lambda door: door.name)
def door(request: pytest.FixtureRequest) -> Door:
    """Return one door after the other."""
    found: Door = request.param
    return found


@pytest.fixture(autouse=True)
def without_database() -> Iterator[None]:
    """Keep Django from asking, around each request, after a connection that a test of the product left open."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Return the corpora of the guard; where they are not, skip, or fail when `VEDETTE_REQUIRE_CORPORA` is set."""
    from tests.support.corpora import found

    return found(CORPORA, required=bool(os.environ.get("VEDETTE_REQUIRE_CORPORA"))) / "guard"
