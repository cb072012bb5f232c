"""A set of networks that is asked for each decision, and answers in microseconds however large it is."""

from bisect import bisect_left
from collections.abc import Iterable

from vedette.wire.agent.deciding.types import Network


class Networks:
    """Networks, each with a word why it is here. Asked for what overlaps another network."""

    def __init__(self, named: Iterable[tuple[Network, str]] = ()) -> None:
        self._why: dict[Network, str] = {}
        for net, why in named:
            self._why.setdefault(net, why)
        # By version and length the heads of networks, as numbers: to ask is arithmetic, not one object a length.
        self._heads: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
        for net in sorted(self._why, key=lambda n: n.prefixlen):
            self._heads[net.version].setdefault(net.prefixlen, set()).add(_start(net) >> _tail(net))
        self._sorted = {v: sorted((n for n in self._why if n.version == v), key=_start) for v in (4, 6)}
        self._starts = {v: [_start(n) for n in nets] for v, nets in self._sorted.items()}

    def __len__(self) -> int:
        return len(self._why)

    def overlapping(self, net: Network) -> tuple[Network, str] | None:
        """Return a network of the set that holds another one or lies in it, and its word; None when none does."""
        found = self._holding(net) or self._within(net)
        return None if found is None else (found, self._why[found])

    def _holding(self, net: Network) -> Network | None:
        start, bits = _start(net), net.max_prefixlen
        for length, heads in self._heads[net.version].items():
            if length > net.prefixlen:
                return None
            if start >> (bits - length) in heads:
                return net.supernet(new_prefix=length)
        return None

    def _within(self, net: Network) -> Network | None:
        """Networks nest or are apart: one that begins inside lies inside."""
        starts = self._starts[net.version]
        at = bisect_left(starts, _start(net))
        if at < len(starts) and starts[at] <= int(net.broadcast_address):
            return self._sorted[net.version][at]
        return None


def _start(net: Network) -> int:
    return int(net.network_address)


def _tail(net: Network) -> int:
    return net.max_prefixlen - net.prefixlen
