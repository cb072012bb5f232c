"""Each host for itself: what one of them makes fail is said in our log, once an hour, and the others go on."""

import logging
from collections.abc import Callable
from typing import TypeVar

from vedette.core.errors import Unavailable
from vedette.hosts.types import HOUR

_LOG = logging.getLogger("vedette.hosts")
_MOST = 10_000
_SAID: dict[tuple[str, int], float] = {}
T = TypeVar("T")


def apart(host: int, what: str, act: Callable[[], T], otherwise: T, now: float) -> T:
    """Do something about one host; return `otherwise` when that fails. What is of all alike (`Unavailable`) is raised."""
    try:
        return act()
    except Unavailable:
        raise
    except Exception:  # noqa: BLE001 - it is said below
        if now - _SAID.get((what, host), float("-inf")) >= HOUR:
            if len(_SAID) >= _MOST:
                _SAID.clear()
            _SAID[what, host] = now
            _LOG.exception("%s of host %d cannot be done; the other hosts are", what, host)
        return otherwise
