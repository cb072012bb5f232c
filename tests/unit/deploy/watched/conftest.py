from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.watched_shop import Watched, watched


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as made:
        yield made
