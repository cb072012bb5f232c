"""Looking until something is so: what Hetzner says is done is often not seen at once."""

from collections.abc import Callable

from vedette.instruments.hetzner.types import Asks

_BETWEEN = 1.0  # seconds


def came(cloud: Asks, looks: int, is_so: Callable[[], bool]) -> bool:
    """Look once a second, so many times at most; tell whether it became so."""
    for look in range(looks):
        if look:
            cloud.pause(_BETWEEN)
        if is_so():
            return True
    return False
