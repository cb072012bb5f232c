"""Add up a batch of events by the issue they belong to, so that the store writes each thing once. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from vedette.errors import cleaning
from vedette.errors.facts import frames_of, members, text, user_labels
from vedette.errors.types import Event, Fingerprint

MOST_USERS = 1_000
_WORDS = 3_000
_FRAMES = 30
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Tally:
    """What a batch holds of one issue: its events added up, and the last one received as their example."""

    def __init__(self, hash_: bytes, event: Event, fingerprint: Fingerprint) -> None:
        self.hash = hash_
        self.fingerprint = fingerprint
        self.project = event.project
        self.last = event
        self.first_release = event.release
        self.events = 0
        self.first_at = event.received
        self.last_at = event.received
        self.tags: Counter[tuple[str, str]] = Counter()
        self.minutes: Counter[int] = Counter()
        self.users: dict[int, tuple[int, ...]] = {}

    def add(self, event: Event) -> None:
        """Count an event in."""
        self.events += 1
        self.tags.update(event.tags)
        self.minutes[int(event.received // 60)] += 1
        if event.user and len(self.users) < MOST_USERS:
            self._add_user(event)
        if event.received >= self.last_at:
            self.last, self.last_at = event, event.received
        elif event.received < self.first_at:
            self.first_at, self.first_release = event.received, event.release

    def _add_user(self, event: Event) -> None:
        labels = user_labels(event.data.get("user")) or (event.user,)
        first, *others = map(user_hash, labels)
        self.users[first] = tuple(others)

    def absorb(self, other: "Tally") -> None:
        """Count in what another hash of the same issue brought."""
        self.events += other.events
        self.tags.update(other.tags)
        self.minutes.update(other.minutes)
        self.users |= other.users
        if other.last_at >= self.last_at:
            self.last, self.last_at = other.last, other.last_at
        if other.first_at < self.first_at:
            self.first_at, self.first_release = other.first_at, other.first_release


def tally(digested: Iterable[tuple[Event, Fingerprint]]) -> dict[bytes, Tally]:
    """Return the tallies of a batch by grouping hash, in order of arrival."""
    tallies: dict[bytes, Tally] = {}
    for event, fingerprint in digested:
        found = tallies.get(fingerprint.hash)
        if found is None:
            found = tallies[fingerprint.hash] = Tally(fingerprint.hash, event, fingerprint)
        found.add(event)
    return tallies


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
        " ".join(filter(None, (text(frame.get("function")), cleaning.path(text(frame.get("filename"))), text(frame.get("module")))))
        for frame in reversed(own[-_FRAMES:])
    ]  # fmt: skip
