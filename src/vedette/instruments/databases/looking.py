"""One look at a database server: connected, asked one thing after another, left; what could not be asked is left out."""

import asyncio
import contextlib
import math
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from vedette.core.address import AddressPolicy
from vedette.core.clock import monotonic
from vedette.instruments.databases.types import Database, Look
from vedette.instruments.host import series
from vedette.instruments.host.happenings import Conditions, beyond, happening
from vedette.instruments.host.rating import Rates
from vedette.instruments.probe import conversing, querying, sentences
from vedette.instruments.probe.conversing import Conversation, Opening, Talk
from vedette.instruments.probe.handshaking import Trust
from vedette.instruments.probe.querying import QueryOptions
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.probe.types import Failed, Request, Standpoint
from vedette.wire.agent.types import Happening, Sample

Row = Mapping[str, str | None]
Rows = Sequence[Row]
# What answers that hold something else than was asked for make of reading them.
UNREAD = (ValueError, KeyError, IndexError, TypeError, OverflowError, RecursionError, struct.error)
_DAY = 86_400.0
_SLOW = 1000.0  # milliseconds, of a statement on average
_MOST_TOLD = 1_000


class Asks(Protocol):
    """A database that one is signed in to."""

    version: str

    async def ask(self, query: str) -> Rows:
        """Return rows by the names of their columns; raises `Refused` when it will not, `Failed` when the line is broken."""
        ...


class Refused(Failed):
    """The server understood and will not: a privilege, a view or an extension is missing. The line stands."""


class Context:
    """What goes through all looks at one database: counters, conditions, who follows it, and which statements were told of."""

    def __init__(self, kind: str, database: Database) -> None:
        self.kind, self.database = kind, database
        self.rates, self.conditions = Rates(), Conditions()
        self.found: dict[str, float] = {}
        self.followers: set[str] = set()
        self._told: dict[str, float] = {}

    def put(self, name: str, value: float | None, label: str = "") -> None:
        """Keep a measure; `label` is what of the server it is about."""
        if value is not None and math.isfinite(value):
            whole = f"{self.database.name}/{label}" if label else self.database.name
            self.found[series.of(f"{self.kind}.{name}", whole)] = round(value, 4)

    def rate(self, name: str, counter: str, value: float | None) -> None:
        """Keep how much a counter grows in a second."""
        if value is not None:
            self.put(name, self.rates.rate(counter, value))

    def value(self, name: str) -> float | None:
        """Return a measure of the server itself."""
        return self.found.get(series.of(f"{self.kind}.{name}", self.database.name))

    def judged(
        self, kind: str, now: float, *, on: bool | None, text: str, over: str, subject: str = ""
    ) -> list[Happening]:
        """Return what has to be told of something that lasts."""
        name = f"{self.database.name}/{subject}" if subject else self.database.name
        return self.conditions.judge(
            kind, series.shown(name), now, on=on, text=f"{name}: {text}", over=f"{name}: {over}"
        )

    def crossed(self, kind: str, now: float, name: str, limits: tuple[float, float], words: tuple[str, str]) -> list[Happening]:  # fmt: skip
        """Return what has to be told when a measure crosses a limit, or is back; in the words `{value}` is the measure."""
        held = self.conditions.holds(kind, series.shown(self.database.name))
        value = self.value(name)
        text = words[0].format(value=value or 0.0)
        return self.judged(kind, now, on=beyond(value, *limits, held=held), text=text, over=words[1])

    def slow(self, key: str, text: str, counted: tuple[float, float], now: float) -> list[Happening]:
        """Count a statement (all its calls, all its milliseconds) and tell of one that became slow, once a day."""
        more = self.rates.grown(f"{key} calls", counted[0], 0.0)
        took = self.rates.grown(f"{key} spent", counted[1], 0.0)
        if not more or took is None or took / more < _SLOW or now - self._told.get(key, -_DAY) < _DAY:
            return []
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        self._told[key] = now
        said = f"{more:,.0f} × {took / more / 1000:.1f} s: {series.shown(' '.join(text.split()), 300)}"
        return [happening("slow-statement", self.database.name, f"{self.database.name}: {said}", now)]


Line = Callable[[Conversation], AbstractAsyncContextManager[Asks]]
Part = Callable[[Context, Asks, float], Awaitable[list[Happening]]]


class Looker:
    """Looks at one database again and again; for one thread."""

    def __init__(
        self, kind: str, schemes: Mapping[str, int], database: Database, parts: Sequence[Part]
    ) -> None:
        """Raises `Invalid` for a database that can never be asked."""
        querying.check(
            QueryOptions(user=database.user, password=database.password), targeted(database.url, schemes)
        )
        self._context, self._parts = Context(kind, database), parts
        self._schemes, self._database = schemes, database

    def remember(self, conditions: Conditions) -> None:
        """Tell what lasts by conditions that are kept, which may be those of several databases."""
        self._context.conditions = conditions

    def look(self, now: float, line: Line, begin: Talk | None) -> Look:
        """Return what is measured and what has to be told at an instant; a server that cannot be asked is told of as well.

        `line` makes a session of a conversation, `begin` asks for TLS where the protocol wants that first.
        """
        context = self._context
        context.found = {}
        context.rates.turn(monotonic())
        try:
            told = asyncio.run(self._looked(now, line, begin))
            why = ""
        except (Failed, TimeoutError, *UNREAD) as error:
            told, why = [], self._why(error)
        context.put("up", 0.0 if why else 1.0)
        first = context.judged("database-unreachable", now, on=bool(why), text=why, over="it answers again.")
        return Look(Sample(now, dict(context.found)), (*first, *told))

    async def _looked(self, now: float, line: Line, begin: Talk | None) -> list[Happening]:
        told: list[Happening] = []
        async with (
            asyncio.timeout(self._database.deadline),
            self._opened(begin) as talk,
            line(talk) as session,
        ):
            for part in self._parts:
                with contextlib.suppress(Refused, *UNREAD):
                    told += await part(self._context, session, now)
        return told

    @contextlib.asynccontextmanager
    async def _opened(self, begin: Talk | None) -> AsyncIterator[Conversation]:
        one, tape = self._database, Tape()
        tape.secrets |= {one.password} - {""}
        standpoint = Standpoint(
            policy=AddressPolicy(allow_private=True), folders=(one.socket,) if one.socket else ()
        )
        if one.socket:
            async with conversing.opened_socket(one.socket, standpoint, tape) as talk:
                yield talk
            return
        trust = Trust(verify=True, authority=one.authority) if one.tls else None
        opening = Opening(targeted(one.url, self._schemes), trust, begin if one.tls else None)
        request = Request(url=one.url, deadline=one.deadline)
        async with conversing.opened(opening, request, standpoint, tape) as talk:
            yield talk

    def _why(self, error: Exception) -> str:
        if isinstance(error, Failed):
            return f"it cannot be asked. {error}"
        if isinstance(error, TimeoutError):
            return f"it did not answer within {sentences.span(self._database.deadline)}."
        return f"what it says could not be read ({type(error).__name__})."


def number(row: Row, name: str) -> float | None:
    """Return a column as a number; None where it is null or not there."""
    text = row.get(name)
    return None if text is None or text == "" else float(text)
