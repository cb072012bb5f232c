"""How does a monitor fare from each place it is checked from? Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.monitors import phasing
from vedette.monitors.judging import fresh_for
from vedette.monitors.phasing import Phased
from vedette.monitors.types import HERE, HOUR, CheckResult, Reading, Vote, Watched

STEP, N = HOUR / 2, 48
_SAID = {
    Reading.GOOD: ("ok", "Up"),
    Reading.SLOW: ("warn", "Slow"),
    Reading.BAD: ("crit", "Down"),
    Reading.UNKNOWN: ("off", "Not known"),
}


class Faring(msgspec.Struct, frozen=True, kw_only=True):
    """What one place found: its last vote (None for none), tone and word of that, and how long its checks took.

    `slug` is empty for here.
    """

    slug: str
    name: str
    vote: Vote | None
    tone: str
    word: str
    phased: Phased

    @property
    def medians(self) -> list[float]:
        """Return the median of each bucket in milliseconds, 0 where there is none."""
        return [bucket.p50 or 0.0 for bucket in self.phased.buckets]


def fared(
    watched: Watched, names: Mapping[str, str], checks: Sequence[CheckResult], now: float
) -> tuple[Faring, ...]:
    """Return how a monitor fared from each of its places in the last day, by the half hour.

    `names` are those of locations by their slugs; nothing for one that is checked from here alone.
    """
    if not watched.monitor.config.locations:
        return ()
    start = (now // STEP + 1) * STEP - N * STEP
    return tuple(
        _from(place, watched, names, phasing.of_checks(_of(place, checks), start, STEP, N), now)
        for place in watched.monitor.config.places
    )


def _from(place: str, watched: Watched, names: Mapping[str, str], phased: Phased, now: float) -> Faring:
    vote = next((one for one in watched.known.votes if one.location == place), None)
    tone, word = "off", "Not checked yet"
    if vote is not None:
        old = now - vote.at > fresh_for(watched.monitor)
        tone, word = ("off", "Not heard of lately") if old else _SAID[vote.reading]
    name = names.get(place, place) if place else HERE.title()
    return Faring(slug=place, name=name, vote=vote, tone=tone, word=word, phased=phased)


def _of(place: str, checks: Iterable[CheckResult]) -> list[CheckResult]:
    return [one for one in checks if one.location == place]
