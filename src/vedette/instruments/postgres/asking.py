"""One thing after another asked of PostgreSQL in one session that may only read."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator

from vedette.instruments.databases.looking import Refused, Rows
from vedette.instruments.databases.types import Database
from vedette.instruments.probe import querying
from vedette.instruments.probe.conversing import Conversation, Talk
from vedette.instruments.probe.postgres import wire
from vedette.instruments.probe.postgres.probe import SCHEMES
from vedette.instruments.probe.postgres.session import Session
from vedette.instruments.probe.querying import QueryOptions
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.tls import starttls
from vedette.instruments.probe.types import Cause

_MOST_MESSAGES = 5_000
_MOST_ROWS = 1_000
_READS = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY; SET statement_timeout = {milliseconds}; SET lock_timeout = 500"


class Asking:
    """Implements `databases.looking.Asks`; `version` is the server's number (`150018`)."""

    def __init__(self, talk: Conversation) -> None:
        self._talk = talk
        self.version = ""

    async def ask(self, query: str) -> Rows:
        """Ask by the simple protocol, whose every answer ends with that the server is ready: the next one can follow an error."""
        await self._talk.say(wire.simple(query))
        try:
            return await self._rows()
        except (
            ValueError,
            struct.error,
        ) as error:  # what follows would be read as the answer to something else
            raise self._talk.failed(Cause.BAD_ANSWER, "its rows cannot be read") from error

    async def _rows(self) -> Rows:
        columns: list[str] = []
        rows: list[dict[str, str | None]] = []
        refused = ""
        for _ in range(_MOST_MESSAGES):
            kind, size = struct.unpack(">cI", await self._talk.exactly(5))
            payload = await self._talk.exactly(max(0, size - 4))
            if kind == b"Z":
                if refused:
                    raise Refused(Cause.QUERY_FAILED, refused)
                return rows
            if kind == b"E":
                refused = self._talk.quoted(wire.fault(payload)[1])
            elif kind == b"T":
                columns = wire.columns(payload)
            elif kind == b"D" and len(rows) < _MOST_ROWS:
                rows.append(dict(zip(columns, wire.row(payload), strict=False)))
        raise self._talk.failed(Cause.BAD_ANSWER, "it goes on and on")


@contextlib.asynccontextmanager
async def asking(talk: Conversation, database: Database) -> AsyncIterator[Asking]:
    """Sign in and see to it that nothing can be changed; raises `Failed`."""
    session = Session(talk, QueryOptions(user=database.user, password=database.password))
    await session.sign_in(querying.database_of(targeted(database.url, SCHEMES)))
    found = Asking(talk)
    await found.ask(_READS.format(milliseconds=int(database.deadline * 500)))
    rows = await found.ask("SELECT current_setting('server_version_num') AS number")
    found.version = rows[0]["number"] or ""
    yield found
    await session.leave()


def begin(database: Database) -> Talk:
    """Return what asks for TLS."""

    async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await starttls.postgres(starttls.Talk(reader, writer, where(targeted(database.url, SCHEMES))))

    return said
