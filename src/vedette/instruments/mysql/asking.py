"""One thing after another asked of MySQL or MariaDB in one session that may only read."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec

from vedette.instruments.databases.looking import Refused, Rows
from vedette.instruments.databases.types import Database
from vedette.instruments.probe import querying
from vedette.instruments.probe.conversing import Conversation, Talk
from vedette.instruments.probe.handshaking import Streams
from vedette.instruments.probe.mysql.probe import SCHEMES
from vedette.instruments.probe.mysql.session import Session, begun, greeted
from vedette.instruments.probe.mysql.wire import Greeting
from vedette.instruments.probe.querying import QueryOptions
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed

_WILL_NOT = frozenset({Cause.QUERY_FAILED, Cause.LOGIN_REFUSED, Cause.NOT_FOUND})


class Asking:
    """Implements `databases.looking.Asks`; `version` is what the server greets with (`5.5.5-10.11.6-MariaDB-0+deb12u1`)."""

    def __init__(self, talk: Conversation, options: QueryOptions, greeting: Greeting, seconds: float) -> None:
        self._talk, self._options, self._greeting, self._seconds = talk, options, greeting, seconds
        self.version = greeting.version

    async def ask(self, query: str) -> Rows:
        """Ask in a transaction that may only read; an error is one packet, so the next question can follow it."""
        session = Session(self._talk, msgspec.structs.replace(self._options, query=query), self._greeting)
        try:
            columns, rows = await session.ask(self._seconds)
        except Failed as error:
            if error.cause in _WILL_NOT:
                raise Refused(error.cause, str(error)) from error
            raise
        return [dict(zip(columns, row, strict=False)) for row in rows]


class Beginning:
    """Asks for TLS, and keeps what the server said before that."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.heard: Greeting | None = None

    def talk(self) -> Talk:
        """Return what asks for TLS."""
        target = targeted(self._database.url, SCHEMES)

        async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = Conversation(Streams(reader, writer), where(target))
            self.heard = await begun(talk, querying.database_of(target))

        return said

    @contextlib.asynccontextmanager
    async def asking(self, talk: Conversation) -> AsyncIterator[Asking]:
        """Sign in; raises `Failed`."""
        one = self._database
        greeting = self.heard or await greeted(talk)
        options = QueryOptions(user=one.user, password=one.password)
        session = Session(talk, options, greeting)
        await session.sign_in(querying.database_of(targeted(one.url, SCHEMES)))
        yield Asking(talk, options, greeting, one.deadline / 2)
        await session.leave()
