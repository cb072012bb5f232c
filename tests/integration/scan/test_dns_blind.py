"""A domain that nobody answers for is never clean."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.domains import OwnServer, own_server, scanned


@pytest.fixture(scope="module")
def server() -> Iterator[OwnServer]:
    made = own_server()
    yield made
    made.close()


@pytest.mark.parametrize(
    "domain",
    ["servfail.test", "refused.test", "nowhere.invalid", pytest.param("silent.test", marks=pytest.mark.deep)],
)
def test_blind_without_an_answer(domain: str, server: OwnServer, tmp_path: Path) -> None:
    report = scanned(domain, server, tmp_path)
    assert not report.findings
    assert report.unknown[0].why
    assert report.unknown[0].fix
    assert not report.complete
