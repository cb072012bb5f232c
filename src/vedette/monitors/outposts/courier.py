"""Brings what a location finds to the server: everything waits in the spool until it is recorded there, in order.

A failure that could not be told at once says nothing of its target: what kept it from being told may have been its cause. It
is unknown then, and what is fine stays fine.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.core.clock import Clock
from vedette.monitors.locations.types import RESULTS, Batch, Receipt, Sighted
from vedette.monitors.types import CheckResult, Reading
from vedette.plumbing.net.asking import Ask, asked
from vedette.plumbing.spool.carrying import Carrier
from vedette.plumbing.spool.port import Kept, Spool

MOST_SENT, MOST_SENT_BYTES = 500, 1024 * 1024
DEADLINE = 30.0
_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Sighted).decode


class Courier(Carrier[Receipt]):
    """Lives on one thread. `soon` hears which monitors are to be checked early, `say` what a person has to know."""

    def __init__(
        self,
        ask: Ask,
        spool: Spool,
        clock: Clock,
        *,
        version: str,
        soon: Callable[[Mapping[int, float]], None],
        say: Callable[[str], None],
    ) -> None:
        super().__init__(spool, say, "findings", MOST_SENT, MOST_SENT_BYTES)
        self._ask, self._clock, self._version, self._soon = ask, clock, version, soon
        self._doubted = spool.last  # what was found before nobody was told of in time

    def keep(self, found: Sequence[CheckResult]) -> None:
        """Let findings wait to be sent. Raises `Unavailable` when they cannot be kept."""
        self.put([_ENCODE(sighted(one)) for one in found])
        if self._away:
            self._doubted = self._spool.last

    def ask(self, head: Sequence[Kept]) -> Receipt:
        """Send findings and return the receipt."""
        return asked(self._ask, ("POST", RESULTS, self._batch(head), DEADLINE), Receipt)

    def taken(self, receipt: Receipt) -> None:
        """Hear what of the findings was refused, and what is to be checked early."""
        if receipt.detail:
            self._say(receipt.detail)
        if receipt.soon:
            self._soon(receipt.soon)

    def unreachable(self) -> None:
        """Doubt all that was found: nobody was told of it in time."""
        self._doubted = self._spool.last

    def _batch(self, head: Sequence[Kept]) -> bytes:
        results = [_DECODE(one.body) for one in head]
        told = tuple(
            doubtful(one) if kept.number <= self._doubted else one
            for kept, one in zip(head, results, strict=True)
        )
        return _ENCODE(
            Batch(
                origin=self._spool.origin, first=head[0].number, sent_at=self._clock.now(), results=told,
                version=self._version, lost=self.lost,
            )
        )  # fmt: skip


def sighted(result: CheckResult) -> Sighted:
    """Return a result as it travels."""
    outcome = result.outcome
    return Sighted(
        monitor=result.monitor, at=outcome.at, reading=outcome.reading, cause=outcome.cause, sentence=outcome.sentence,
        ms=outcome.ms, expires=outcome.expires, phases=result.phases,
        evidence=msgspec.Raw(result.evidence or b"null"),
    )  # fmt: skip


def doubtful(one: Sighted) -> Sighted:
    """Return a finding that was not told in time: a failure may have been the location's own."""
    if one.reading is not Reading.BAD:
        return one
    why = f"Found while Vedette could not be told, so it may be this location's own fault. {one.sentence}"
    return msgspec.structs.replace(one, reading=Reading.UNKNOWN, sentence=why.strip())
