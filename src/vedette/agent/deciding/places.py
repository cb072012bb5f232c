"""Where the networks of targets lie among all addresses, so that those in or around another one are found without a walk."""

import ipaddress
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator

from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.types import Network, Target
from vedette.wire.agent.types import Scope

SLACK = 1000  # places of targets that are gone, beyond as many as are not, before all are made anew
FEW = 64  # places that are put among the others one by one


class Places:
    """Networks by version and length as sorted heads. What is gone stays until there are too many: who asks looks whether it is."""

    def __init__(self) -> None:
        self._heads: dict[tuple[int, int], list[int]] = {}
        self._new: list[Target] = []
        self._count = 0

    def add(self, target: Target) -> None:
        """Note a target; a user or key lies nowhere."""
        if target.scope in {Scope.ADDRESS, Scope.NETWORK}:
            self._new.append(target)
            self._count += 1

    def too_many(self, live: int) -> bool:
        """Tell whether most of what is noted is gone, where so many targets are not."""
        return self._count > 2 * live + SLACK

    def overlapping(self, net: Network) -> Iterator[Target]:
        """Yield the noted targets that hold a network or lie in it, each at least once."""
        self._sort()
        first, last = int(net.network_address), int(net.broadcast_address)
        for (version, length), heads in self._heads.items():
            tail = net.max_prefixlen - length
            if version == net.version:
                begin, end = bisect_left(heads, first >> tail), bisect_left(heads, (last >> tail) + 1)
                for head in heads[begin:end]:
                    yield targets.of_head(version, length, head)

    def _sort(self) -> None:
        """Put what is new in its place; after a restart or a long order that is all of it at once."""
        new: dict[tuple[int, int], list[int]] = {}
        for target in self._new:
            if (place := _place(target.value)) is not None:
                new.setdefault(place[:2], []).append(place[2])
        self._new = []
        for kind, heads in new.items():
            _merge(self._heads.setdefault(kind, []), heads)


def _merge(sorted_heads: list[int], heads: Iterable[int]) -> None:
    few = list(heads)
    if len(few) > FEW:
        sorted_heads.extend(few)
        sorted_heads.sort()
        return
    for head in few:
        insort(sorted_heads, head)


def _place(value: str) -> tuple[int, int, int] | None:
    """Return version, length and head of an address or CIDR: the head is its bits that count. Fast, as restarts ask for all."""
    text, _, length = value.partition("/")
    try:
        bits, number = (128, int(ipaddress.IPv6Address(text))) if ":" in text else (32, _four(text))
        lasting = int(length) if length else bits
        return (4 if bits == 32 else 6, lasting, number >> (bits - lasting)) if lasting >= 0 else None
    except ValueError:  # a value of a file that somebody changed
        return None


def _four(text: str) -> int:
    """Return an IPv4 address as a number, four times as soon as `ipaddress` does."""
    packed = bytes(map(int, text.split(".")))
    if len(packed) != 4:
        raise ValueError(text)
    return int.from_bytes(packed)
