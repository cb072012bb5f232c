"""A small, polite client of one host: by pinned addresses, in bounded time, size and number, at a bounded rate.

It follows no redirect by itself and never speaks to another address than those it was given.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid
from vedette.instruments.probe.http.options import SCHEMES, HttpOptions
from vedette.instruments.probe.http.redirecting import Ask
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.probe.types import Cause, Failed, Standpoint, Target
from vedette.instruments.scan.types import CannotKnow

AGENT = "Vedette-Scan (self-hosted; scans only sites proven to be owned)"
MOST_REQUESTS = 120
MOST_BYTES = 2 << 20
_EACH = 10.0
_PAUSE = 0.1  # ten requests a second to a host that is not this machine


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer: its URL, status, headers as they came, and at most 2 MiB of its body."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def all(self, name: str) -> tuple[str, ...]:
        """Return the values of a header, given in lower case."""
        return tuple(value for key, value in self.headers if key.lower() == name)

    def first(self, name: str) -> str:
        """Return the first value of a header, empty when there is none."""
        return next(iter(self.all(name)), "")

    @property
    def text(self) -> str:
        """Return the body as text, whatever its encoding."""
        return self.body.decode("utf-8", "replace")

    @property
    def is_html(self) -> bool:
        """Tell whether a browser would show it as a page."""
        return "html" in self.first("content-type").lower()


class Fetcher:
    """Asks one host. `addresses` are pinned; `paced` keeps to ten requests a second; `end` is an instant of the monotonic clock."""

    def __init__(
        self, host: str, addresses: Sequence[str], standpoint: Standpoint, end: float, *, paced: bool
    ) -> None:
        self._host, self._addresses, self._standpoint = host, tuple(addresses), standpoint
        self._end, self._paced, self._next = end, paced, 0.0
        self.made = 0
        self.statuses: Counter[int] = Counter()

    async def get(
        self, url: str, headers: Mapping[str, str] | None = None, method: str = "GET", *, cut: bool = False
    ) -> Page:
        """Return an answer, with `cut` the beginning of one that is too large.

        Raises `Failed` when there is none, and `CannotKnow` when time or requests are used up.
        """
        from vedette.instruments.probe.http.handles import Errand, Way
        from vedette.instruments.probe.http.transfer import Transfer

        target = _targeted(url)
        if target.host != self._host:
            raise Failed(Cause.BLOCKED_ADDRESS, f"{target.host} is not {self._host}, which is scanned.")
        await self._turn()
        ask = Ask(method=method, headers={"User-Agent": AGENT, **(headers or {})})
        tape = Tape()
        transfer = Transfer(HttpOptions(max_bytes=MOST_BYTES), self._standpoint, tape, MOST_BYTES)
        left = min(_EACH, self._end - monotonic())
        try:
            async with asyncio.timeout(left):
                await transfer.run(Errand(ask, target, Way(self._addresses), []), left)
        except TimeoutError as error:
            raise Failed(Cause.TIMEOUT_IN_FIRST_BYTE, f"{target.host} did not answer in time.") from error
        except Failed as error:
            if not cut or error.cause is not Cause.BODY_TOO_LARGE:
                raise
        self.statuses[tape.status or 0] += 1
        return Page(url=url, status=tape.status or 0, headers=tuple(tape.headers), body=tape.body)

    async def _turn(self) -> None:
        self.made += 1
        if self.made > MOST_REQUESTS:
            raise CannotKnow(f"{MOST_REQUESTS} requests were not enough for {self._host}.")
        if self._paced:
            wait = self._next - monotonic()
            self._next = max(self._next, monotonic()) + _PAUSE
            if wait > 0:
                await asyncio.sleep(wait)
        if monotonic() >= self._end:
            raise CannotKnow(f"The time for {self._host} was over.", "Give it more time (--deadline).")


def _targeted(url: str) -> Target:
    try:
        return targeted(url, SCHEMES)
    except Invalid as error:
        raise Failed(Cause.BAD_TARGET, str(error)) from error
