"""Brings reports of one lane to the server; everything waits in the lane's spool until it is recorded there."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.core.clock import Clock
from vedette.plumbing.net.asking import Ask, asked
from vedette.plumbing.spool.carrying import Carrier
from vedette.plumbing.spool.port import Kept, Spool
from vedette.wire.agent import batches
from vedette.wire.agent.batches import REPORTS, Receipt, Sheaf

MOST_SENT, MOST_SENT_BYTES = 1_000, 1024 * 1024  # before they are packed
DEADLINE = 30.0


class Courier(Carrier[Receipt]):
    """Lives on one thread. `lane` names what it brings: `facts` or `measures`."""

    def __init__(
        self, ask: Ask, spool: Spool, clock: Clock, *, lane: str, version: str, say: Callable[[str], None]
    ) -> None:
        super().__init__(spool, say, "reports", MOST_SENT, MOST_SENT_BYTES)
        self._ask, self._clock, self._version = ask, clock, version
        self._path = f"{REPORTS}?lane={lane}"
        self._refusal = ""

    def ask(self, head: Sequence[Kept]) -> Receipt:
        """Send reports and return the receipt."""
        sheaf = Sheaf(
            origin=self._spool.origin, first=head[0].number, sent_at=self._clock.now(),
            reports=tuple(msgspec.Raw(one.body) for one in head), version=self._version, lost=self.lost,
        )  # fmt: skip
        return asked(self._ask, ("POST", self._path, batches.bundle(sheaf), DEADLINE), Receipt)

    def taken(self, receipt: Receipt) -> None:
        """Say, once, why some of the reports were refused."""
        if receipt.detail and receipt.detail != self._refusal:
            self._say(receipt.detail)
        self._refusal = receipt.detail
