"""Where sslyze is: in an environment of its own, for it wants an older `cryptography` than Vedette has."""

import os
import sys
from pathlib import Path

from vedette.instruments.scan.types import CannotKnow

VARIABLE = "VEDETTE_SCANNERS"
NAME = ".venv-scanners"
_PROGRAM = Path("bin/python")
_CHECKOUT = Path(__file__).parents[5]


def python() -> Path:
    """Return the python that has sslyze: that of VEDETTE_SCANNERS, else beside our own environment or our sources.

    Raises `CannotKnow` that says how to install it.
    """
    named = os.environ.get(VARIABLE, "")
    folders = [Path(named)] if named else [Path(sys.prefix).parent / NAME, _CHECKOUT / NAME]
    found = next((folder / _PROGRAM for folder in folders if _whole(folder)), None)
    if found is None:
        where = f" in {named} ({VARIABLE})" if named else ""
        raise CannotKnow(
            f"sslyze is not installed{where}, so TLS cannot be looked at.",
            f"Run tools/setup scanners, or name the folder of an environment that has it ({VARIABLE}).",
        )
    return found


def _whole(folder: Path) -> bool:
    """Tell whether sslyze is there: an environment that was left half-way has a python alone."""
    return (folder / _PROGRAM).exists() and any(folder.glob("lib/python3*/site-packages/sslyze/__init__.py"))
