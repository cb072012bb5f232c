"""Feeds of a folder, open: what affects components, and what cannot be known of them."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import zstandard

from vedette.instruments.scan.advisories import joining, naming, ranges, storing
from vedette.instruments.scan.advisories.index import Reader
from vedette.instruments.scan.advisories.ranges import Verdict
from vedette.instruments.scan.advisories.types import (
    DAY,
    MAX_AGE,
    Affected,
    FeedKind,
    FeedStatus,
    Manifest,
    Match,
)
from vedette.instruments.scan.versions import family
from vedette.wire.scan import Component, Unknown

_SKEW = DAY
_BROKEN_NAMED = 3
_READING = (sqlite3.Error, zstandard.ZstdError, msgspec.DecodeError, TypeError)


class _Open(msgspec.Struct):
    """A feed, and why it cannot be relied on; its index is open unless that is damaged."""

    manifest: Manifest
    reader: Reader | None
    trouble: str


class _Answer(msgspec.Struct):
    """What was found of components, and what could not be."""

    matches: tuple[Match, ...]
    unknown: tuple[Unknown, ...]


def open_feeds(folder: Path, now: float, max_age: float = MAX_AGE) -> "Feeds":
    """Return the feeds of a folder; it never fails, what is wrong with them is told by `unknown` and `status`.

    `now` is an instant, `max_age` seconds after which a feed is stale.
    """
    opened, damaged = [], []
    for each in storing.manifests(folder):
        if isinstance(each, Manifest):
            opened.append(_opened(folder, each, now, max_age))
        else:
            damaged.append(_damaged(each))
    return Feeds(folder, now, opened, damaged)


def _opened(folder: Path, manifest: Manifest, now: float, max_age: float) -> _Open:
    damage = storing.damage(folder, manifest)
    if damage:
        later = storing.find(folder, manifest.name)
        if later is not None and later.index != manifest.index:  # it was replaced just now
            return _opened(folder, later, now, max_age)
        return _Open(manifest, None, damage)
    try:
        reader = Reader(folder / manifest.index)
    except sqlite3.Error as error:
        return _Open(manifest, None, f"its index cannot be opened: {error}")
    return _Open(manifest, reader, _stale(manifest, now, max_age))


def _stale(manifest: Manifest, now: float, max_age: float) -> str:
    age = now - manifest.as_of
    if age < -_SKEW:
        return "it is from the future: the clock of this machine is wrong, or was"
    if age <= max_age:
        return ""
    failed = f"; the last update failed: {manifest.failed}" if manifest.failed else ""
    return f"it is {age / DAY:.1f} days old, and {max_age / DAY:g} are allowed{failed}"


def _damaged(found: storing.Damaged) -> Unknown:
    return Unknown(
        subject=f"feed {found.name}",
        why=f"Feed {found.name}: {found.why}.",
        fix=f"vedette feeds remove {found.name}, then vedette feeds add it again.",
    )


class Feeds:
    """The feeds of a folder as they were when it was opened. For one thread at a time."""

    def __init__(self, folder: Path, now: float, opened: Sequence[_Open], damaged: Sequence[Unknown]) -> None:
        self._folder, self._now = folder, now
        self._opened, self._damaged = opened, damaged
        self._asked: tuple[Component, ...] = ()
        self._answer = _Answer((), ())

    def match(self, components: Sequence[Component]) -> tuple[Match, ...]:
        """Return what affects components, in their order; records that tell of the same thing are one match.

        Feeds that are stale are read all the same: `unknown` tells of them.
        """
        return self._looked_up(components).matches

    def unknown(self, components: Sequence[Component]) -> tuple[Unknown, ...]:
        """Return what cannot be known of components, each with what to do about it; empty only when nothing is amiss."""
        return self._looked_up(components).unknown

    def status(self) -> tuple[FeedStatus, ...]:
        """Return how each feed is, by name; those whose manifest is damaged are told by `unknown` alone."""
        return tuple(_status(each, self._now) for each in self._opened)

    def damaged(self) -> tuple[Unknown, ...]:
        """Return the feeds whose manifest cannot be read."""
        return tuple(self._damaged)

    def version(self) -> str:
        """Return what changes whenever advisories do."""
        return ",".join(f"{each.manifest.name}:{each.manifest.index_sha256[:16]}" for each in self._opened)

    def close(self) -> None:
        """Let the files go."""
        for each in self._opened:
            if each.reader is not None:
                each.reader.close()

    def _looked_up(self, components: Sequence[Component]) -> _Answer:
        asked = tuple(components)
        if asked != self._asked or not asked:
            self._answer = self._look_up(asked)
            self._asked = asked
        return self._answer

    def _look_up(self, components: Sequence[Component]) -> _Answer:
        unknown: dict[Unknown, None] = dict.fromkeys(self._damaged)
        unknown.update(dict.fromkeys(self._coverage(components)))
        matches: list[Match] = []
        for each in components:
            found, open_questions = self._of(each)
            matches += found
            unknown.update(dict.fromkeys(open_questions))
        hinted = self._hinted(matches)
        if matches:
            unknown.update(dict.fromkeys(map(_unreliable, self._troubled_hints())))
        return _Answer(tuple(hinted), tuple(unknown))

    def _of(self, component: Component) -> tuple[tuple[Match, ...], list[Unknown]]:
        """Return what affects a component, and what cannot be told of it."""
        found: list[Match] = []
        unknown: list[Unknown] = []
        version = naming.version_of(component)
        for feed in self._opened:
            if feed.manifest.kind is not FeedKind.OSV or feed.reader is None:
                continue
            try:
                for number, affected in _told(feed.reader, component):
                    verdict = ranges.judge(affected, component.ecosystem, version)
                    if verdict is Verdict.AFFECTED:
                        found.append(_match(feed.reader, number, affected, component, version))
                    elif verdict is Verdict.UNKNOWN:
                        unknown.append(_cannot_compare(feed.reader, number, affected, component, version))
            except _READING as error:
                unknown.append(
                    _unreliable(_Open(feed.manifest, None, f"its index cannot be read: {str(error)[:80]!a}"))
                )
        return joining.collapse(found) if found else (), unknown

    def _coverage(self, components: Sequence[Component]) -> Iterator[Unknown]:
        """Yield the ecosystems that no feed is whole for, and the feeds for them that cannot be relied on."""
        troubled: dict[str, _Open] = {}
        for ecosystem in sorted({naming.canonical(each.ecosystem) for each in components}):
            feeds = [each for each in self._opened if _covers(each.manifest, ecosystem)]
            if not feeds:
                yield self._uncovered(ecosystem)
            troubled.update({each.manifest.name: each for each in feeds if each.trouble})
            yield from (_incomplete(each.manifest) for each in feeds if each.manifest.broken)
        yield from map(_unreliable, troubled.values())

    def _uncovered(self, ecosystem: str) -> Unknown:
        there = sorted({each for feed in self._opened for each in feed.manifest.covers})
        have = (
            f"the feeds here are for {', '.join(there[:8])}"
            if there
            else f"there is no feed in {self._folder}"
        )
        return Unknown(
            subject=ecosystem,
            why=f"Nothing is known of weaknesses in {ecosystem}: {have}.",
            fix=f"vedette feeds add SOURCE --ecosystem {_quoted(family(ecosystem))} (docs/scans/feeds.md names sources).",
        )

    def _troubled_hints(self) -> Iterator[_Open]:
        return (each for each in self._opened if each.manifest.kind is not FeedKind.OSV and each.trouble)

    def _hinted(self, matches: Sequence[Match]) -> Iterable[Match]:
        if all(each.manifest.kind is FeedKind.OSV for each in self._opened):
            return matches
        cves = {cve for each in matches for cve in each.advisory.cves}
        exploited = {cve: value > 0 for cve, value in self._hints(FeedKind.KEV, cves).items()}
        likelihood = self._hints(FeedKind.EPSS, cves)
        return [joining.with_hints(each, exploited, likelihood) for each in matches]

    def _hints(self, kind: FeedKind, cves: Iterable[str]) -> Mapping[str, float]:
        readers = [each.reader for each in self._opened if each.manifest.kind is kind and each.reader]
        return {cve: value for reader in readers for cve, value in reader.hints(cves)}


def _told(reader: Reader, component: Component) -> Iterator[tuple[int, Affected]]:
    """Yield what is told of a component under any of its names."""
    for ecosystem in naming.ecosystems_of(component.ecosystem):
        for name in naming.names_of(component):
            yield from reader.affected(ecosystem, name)


def _match(reader: Reader, number: int, affected: Affected, component: Component, version: str) -> Match:
    fixes = ranges.fixes(affected, component.ecosystem, version)
    return Match(
        component=component, advisory=reader.advisory(number), affected=affected, fixes=fixes, fixed_in=next(iter(fixes), ""),
    )  # fmt: skip


def _covers(manifest: Manifest, ecosystem: str) -> bool:
    """Tell whether a feed is whole for an ecosystem: of a distribution, whether it has anything of this release of it."""
    names = {ecosystem, family(ecosystem)}
    if manifest.kind is not FeedKind.OSV or not names & set(manifest.covers):
        return False
    return not naming.released(ecosystem) or bool(names & manifest.counts.keys())


def _unreliable(feed: _Open) -> Unknown:
    name, kind = feed.manifest.name, feed.manifest.kind
    again = f"vedette feeds add {_quoted(feed.manifest.source)} --kind {kind} --name {name}"
    return Unknown(
        subject=f"feed {name}",
        why=f"Feed {name}: {feed.trouble}.",
        fix=f"vedette feeds update {name}" if feed.reader is not None else f"{again}, which builds it anew.",
    )


def _incomplete(manifest: Manifest) -> Unknown:
    named = "; ".join(f"{each.member} ({each.why})" for each in manifest.broken_first[:_BROKEN_NAMED])
    return Unknown(
        subject=f"feed {manifest.name}",
        why=f"Feed {manifest.name}: {manifest.broken:,} of its records cannot be read: {named}.",
        fix=f"vedette feeds update {manifest.name}; if they stay broken, tell whoever publishes {manifest.source}.",
    )


def _cannot_compare(
    reader: Reader, number: int, affected: Affected, component: Component, version: str
) -> Unknown:
    name = ascii(component.name[:100])[1:-1]
    named = f"{reader.advisory(number).id} on {component.ecosystem} {name}"
    what = (
        "tells commits only, no versions"
        if affected.commits_only
        else f"cannot be compared with version {ascii(version[:60])[1:-1] or 'unknown'}"
    )
    return Unknown(
        subject=f"{name} {ascii(version[:60])[1:-1]}".strip(),
        why=f"{named} {what}.",
        fix="Look whether it affects you, and accept it with a reason if it does not (docs/scans/feeds.md).",
    )


def _status(feed: _Open, now: float) -> FeedStatus:
    told = feed.manifest
    return FeedStatus(
        name=told.name, kind=told.kind, source=told.source, as_of=told.as_of, age=now - told.as_of, records=told.records,
        covers=told.covers, withdrawn=told.withdrawn, broken=told.broken, bytes=told.index_bytes, sha256=told.index_sha256,
        source_sha256=told.source_sha256, failed=told.failed, trouble=feed.trouble,
    )  # fmt: skip


def _quoted(text: str) -> str:
    return f"'{text}'" if " " in text else text
