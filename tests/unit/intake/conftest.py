import pytest
from tests.support.door import Door


@pytest.fixture
def door() -> Door:
    return Door()
