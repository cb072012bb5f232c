"""How long checks took, part by part, over a time: medians of the phases and the 95th percentile of the whole. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.monitors.tallying import PHASES, Tally, merged
from vedette.monitors.types import CheckResult, Reading
from vedette.wire.sketch import Sketch

SAID = {
    "dns": "Name", "connect": "Connect", "tls": "TLS", "first_byte": "First byte", "transfer": "Transfer",
}  # fmt: skip


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Checks of one part of a time: how many, how many failed, medians of phases and quantiles of the whole in milliseconds."""

    checks: int = 0
    bad: int = 0
    phases: Mapping[str, float] = {}
    p50: float | None = None
    p95: float | None = None


class Phased(msgspec.Struct, frozen=True, kw_only=True):
    """Buckets of `step` seconds from `start` on; `names` are the phases that happened at all, in their order."""

    start: float
    step: float
    buckets: tuple[Bucket, ...]
    names: tuple[str, ...]
    p50: float | None
    p95: float | None

    @property
    def layers(self) -> list[list[float]]:
        """Return the medians of each phase, bucket by bucket, 0 where there are none."""
        return [[bucket.phases.get(name, 0.0) for bucket in self.buckets] for name in self.names]

    @property
    def line(self) -> list[float]:
        """Return the 95th percentile of each bucket, 0 where there is none."""
        return [bucket.p95 or 0.0 for bucket in self.buckets]

    @property
    def named(self) -> tuple[str, list[float]]:
        """Return that line with its name."""
        return "p95 of the whole", self.line

    @property
    def checks(self) -> int:
        """Return how many checks there were."""
        return sum(bucket.checks for bucket in self.buckets)


def of_checks(found: Sequence[CheckResult], start: float, step: float, n: int) -> Phased:
    """Return what single results come to in `n` buckets."""
    parts: list[list[CheckResult]] = [[] for _ in range(n)]
    for one in found:
        place = int((one.outcome.at - start) // step)
        if 0 <= place < n:
            parts[place].append(one)
    buckets = tuple(_of_checks(part) for part in parts)
    whole = Sketch.of(one.outcome.ms for part in parts for one in part if one.outcome.ms is not None)
    return _phased(start, step, buckets, whole)


def of_tallies(found: Mapping[int, Tally], start: float, step: float, n: int) -> Phased:
    """Return what tallies by their beginning come to in `n` buckets, each of one tally."""
    at = {int((begin - start) // step): tally for begin, tally in found.items()}
    buckets = tuple(_of_tally(at.get(place, Tally())) for place in range(n))
    whole = Sketch.union(tally.ms for place, tally in at.items() if 0 <= place < n)
    return _phased(start, step, buckets, whole)


def gathered(found: Mapping[int, Tally], start: float, step: float) -> Mapping[int, Tally]:
    """Return tallies put together to spans of `step` seconds from `start` on, by their beginning."""
    parts: dict[int, list[Tally]] = {}
    for at, one in found.items():
        parts.setdefault(int(start + (at - start) // step * step), []).append(one)
    return {at: merged(each) for at, each in parts.items()}


def _phased(start: float, step: float, buckets: tuple[Bucket, ...], whole: Sketch) -> Phased:
    names = tuple(name for name in PHASES if any(bucket.phases.get(name) for bucket in buckets))
    return Phased(
        start=start,
        step=step,
        buckets=buckets,
        names=names,
        p50=whole.quantile(0.5),
        p95=whole.quantile(0.95),
    )


def _of_checks(found: Sequence[CheckResult]) -> Bucket:
    times = sorted(one.outcome.ms for one in found if one.outcome.ms is not None)
    phases = {name: sorted(one.phases[name] for one in found if one.phases.get(name)) for name in PHASES}
    return Bucket(
        checks=len(found), bad=sum(one.outcome.reading is Reading.BAD for one in found),
        phases={name: _quantile(values, 0.5) for name, values in phases.items() if values},
        p50=_quantile(times, 0.5) if times else None, p95=_quantile(times, 0.95) if times else None,
    )  # fmt: skip


def _of_tally(tally: Tally) -> Bucket:
    medians = {name: sketch.quantile(0.5) for name, sketch in tally.phases.items()}
    return Bucket(
        checks=tally.total, bad=tally.of(Reading.BAD), p50=tally.ms.quantile(0.5), p95=tally.ms.quantile(0.95),
        phases={name: ms for name, ms in medians.items() if ms is not None},
    )  # fmt: skip


def _quantile(values: Sequence[float], q: float) -> float:
    return values[int(q * (len(values) - 1))]
