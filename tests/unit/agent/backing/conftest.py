"""An agent that saves a folder into memory, without threads and processes of its own."""

from collections.abc import Iterator

import pytest
from tests.support import backup_kinds


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    with backup_kinds.known():
        yield
