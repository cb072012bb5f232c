"""Every failure says what it means and what to do, in the product and on its page."""

from pathlib import Path

import pytest

from vedette.instruments.backup.failing import MEANS
from vedette.wire.backup import Failure

PAGE = (Path(__file__).parents[4] / "docs/backups/README.md").read_text()


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_says_what_to_do(failure: Failure) -> None:
    means, fix = MEANS[failure]
    assert means
    assert fix
    assert f"| `{failure}` |" in PAGE
