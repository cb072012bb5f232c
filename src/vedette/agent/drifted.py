"""What the agent itself sees change on its host becomes lines, so that rules detect it like all else: users, keys, ports."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.agent.ports import Reports
from vedette.core.clock import Clock
from vedette.instruments.logs.sources.types import Chunk
from vedette.wire.agent.types import HostChange, Report

SOURCE = "drift"  # no path: no log on the host can be taken for it
KINDS = frozenset({"port", "user", "authorized-keys"})
LOGGER = "vedette.drift"
_WIDTH = 500


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A change as a line of JSON: of what kind, whether it is new, gone or otherwise, of what, and who explains it."""

    logger: str = LOGGER
    kind: str
    step: str
    subject: str
    what: str
    by: str
    at: float


class Drifted:
    """Implements `ports.Reports` before another: what is told of drift is read by `take` as well, as lines."""

    def __init__(self, reports: Reports, take: Callable[[Chunk], None], clock: Clock) -> None:
        self._reports, self._take, self._clock = reports, take, clock
        self.start, self.waiting, self.stop = reports.start, reports.waiting, reports.stop

    def report(self, reports: Sequence[Report]) -> None:
        """Tell, then have the lines read."""
        self._reports.report(reports)
        lines = [line_of(one) for one in reports if isinstance(one, HostChange) and one.kind in KINDS]
        if lines:
            self._take(Chunk(SOURCE, b"\n".join(lines) + b"\n", self._clock.now()))


def line_of(change: HostChange) -> bytes:
    """Return a change as a line, without its end."""
    step = "new" if not change.before else "gone" if not change.after else "other"
    return msgspec.json.encode(
        Line(
            kind=change.kind, step=step, subject=_short(change.subject), what=_short(change.after), by=_short(change.explanation),
            at=change.at,
        )
    )  # fmt: skip


def _short(text: str) -> str:
    """Return a text as one line."""
    return " ".join(text[:_WIDTH].split())
