"""Whether an event's release has the fix of a resolved issue, and why. Pure.

Releases that both are versions of one package are compared by Semantic Versioning 2.0 (https://semver.org, section 11;
two or four numbers are taken too, and a leading `v`); any others by when they were first deployed or named by events.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

_VERSION = re.compile(
    r"v?(\d{1,18}(?:\.\d{1,18}){1,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?", re.ASCII
)
_Identifier = tuple[int, int, str]  # numbers come before words
_LAST: tuple[_Identifier, ...] = ((2, 0, ""),)  # what is no pre-release comes after all of them


class Release(msgspec.Struct, frozen=True):
    """A release, and when it was first deployed or named by an event; None when it was neither before."""

    name: str
    first_at: float | None = None


class Fix(msgspec.Struct, frozen=True):
    """Since when an issue is resolved, and where its fix is: after the release `after` ("" = none was known), or in `within`."""

    at: float
    after: str | None = None
    within: Release | None = None


class Verdict(msgspec.Struct, frozen=True):
    """Whether an event of a release makes the issue come back, and why."""

    regresses: bool
    reason: str


class Version(NamedTuple):
    """What precedence is decided by."""

    numbers: tuple[int, ...]
    before: tuple[_Identifier, ...]


def version(name: str) -> tuple[str, Version] | None:
    """Return the package (maybe empty) and the version of a release such as `shop@1.4.2`; None when it is none."""
    package, _, told = name.rpartition("@")
    found = _VERSION.fullmatch(told)
    if found is None:
        return None
    numbers = tuple(int(number) for number in found[1].split("."))
    parts = tuple(_identifier(part) for part in found[2].split(".")) if found[2] else _LAST
    return package, Version(numbers + (0,) * (4 - len(numbers)), parts)


def _identifier(part: str) -> _Identifier:
    return (0, int(part), "") if part.isdecimal() and len(part) < 19 else (1, 0, part)


def compared(one: str, other: str) -> int | None:
    """Return -1, 0 or 1 as one release is older than, equal to or newer than the other; None when that cannot be told.

    A version without a package is one of any package.
    """
    if one == other:
        return 0
    left, right = version(one), version(other)
    if left is None or right is None or (left[0] != right[0] and left[0] and right[0]):
        return None
    return (left[1] > right[1]) - (left[1] < right[1])


def newest(known: Sequence[Release]) -> str:
    """Return the newest release: of the package first seen last the highest version; "" when none is known.

    Of several names for one version the first counts.
    """
    if not known:
        return ""
    found = max(known, key=lambda one: (one.first_at or 0.0, one.name)).name
    found = next(one.name for one in known if compared(one.name, found) == 0)
    for one in known:
        if compared(one.name, found) == 1:
            found = one.name
    return found


def decide(fix: Fix, seen: Iterable[Release]) -> Verdict:
    """Decide by the releases of events that came; those without a release say nothing."""
    named = [release for release in seen if release.name]
    back = next((release for release in named if _has_fix(fix, release)), None)
    if back is not None:
        return Verdict(True, f"It was {resolved(fix)}, and came again in {back.name}.")
    if not named:
        return Verdict(False, f"It is {resolved(fix)}; this came without a release.")
    return Verdict(False, f"It is {resolved(fix)}; {named[0].name} does not have the fix yet.")


def resolved(fix: Fix) -> str:
    """Return where it is resolved: `resolved in the release after shop@1.4.2`."""
    if fix.within is not None:
        return f"resolved in {fix.within.name}"
    return f"resolved in the release after {fix.after}" if fix.after else "resolved in the next release"


def _has_fix(fix: Fix, release: Release) -> bool:
    if fix.within is not None:
        return _is_from(fix.within, release)
    if release.first_at is not None and release.first_at <= fix.at:
        return False
    return compared(release.name, fix.after or "") in {None, 1}


def _is_from(within: Release, release: Release) -> bool:
    """Tell whether a release is the one with the fix, or newer."""
    order = compared(release.name, within.name)
    if order is not None:
        return order >= 0
    if within.first_at is None:
        return False
    return release.first_at is None or release.first_at > within.first_at
