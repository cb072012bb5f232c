"""Add up a batch of events by the issue they belong to, so that the store writes each thing once. Pure.

The events of a batch are held without their data: a batch of trees would keep the garbage collector busy.
"""

import functools
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from vedette.errors import cleaning
from vedette.errors.facts import frames_of, members, text, user_labels
from vedette.errors.reports import ReportNote
from vedette.errors.types import Event, Fingerprint

MOST_USERS = 1_000
_WORDS = 3_000
_FRAMES = 30
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Digested(msgspec.Struct, frozen=True):
    """An event without its data, where it belongs, its user as hashes (the counted one first), and its body.

    `elders` are its fingerprints by older versions of grouping, oldest first; none where no issue needs them.
    `light` says that spike protection keeps no more than that of it. `report` is what a browser's report adds to the book.
    """

    event: Event
    fingerprint: Fingerprint
    user: tuple[int, ...]
    body: bytes
    elders: tuple[Fingerprint, ...] = ()
    light: bool = False
    report: ReportNote | None = None


class Tally:
    """What a batch holds of one issue: its events added up, and the last one received as their example."""

    def __init__(self, first: Digested) -> None:
        self.hash = first.fingerprint.hash
        self.fingerprint = first.fingerprint
        self.project = first.event.project
        self.last = first.event
        self.body = first.body
        self.first_release = first.event.release
        self.events = 0
        self.light = 0
        self.first_at = first.event.received
        self.last_at = first.event.received
        self.tags: Counter[tuple[str, str]] = Counter()
        self.minutes: Counter[int] = Counter()
        self.origins: Counter[tuple[str, str, int]] = Counter()  # environment, release, minute
        self.users: dict[int, tuple[int, ...]] = {}

    def add(self, one: Digested) -> None:
        """Count an event in."""
        event = one.event
        self.events += 1
        self.light += one.light
        self.tags.update(event.tags)
        minute = int(event.received // 60)
        self.minutes[minute] += 1
        self.origins[event.environment, event.release, minute] += 1
        if one.user and len(self.users) < MOST_USERS:
            first, *aliases = one.user
            self.users[first] = tuple(dict.fromkeys((*self.users.get(first, ()), *aliases)))
        if event.received >= self.last_at:
            self.last, self.body, self.last_at = event, one.body, event.received
        elif event.received < self.first_at:
            self.first_at, self.first_release = event.received, event.release

    def absorb(self, other: "Tally") -> None:
        """Count in what another hash of the same issue brought."""
        self.events += other.events
        self.light += other.light
        self.tags.update(other.tags)
        self.minutes.update(other.minutes)
        self.origins.update(other.origins)
        self.users |= other.users
        if other.last_at >= self.last_at:
            self.last, self.body, self.last_at = other.last, other.body, other.last_at
        if other.first_at < self.first_at:
            self.first_at, self.first_release = other.first_at, other.first_release


def tally(digested: Iterable[Digested]) -> dict[bytes, Tally]:
    """Return the tallies of a batch by grouping hash, in order of arrival."""
    tallies: dict[bytes, Tally] = {}
    for one in digested:
        found = tallies.get(one.fingerprint.hash)
        if found is None:
            found = tallies[one.fingerprint.hash] = Tally(one)
        found.add(one)
    return tallies


def users_of(event: Event) -> tuple[int, ...]:
    """Return the hashes of the labels an event's user is known by, the counted one first."""
    if not event.user:
        return ()
    return tuple(map(user_hash, user_labels(event.data.get("user")) or (event.user,)))


@functools.lru_cache(maxsize=4_096)
def user_hash(label: str) -> int:
    """Return 63 bits that stand for a user's label."""
    return int.from_bytes(hashlib.blake2b(label.encode(errors="replace"), digest_size=8).digest(), "big") >> 1


def words_of(event: Event) -> str:
    """Return the text an issue is found by: title, message, frames, address; tags are added to it as they come."""
    said = [event.title, event.message[:1_000], event.culprit, _CAMEL.sub(" ", event.kind)]
    said += _frame_words(event.data)
    said += [dict(event.tags).get("url", ""), event.logger]
    return "\n".join(dict.fromkeys(filter(None, said)))[:_WORDS]


def _frame_words(data: Mapping[str, object]) -> list[str]:
    frames = [frame for member in members(data.get("exception")) for frame in frames_of(member)] or frames_of(
        data
    )
    own = [frame for frame in frames if frame.get("in_app") is True] or frames
    return [
        " ".join(filter(None, (text(frame.get("function")), cleaning.NEWEST.path(text(frame.get("filename"))), text(frame.get("module")))))
        for frame in reversed(own[-_FRAMES:])
    ]  # fmt: skip
