"""Libraries that only some parts need, and what to install when one is missing."""

from __future__ import annotations

import importlib
from typing import Any


def need(module: str, extra: str) -> Any:
    """Return a module that an extra brings. Raise ImportError naming the extra when it is missing."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise ImportError(
            f"{package} is not installed; it comes with: pip install 'vedette-guard[{extra}]'"
        ) from error
