"""How often an address may ask for a subscription: so many times a day, whatever came of it, so that the count tells nothing."""

import threading
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from vedette.core.errors import Throttled
from vedette.status.types import DAY

MOST_A_DAY = 20  # an office behind one address subscribes; a list of addresses is not worked off
MOST_ADDRESSES = 10_000


class Askers:
    """The addresses that asked today (UTC), of which the longest silent are forgotten beyond `MOST_ADDRESSES`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._day = 0
        self._asked: OrderedDict[str, int] = OrderedDict()

    def count(self, address: str, now: float) -> None:
        """Count one asking of an address; raises `Throttled` beyond those of a day."""
        key = asker(address)
        with self._lock:
            if self._day != int(now // DAY):
                self._day, self._asked = int(now // DAY), OrderedDict()
            n = self._asked.pop(key, 0) + 1
            self._asked[key] = n
            if len(self._asked) > MOST_ADDRESSES:
                self._asked.popitem(last=False)
        if n > MOST_A_DAY:
            raise Throttled(f"From one address, {MOST_A_DAY} subscriptions a day are taken.", DAY - now % DAY)


def asker(address: str) -> str:
    """Return who an address stands for: itself, or of IPv6 its network of 64 bits, which one household has to itself (RFC 6177)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Address(int(found) >> 64 << 64)) if isinstance(found, IPv6Address) else address
