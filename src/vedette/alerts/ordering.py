"""In which order are the alerts of a group told? Pure; as Alertmanager does, so that receivers see no difference.

Source: Alertmanager's `types.AlertSlice` and Prometheus' `model.LabelSet.Before`: by job, by instance (those without
one come last), then fewer labels first, then by the first name, in alphabetical order, that only one of two has (it
comes last) or that has another value.
"""

import functools
from collections.abc import Mapping

Labels = Mapping[str, str]


def compare(one: Labels, other: Labels) -> int:
    """Return a number below zero when `one` is told first, above zero when `other` is, zero when they are the same."""
    for name in ("job", "instance"):
        a, b = (name not in one, one.get(name, "")), (name not in other, other.get(name, ""))
        if a != b:
            return -1 if a < b else 1
    if len(one) != len(other):
        return len(one) - len(other)
    return _by_names(one, other)


#: A key for `sorted` and `min`.
key = functools.cmp_to_key(compare)


def _by_names(one: Labels, other: Labels) -> int:
    for name in sorted({*one, *other}):
        if name not in one:
            return -1
        if name not in other:
            return 1
        if one[name] != other[name]:
            return -1 if one[name] < other[name] else 1
    return 0
