"""Where the reference corpora are, and what their absence means."""

from pathlib import Path

import pytest


def found(folder: Path, *, required: bool) -> Path:
    """Return the folder; where it is not, fail the test when it is `required`, else skip it."""
    if folder.is_dir():
        return folder
    missing = f"reference corpora not at {folder} (set VEDETTE_CORPORA)"
    if required:
        pytest.fail(missing)
    pytest.skip(missing)
