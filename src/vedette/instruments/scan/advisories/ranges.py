"""Is a version affected? OSV's own algorithm, https://ossf.github.io/osv-schema/#evaluation, and where it ends."""

import enum
import functools
from collections.abc import Iterator, Sequence

import msgspec

from vedette.instruments.scan.advisories import expressions
from vedette.instruments.scan.advisories.types import Affected, Edge, VersionRange
from vedette.instruments.scan.versions import Key, family, key
from vedette.instruments.scan.versions.types import Unreadable

_FROM_THE_START = "0"
_NO_LIMIT = "*"
_ORDER = {"fixed": 0, "introduced": 1, "last_affected": 2}
_LAST = 2
_LEADING = "vV0"


class Verdict(enum.StrEnum):
    """What can be said of a version."""

    AFFECTED = "affected"
    UNAFFECTED = "unaffected"
    UNKNOWN = "unknown"


class _Asked(msgspec.Struct, frozen=True, gc=False):
    """A version that is asked about, and what sorts it, None where its ecosystem's rules cannot read it."""

    ecosystem: str
    version: str
    key: Key | None

    def place(self) -> Key:
        """Return what sorts it; raises `Unreadable`."""
        if self.key is None:
            raise Unreadable(self.ecosystem, self.version)
        return self.key


class _Step(msgspec.Struct, frozen=True):
    """Where being affected begins or ends: at a version, from the start (None), or in a range in words."""

    what: str
    at: Key | None
    within: str

    def place(self) -> tuple[Key, int]:
        """Return what sorts steps; an end before all versions is an end of what begins there."""
        return (
            ((), 1 if self.what == "introduced" else _LAST)
            if self.at is None
            else ((self.at,), _ORDER[self.what])
        )

    def first(self) -> bool:
        """Tell whether it is the start of all versions."""
        return self.at is None and not self.within


class _Line(msgspec.Struct, frozen=True):
    """Steps in order; versions from the limits on are not spoken of; `always` that all there are and will be are affected."""

    steps: tuple[_Step, ...]
    limits: tuple[Key, ...]
    always: bool


def judge(affected: Affected, ecosystem: str, version: str) -> Verdict:
    """Return whether a version is affected; unknown when it or the advisory cannot be read, which is never unaffected."""
    if affected.commits_only:
        return Verdict.UNKNOWN
    if (not affected.ranges and not affected.versions) or version in affected.versions:
        return Verdict.AFFECTED
    asked = _asked(ecosystem, version)
    verdicts = [_ranged(each, asked) for each in affected.ranges]
    if affected.versions and Verdict.AFFECTED not in verdicts:
        verdicts += _listed(affected.versions, asked)
    if Verdict.AFFECTED in verdicts:
        return Verdict.AFFECTED
    return Verdict.UNKNOWN if Verdict.UNKNOWN in verdicts else Verdict.UNAFFECTED


def fixes(affected: Affected, ecosystem: str, version: str) -> tuple[str, ...]:
    """Return the versions after one that mend it, in order: each is named as fixed and not affected by anything else."""
    named = {event.version for each in affected.ranges for event in each.events if event.what == "fixed"}
    try:
        mine = key(ecosystem, version)
        later = sorted((key(ecosystem, each), each) for each in named if _after(ecosystem, each, mine))
    except Unreadable:
        return ()
    return tuple(each for _, each in later if judge(affected, ecosystem, each) is Verdict.UNAFFECTED)


@functools.lru_cache(maxsize=64)
def _asked(ecosystem: str, version: str) -> _Asked:
    base = family(ecosystem)
    try:
        return _Asked(base, version, key(base, version))
    except Unreadable:
        return _Asked(base, version, None)


def _after(ecosystem: str, version: str, mine: Key) -> bool:
    return not expressions.is_range(version) and key(ecosystem, version) > mine


def _listed(versions: Sequence[str], asked: _Asked) -> Iterator[Verdict]:
    """Yield what a list says of a version that does not stand in it as it is spelled: by value, or by a range that stands in it.

    What begins with another figure has another value; the rest is compared.
    """
    if expressions.is_range("\n".join(versions)):
        yield from (_within(each, asked) for each in versions if expressions.is_range(each))
    if asked.key is None:
        return  # what nobody can compare is affected where it is spelled so
    first = asked.version.lstrip(_LEADING)[:1]
    for each in versions:
        if each.lstrip(_LEADING)[:1] == first and _same(each, asked):
            yield Verdict.AFFECTED


def _within(text: str, asked: _Asked) -> Verdict:
    try:
        fits = expressions.fits(asked.ecosystem, asked.version, text)
    except Unreadable:
        return Verdict.UNKNOWN
    return Verdict.AFFECTED if fits else Verdict.UNAFFECTED


def _same(listed: str, asked: _Asked) -> bool:
    try:
        return key(asked.ecosystem, listed) == asked.key
    except Unreadable:
        return False


def _ranged(span: VersionRange, asked: _Asked) -> Verdict:
    try:
        inside = _inside(span.events, asked) and (
            not span.bound or expressions.fits(asked.ecosystem, asked.version, span.bound)
        )
    except Unreadable:
        return Verdict.UNKNOWN
    return Verdict.AFFECTED if inside else Verdict.UNAFFECTED


def _inside(events: tuple[Edge, ...], asked: _Asked) -> bool:
    """Return whether a version is in a range: the last event that counts for it decides."""
    line = _line(events, asked.ecosystem)
    if line.always:
        return True
    mine = asked.place()
    if line.limits and not any(mine < each for each in line.limits):
        return False
    affected = False
    for step in line.steps:
        affected = _after_step(step, affected, asked, mine)
    return affected


def _after_step(step: _Step, affected: bool, asked: _Asked, mine: Key) -> bool:
    if step.within:
        fits = expressions.fits(asked.ecosystem, asked.version, step.within)
        return (affected or fits) if step.what == "introduced" else affected and not fits
    if step.what == "introduced":
        return affected or step.at is None or mine >= step.at
    if step.at is None:
        return False  # ends before everything
    return affected and (mine <= step.at if step.what == "last_affected" else mine < step.at)


@functools.lru_cache(maxsize=32_768)
def _line(events: tuple[Edge, ...], ecosystem: str) -> _Line:
    """Return events in order, their versions read; raises `Unreadable`."""
    steps = sorted((_step(each, ecosystem) for each in events if each.what != "limit"), key=_Step.place)
    limits = [each.version for each in events if each.what == "limit"]
    return _Line(
        steps=tuple(steps),
        limits=() if _NO_LIMIT in limits else tuple(key(ecosystem, each) for each in limits),
        always=not limits
        and all(each.what == "introduced" for each in steps)
        and any(map(_Step.first, steps)),
    )


def _step(event: Edge, ecosystem: str) -> _Step:
    if expressions.is_range(event.version):
        return _Step(event.what, None, event.version)
    start = event.version == _FROM_THE_START
    return _Step(event.what, None if start else key(ecosystem, event.version), "")
