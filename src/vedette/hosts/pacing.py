"""How often a host may measure: so many samples of each hour, whenever they come. For one thread."""

from collections.abc import Mapping, Sequence

from vedette.hosts.store.shelf import Sampled
from vedette.hosts.types import HOUR

MOST_SAMPLES = (
    1_440  # of one hour: two every five seconds, as an agent tells its host and its databases apart
)
_MOST_HOURS = 60


class Pace:
    """How much a host tells in an hour; what counts is put down once it is recorded."""

    def __init__(self) -> None:
        self._held: dict[int, dict[int, int]] = {}

    def chosen(self, samples: Sequence[Sampled]) -> tuple[list[Sampled], dict[tuple[int, int], int]]:
        """Return the samples that are kept, by the hour they are of, and the counts with them."""
        counts: dict[tuple[int, int], int] = {}
        kept: list[Sampled] = []
        for one in samples:
            key = one[0], int(one[1] // HOUR)
            n = counts.get(key, self._held.get(one[0], {}).get(key[1], 0))
            if n < MOST_SAMPLES:
                counts[key] = n + 1
                kept.append(one)
        return kept, counts

    def put(self, counts: Mapping[tuple[int, int], int]) -> None:
        """Put counts down; of a host so many hours are known as samples may be late."""
        for (host, hour), n in counts.items():
            held = self._held.setdefault(host, {})
            held[hour] = n
            if len(held) > _MOST_HOURS:
                del held[min(held)]
