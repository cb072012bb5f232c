"""A run that requires the corpora must not pass without them."""

from pathlib import Path

import pytest
from tests.support import corpora


def test_corpora_that_are_there_are_used(tmp_path: Path) -> None:
    assert corpora.found(tmp_path, required=True) == tmp_path


def test_missing_corpora_fail_where_they_are_required(tmp_path: Path) -> None:
    with pytest.raises(pytest.fail.Exception, match="set VEDETTE_CORPORA"):
        corpora.found(tmp_path / "none", required=True)


def test_missing_corpora_skip_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(pytest.skip.Exception, match="set VEDETTE_CORPORA"):
        corpora.found(tmp_path / "none", required=False)
