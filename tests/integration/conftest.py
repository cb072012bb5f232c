"""Databases that several tests look at: started once for those of the group `kinds`, which run in one process."""

from collections.abc import Iterator

import pytest
from tests.support import databases


@pytest.fixture(scope="session")
def postgres() -> Iterator[int]:
    with databases.postgres() as port:
        yield port


@pytest.fixture(scope="session")
def mariadb() -> Iterator[int]:
    with databases.mariadb() as port:
        yield port
