"""Bans in the kernel: sets with timeouts in a table of our own, `inet vedette`. No other table is read or touched."""

import threading
from collections.abc import Callable, Container, Mapping, Sequence
from typing import NamedTuple

from vedette.instruments.packets import script
from vedette.instruments.packets.libnft import Nftables, opened
from vedette.instruments.packets.port import EnforceError, Mended, stops
from vedette.instruments.packets.script import Element, Kind, Listing
from vedette.wire.agent.types import Decision, Measure

TOLERANCE = 3.0  # seconds: nft lists whole ones, and listing 50,000 takes half of one


class Nft:
    """The enforcer of nftables. The kernel ends each ban by itself, also while no agent runs."""

    kind = "nft"
    measures = frozenset({Measure.BAN})

    def __init__(self, make: Callable[[], Nftables] = opened) -> None:
        # Two contexts: what was listed is cached by one, and a ban waits for no listing.
        self._make, self._writer, self._reader = make, make(), make()
        self._lock, self._listing = threading.Lock(), threading.Lock()
        self._kinds: set[Kind] = set()
        self._touched: dict[Element, float | None] | None = (
            None  # while comparing: the seconds put, None dropped
        )
        self.dropped = (0, 0)  # packets and bytes since the table was made, as of the last sync

    def put(self, decisions: Sequence[Decision], now: float) -> None:
        """Ban until decisions end, all in one transaction."""
        lasting = _lasting(decisions, now)
        if lasting:
            with self._lock:
                self._touch(lasting)
                self._write(script.replaced(lasting), lasting)

    def drop(self, decisions: Sequence[Decision], now: float) -> None:  # noqa: ARG002 - a ban ends at once
        """Ban no longer, all in one transaction."""
        found = [e for one in decisions if stops(one) and (e := script.element(one.value))]
        if found:
            with self._lock:
                self._touch(dict.fromkeys(found))
                self._write(script.removed(found), found)

    def sync(self, live: Callable[[], Sequence[Decision]], now: float) -> Mended:
        """Put right what somebody else changed in our table, and bring its ends in line with the clock, in one transaction."""
        with self._listing:
            with self._lock:
                self._touched = {}
            try:
                there = self._there()
                wanted = _lasting(live(), now)
                return self._mend(there, wanted)
            finally:
                with self._lock:
                    self._touched = None

    def tick(self, now: float) -> None:
        """Nothing waits: the kernel ends bans."""

    def close(self) -> None:
        """Free the contexts; bans stay."""
        with self._listing, self._lock:
            self._writer.close()
            self._reader.close()

    def _there(self) -> Listing | None:
        try:
            found = script.read(self._reader.listed(f"list table {script.FAMILY} {script.TABLE}"))
        except EnforceError as error:
            if "No such file" in str(error):
                return None
            raise
        self.dropped = (found.packets, found.bytes)
        return found

    def _mend(self, there: Listing | None, wanted: dict[Element, float]) -> Mended:
        """Put right what is otherwise. To compare takes long beside many bans: it is done while others may put and drop."""
        elements = there.elements if there is not None else {}
        apart = _Apart.of(elements, wanted)
        kinds = {element.kind for element in wanted}
        with self._lock:
            self._kinds |= kinds
            apart = apart.without(self._touched or {})
            if there is None or not there.intact:
                self._writer.run(script.made_anew(self._kinds) + script.added(self._now(wanted)))
                return apart.told(rebuilt=True)
            if apart.anything:
                self._kinds |= there.kinds
                text = "" if self._kinds == there.kinds else script.set_up(self._kinds)
                self._writer.run(text + apart.text())
            return apart.told(rebuilt=False)

    def _now(self, wanted: dict[Element, float]) -> dict[Element, float]:
        """Return what is wanted with what was put since, and without what was dropped."""
        after: dict[Element, float | None] = {**wanted, **(self._touched or {})}
        return {element: lasts for element, lasts in after.items() if lasts is not None}

    def _write(self, text: str, elements: Sequence[Element] | dict[Element, float]) -> None:
        """Run a text, with the sets it needs. Once more where the table was gone, or an element ended in between."""
        kinds = {element.kind for element in elements}
        if not kinds <= self._kinds:
            self._kinds |= kinds
            text = script.set_up(self._kinds) + text
        try:
            self._writer.run(text)
        except EnforceError:
            self._writer.run(script.set_up(self._kinds) + text)

    def _touch(self, elements: Mapping[Element, float | None] | Mapping[Element, float]) -> None:
        if self._touched is not None:
            self._touched.update(elements)


class _Apart(NamedTuple):
    """How what is there and what should be are apart."""

    missing: dict[Element, float]
    unknown: list[Element]
    other: dict[Element, float]

    @classmethod
    def of(cls, there: Mapping[Element, float], wanted: dict[Element, float]) -> "_Apart":
        return cls(
            {e: lasts for e, lasts in wanted.items() if e not in there},
            [e for e in there if e not in wanted],
            {e: lasts for e, lasts in wanted.items() if e in there and abs(there[e] - lasts) > TOLERANCE},
        )

    @property
    def anything(self) -> bool:
        return bool(self.missing or self.unknown or self.other)

    def without(self, touched: Container[Element]) -> "_Apart":
        """Leave out what was put or dropped while the table was listed and compared: it is as it should be."""
        return _Apart(
            {e: lasts for e, lasts in self.missing.items() if e not in touched},
            [e for e in self.unknown if e not in touched],
            {e: lasts for e, lasts in self.other.items() if e not in touched},
        )

    def text(self) -> str:
        return script.added(self.missing) + script.replaced(self.other) + script.removed(self.unknown)

    def told(self, *, rebuilt: bool) -> Mended:
        return Mended(len(self.missing), len(self.unknown), len(self.other), rebuilt=rebuilt)


def _lasting(decisions: Sequence[Decision], now: float) -> dict[Element, float]:
    """Return the elements of bans with the seconds they last; what is no ban, no address, simulated or over is left out."""
    found: dict[Element, float] = {}
    for one in decisions:
        element = script.element(one.value) if stops(one) else None
        if element is not None and one.until > now:
            found[element] = max(one.until - now, found.get(element, 0.0))
    return found
