from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deploying import Place, place


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path) as made:
        yield made
