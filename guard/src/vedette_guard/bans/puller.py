"""Keeps the ban list: from disk as the process starts, then from Vedette, for as long as anybody asks."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from vedette_guard.background import Worker
from vedette_guard.bans import copy
from vedette_guard.bans.source import HttpSource, Source
from vedette_guard.bans.table import Table
from vedette_guard.decisions.asked import Refusal
from vedette_guard.decisions.bans import Ban, Page, merged
from vedette_guard.decisions.waiting import pause
from vedette_guard.durations import certain
from vedette_guard.policy import Decisions

log = logging.getLogger("vedette_guard")
BANNED = Refusal(403, "banned", "this address is banned")
PAGES = 1000  # in a row; a server that always has more is not believed


class Bans:
    """Refuses banned addresses. `wall` gives seconds since 1970; `allowed` are networks that are never banned."""

    def __init__(
        self,
        decisions: Decisions,
        allowed: tuple[str, ...] = (),
        *,
        source: Source | None = None,
        wall: Callable[[], float] = time.time,  # noqa: TID251
    ) -> None:
        self._file = Path(decisions.file) if decisions.file else None
        self._allowed = (*decisions.allow, *allowed)
        self._source, self._wall, self._every = (
            source or HttpSource(decisions.url),
            wall,
            certain(decisions.every),
        )
        self._cursor, self._bans = "", dict[str, Ban]()
        self._failures, self._awake = 0, False
        self._worker = Worker("vedette-guard-bans", self.step, forked=self._forked)
        self._load()

    def refusal(self, address: str) -> Refusal | None:
        """Return the refusal of an address that is banned now."""
        if not self._awake:
            self._awake = True
            self._worker.wake()
        if not self._table.size:
            return None
        until = self._table.until(address)
        return BANNED if until and until > self._wall() else None

    def _forked(self) -> None:
        self._awake = False

    def _load(self) -> None:
        """Begin with the last copy; a file that is not there, or is none, is an empty list."""
        found: tuple[Ban, ...] = ()
        if self._file is not None:
            try:
                self._cursor, found = copy.read(self._file)
            except FileNotFoundError:
                pass
            except (OSError, ValueError) as error:
                log.warning("%s is no copy of a ban list: %s", self._file, error)
        self._take(Page(self._cursor, True, found, (), False))

    def _take(self, page: Page) -> None:
        self._bans = merged(self._bans, page, self._wall())
        self._cursor = page.cursor
        self._table = Table(self._bans.values(), self._allowed)

    def step(self) -> float:
        """Ask once for all that changed; return after how many seconds to ask again."""
        jitter = secrets.randbelow(1000) / 1000  # which keeps processes apart
        try:
            self._pull()
        except (OSError, ValueError) as error:
            self._failures += 1
            if self._failures == 1:
                log.warning("Vedette's ban list cannot be had: %s; the last copy counts", error)
            return max(pause(self._failures, jitter), self._every)
        self._failures = 0
        return self._every * (1 + jitter / 10)

    def _pull(self) -> None:
        changed = False
        for _ in range(PAGES):
            page = self._source.ask(self._cursor)
            changed |= page.cursor != self._cursor or page.whole
            self._take(page)
            if not page.more:
                break
        if changed and self._file is not None:
            self._keep(self._file)

    def _keep(self, file: Path) -> None:
        try:
            copy.write(file, self._cursor, self._bans.values())
        except OSError as error:
            log.warning("the ban list cannot be kept: %s", error)

    def close(self) -> None:
        """End the thread."""
        self._worker.close(0.0)
