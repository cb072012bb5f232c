"""Bans in the kernel: sets with timeouts in a table of our own, `inet vedette`. No other table is read or touched."""

import threading
from collections.abc import Callable, Sequence

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
        self._touched: set[Element] | None = None
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
                self._touch(found)
                self._write(script.removed(found), found)

    def sync(self, live: Callable[[], Sequence[Decision]], now: float) -> Mended:
        """Put right what somebody else changed in our table, and bring its ends in line with the clock, in one transaction."""
        with self._listing:
            with self._lock:
                self._touched = set()
            try:
                there = self._there()
                with self._lock:
                    return self._mend(there, _lasting(live(), now))
            finally:
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
        """Compare and put right; what was put or dropped while the table was listed is as it should be."""
        elements = dict(there.elements) if there is not None else {}
        settled = self._touched or set()
        missing = {e: lasts for e, lasts in wanted.items() if e not in elements and e not in settled}
        unknown = [e for e in elements if e not in wanted and e not in settled]
        both = {e: lasts for e, lasts in wanted.items() if e in elements and e not in settled}
        other = {e: lasts for e, lasts in both.items() if abs(elements[e] - lasts) > TOLERANCE}
        self._kinds |= {element.kind for element in wanted}
        intact = there is not None and there.intact
        if there is None or not there.intact:
            self._writer.run(script.made_anew(self._kinds) + script.added(wanted))
        elif missing or unknown or other:
            self._kinds |= there.kinds
            text = "" if self._kinds == there.kinds else script.set_up(self._kinds)
            text += script.added(missing) + script.replaced(other) + script.removed(unknown)
            self._writer.run(text)
        return Mended(len(missing), len(unknown), len(other), rebuilt=not intact)

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

    def _touch(self, elements: Sequence[Element] | dict[Element, float]) -> None:
        if self._touched is not None:
            self._touched.update(elements)


def _lasting(decisions: Sequence[Decision], now: float) -> dict[Element, float]:
    """Return the elements of bans with the seconds they last; what is no ban, no address, simulated or over is left out."""
    found: dict[Element, float] = {}
    for one in decisions:
        element = script.element(one.value) if stops(one) else None
        if element is not None and one.until > now:
            found[element] = max(one.until - now, found.get(element, 0.0))
    return found
