"""How often one address may open links of notices; kept in memory, for it only spares the server work."""

import threading
from collections import OrderedDict

from vedette.accounts.throttle import Bucket, spend
from vedette.core.errors import Throttled

A_MINUTE = 30
MOST_ADDRESSES = 4_096  # the one that asked longest ago is forgotten first


class Pace:
    """One bucket for each address."""

    def __init__(self, per_minute: int = A_MINUTE) -> None:
        self._per_minute = per_minute
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def spend(self, address: str, now: float) -> None:
        """Count one request of an address; `now` is of a clock that never goes back. Raises `Throttled` beyond its requests a minute."""
        with self._lock:
            before = self._buckets.pop(address, Bucket())
            admission, self._buckets[address] = spend(before, now, self._per_minute)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        if not admission.allowed:
            raise Throttled(admission.reason, admission.wait)
