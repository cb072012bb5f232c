"""The items of an envelope by what becomes of them: kept, counted, refused."""

from collections.abc import Iterator, Sequence

import msgspec

from vedette.intake.admission import Gate, rate_limits
from vedette.intake.answers import RateLimited
from vedette.intake.event_ids import Chosen
from vedette.intake.limits import Limits
from vedette.intake.ports import ProjectKey, Usage
from vedette.wire import guarding, vitals
from vedette.wire.envelope import Item
from vedette.wire.items import ATTACHMENTS_AN_EVENT, category, limit

GUARD = guarding.TYPE
MOST_TRACED = 1024 * 1024  # of an envelope's traces so many bytes are read, on the event loop's thread


class Sorted(msgspec.Struct):
    """The items of an envelope: events, attachments, others that are kept, and counts of what is not by type; `traced` are the bytes of its traces."""

    events: list[Item]
    attachments: list[Item]
    others: list[Item]
    not_kept: dict[str, int]
    oversized: int = 0
    traced: int = 0

    @property
    def empty(self) -> bool:
        """Return whether nothing is kept."""
        return not (self.events or self.attachments or self.others)


class Sorter:
    """Sorts items and asks the quotas; counts what is not kept. Lives on the event loop's thread."""

    def __init__(self, gate: Gate, usage: Usage, limits: Limits, kept: frozenset[str]) -> None:
        self._gate, self._usage, self._limits, self._kept = gate, usage, limits, kept

    def sort(self, key: ProjectKey, items: tuple[Item, ...], now: float) -> Sorted:
        """Return the items by what becomes of them."""
        found = Sorted([], [], [], {})
        for item in items:
            place = self._place(found, item)
            if item.size > self._most(item.type) or (
                place is found.attachments and len(place) >= ATTACHMENTS_AN_EVENT
            ):
                found.oversized += item.type == "event"
                self.drop(key, found, item.type, "dropped", now)
            elif item.type not in self._kept:
                self.drop(key, found, item.type, "not_kept", now)
            elif item.type not in vitals.TYPES:
                place.append(item)
            elif brief := _brief(found, item):
                place.append(Item(item.type, brief, 0, len(brief)))
            else:
                self.drop(key, found, item.type, "not_kept", now)
        return found

    def _place(self, found: Sorted, item: Item) -> list[Item]:
        if item.type == "event":
            return found.events
        return found.attachments if item.type == "attachment" else found.others

    def _most(self, item_type: str) -> int:
        if item_type == "event":
            return self._limits.event
        return self._limits.attachment if item_type == "attachment" else limit(item_type)

    def drop(self, key: ProjectKey, found: Sorted, item_type: str, outcome: str, now: float) -> None:
        """Count an item that is not kept, for the answer and for the project's settings."""
        found.not_kept[item_type] = found.not_kept.get(item_type, 0) + 1
        self._usage.count(key.project, item_type, outcome, 1, now)

    def admit(self, key: ProjectKey, found: Sorted, now: float) -> RateLimited | None:
        """Let in as many events as the quota takes; raises `RateLimited` when that is none of them."""
        for n, _ in enumerate(found.events):
            admission = self._gate.admit(key, now)
            if admission.allowed:
                continue
            refused = len(found.events) - n
            self._usage.count(key.project, "event", "rate_limited", refused, now)
            refusal = RateLimited(
                f"The quota of this key is used up ({admission.reason}).",
                admission.retry_after,
                rate_limits(admission, category("event")),
            )
            if n == 0:
                raise refusal
            found.events = found.events[:n]
            found.not_kept["event"] = found.not_kept.get("event", 0) + refused
            return refusal
        return None


def by_guards(payloads: Sequence[bytes | bytearray], chosen: Sequence[Chosen]) -> Iterator[tuple[str, bytes]]:
    """Yield the id of each event that a guard told, and what of it counts for bans."""
    for payload, one in zip(payloads, chosen, strict=True):
        if told := guarding.brief(payload):
            yield one.event_id, told


def _brief(found: Sorted, item: Item) -> bytes:
    """Return what browsers measured, of a trace; nothing once an envelope has brought more traces than are read."""
    found.traced += item.size
    return vitals.brief(item.type, item.payload) if found.traced <= MOST_TRACED else b""
