"""The largest that something was, slowly forgotten: what goes beyond it is rare for this very series. Pure.

A bound in units of the series, or in deviations, fits one series and not the next: the errors of some have heavy
tails, those of others hardly vary. How far a record is beaten needs no such bound, and records become rarer the
longer one looks (of n like values about ln n; Arnold, Balakrishnan and Nagaraja, "Records", 1998).
"""

import msgspec

FADE = 0.0005  # of its distance to the mean, a point: a record halves in about 1,400 points
SLOWEST = 0.0005  # what a new point weighs in a long mean at least


class Record(msgspec.Struct):
    """The highest value and the mean of what was measured, both at least 0."""

    height: float = 0.0
    mean: float = 0.0


def beaten(record: Record, value: float, floor: float, weight: float) -> float:
    """Return by what ratio `value` beats the record, and learn it.

    `floor`, in units of the value, keeps a record of almost nothing from being beaten by rounding; `weight` is what
    the point weighs in the long mean.
    """
    height = record.height
    ratio = value / (height + floor) if height + floor > 0 else 0.0
    record.mean += weight * (value - record.mean)
    if value > height:
        record.height = value
    elif record.mean < height:
        record.height = height - FADE * (height - record.mean)
    return ratio
