"""Many addresses of one network that attack together: after so many decisions within an hour the network is meant."""

from collections import OrderedDict

from vedette.agent.deciding import targets
from vedette.agent.deciding.types import HOUR, Target

MOST = 10_000  # networks that are kept in mind; the one that was quiet longest goes
MOST_ADDRESSES = 256  # of one network


class Crowd:
    """Which addresses of which networks were decided about in the hour before."""

    def __init__(self, window: float = HOUR, most: int = MOST) -> None:
        self._window, self._most = window, most
        self._seen: OrderedDict[Target, dict[str, float]] = OrderedDict()

    def saw(self, address: str, now: float) -> tuple[Target, int] | None:
        """Note that an address was decided about; return its network, and how many of it were in the window."""
        network, client = targets.around(address), targets.of_address(address)
        if network is None or client is None:
            return None
        found = self._seen.setdefault(network, {})
        self._seen.move_to_end(network)
        found[client.value] = now
        for old in [value for value, at in found.items() if at <= now - self._window]:
            del found[old]
        if len(found) > MOST_ADDRESSES:
            del found[min(found, key=lambda value: found[value])]
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return network, len(found)
