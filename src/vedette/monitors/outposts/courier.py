"""Brings what a location finds to the server: everything waits in the spool until it is recorded there, in order.

A failure that could not be told at once says nothing of its target: what kept it from being told may have been its cause. It
is unknown then, and what is fine stays fine.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.core.clock import Clock
from vedette.core.errors import Invalid, Unavailable
from vedette.monitors.locations.types import RESULTS, Batch, Receipt, Sighted
from vedette.monitors.outposts.asking import Ask, Away, Pauses, asked
from vedette.monitors.types import CheckResult, Reading
from vedette.plumbing.spool.port import Kept, Spool

MOST_SENT, MOST_SENT_BYTES = 500, 1024 * 1024
DEADLINE = 30.0
_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Sighted).decode


class Courier:
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
        self._ask, self._spool, self._clock, self._version = ask, spool, clock, version
        self._soon, self._say = soon, say
        self._pauses = Pauses()
        self._most = MOST_SENT
        self._doubted = spool.last  # what was found before nobody was told of in time
        self._away = ""
        self.lost = 0

    @property
    def is_away(self) -> bool:
        """Tell whether the server could not be told the last time."""
        return bool(self._away)

    def keep(self, found: Sequence[CheckResult]) -> None:
        """Let findings wait to be sent. Raises `Unavailable` when they cannot be kept."""
        lost = self._spool.add([_ENCODE(sighted(one)) for one in found])
        if self._away:
            self._doubted = self._spool.last
        if lost:
            self.lost += lost
            self._say(f"The spool is full: {lost} of the oldest findings are lost, {self.lost} in all.")

    def send(self) -> float | None:
        """Send what waits longest; return the seconds until there is more to be done, None when nothing waits.

        Raises `Refused` when the server wants nothing of this location.
        """
        head = self._spool.head(self._most, MOST_SENT_BYTES)
        if not head:
            return None
        try:
            receipt = asked(self._ask, ("POST", RESULTS, self._batch(head), DEADLINE), Receipt)
        except Away as error:
            return self._failed(str(error), 0.0, doubt=True)
        except Unavailable as error:
            return self._failed(str(error), error.retry_after, doubt=False)
        except Invalid as error:
            return self._rejected(head, str(error))
        self._taken(head, receipt)
        return 0.0

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

    def _taken(self, head: Sequence[Kept], receipt: Receipt) -> None:
        if self._away:
            self._say(f"The server is back; {self._spool.waiting()} findings waited.")
        if receipt.detail:
            self._say(receipt.detail)
        self._away, self._most = "", MOST_SENT
        self._pauses.worked()
        self._spool.drop(head[-1].number)
        if receipt.soon:
            self._soon(receipt.soon)

    def _failed(self, why: str, least: float, *, doubt: bool) -> float:
        if doubt:
            self._doubted = self._spool.last
        if why != self._away:
            self._say(f"{why} What is found meanwhile is kept.")
        self._away = why
        return self._pauses.next(least)

    def _rejected(self, head: Sequence[Kept], why: str) -> float:
        """Go on without a finding that the server can never take; which one is found by sending fewer."""
        if len(head) > 1:
            self._most = len(head) // 2
            return 0.0
        self._spool.drop(head[0].number)
        self._most = MOST_SENT
        self.lost += 1
        self._say(f"The server does not take a finding, which is lost: {why}")
        return 0.0


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
