"""Signing in to PostgreSQL and asking one thing."""

import asyncio
import struct

from vedette.core.ids import new_key
from vedette.instruments.probe import scram
from vedette.instruments.probe.conversing import Conversation
from vedette.instruments.probe.postgres import wire
from vedette.instruments.probe.querying import MOST_ROWS, QueryOptions
from vedette.instruments.probe.types import Cause, Failed

_MECHANISM = "SCRAM-SHA-256"
_MOST_MESSAGES = 10_000
_MOST_PARAMETERS = 100
_OK, _CLEAR, _MD5, _SASL = 0, 3, 5, 10
_WAYS = {2: "Kerberos", 7: "GSSAPI", 9: "SSPI"}
_COPIES = b"GHW"


class Session:
    """`parameters` are what the server said of itself."""

    def __init__(self, talk: Conversation, options: QueryOptions) -> None:
        self._talk, self._options = talk, options
        self.parameters: dict[str, str] = {}

    async def sign_in(self, database: str) -> None:
        """Begin, prove who we are, and wait until the server is ready."""
        named = {"database": database} if database else {}
        parameters = {
            "user": self._options.user,
            **named,
            "application_name": "vedette",
            "client_encoding": "UTF8",
        }
        await self._talk.say(wire.startup(parameters))
        while True:
            kind, payload = await self._next()
            if kind == b"Z":
                return
            if kind == b"R":
                await self._prove(int.from_bytes(payload[:4], "big"), payload[4:])

    async def ask(self, seconds: float) -> tuple[list[str], list[list[str | None]]]:
        """Run the query in a transaction that may only read; returns columns and rows."""
        milliseconds = max(1, int(seconds * 1000))
        # Once anything was read, no statement can make the transaction one that writes.
        begin = f"BEGIN TRANSACTION READ ONLY; SET LOCAL statement_timeout = {milliseconds}; SELECT 1"
        await self._talk.say(wire.simple(begin))
        while (await self._next())[0] != b"Z":
            pass
        await self._talk.say(wire.extended(self._options.query, MOST_ROWS))
        try:
            return await self._rows()
        except struct.error as error:
            raise self._talk.failed(Cause.BAD_ANSWER, "its rows are cut short") from error
        except ValueError as error:
            raise self._talk.failed(Cause.BAD_ANSWER, str(error)) from error

    async def leave(self) -> None:
        """Say that the session is over."""
        await self._talk.say(wire.message(b"X"))

    async def _rows(self) -> tuple[list[str], list[list[str | None]]]:
        columns: list[str] = []
        rows: list[list[str | None]] = []
        for _ in range(_MOST_MESSAGES):
            kind, payload = await self._next()
            if kind == b"Z":
                return columns, rows
            if kind == b"T":
                if columns:
                    raise ValueError("it describes its rows twice")
                columns = wire.columns(payload)
            elif kind == b"D":
                if len(rows) == MOST_ROWS:
                    raise ValueError(f"it sends more than the {MOST_ROWS} rows it was asked for")
                rows.append(wire.row(payload))
            elif kind in _COPIES:
                raise Failed(
                    Cause.QUERY_FAILED, f"The query copies data at {self._talk.host}; write a SELECT."
                )
        raise self._talk.failed(Cause.BAD_ANSWER, "it goes on and on")

    async def _prove(self, way: int, data: bytes) -> None:
        secret = self._options.password
        if way == _OK:
            return
        if way == _CLEAR:
            if not self._talk.secure:
                raise self._refused("wants the password in clear, which is sent in TLS only; set tls")
            await self._talk.say(wire.password(secret.encode()))
        elif way == _MD5:
            await self._talk.say(wire.password(wire.md5(self._options.user, secret, data)))
        elif way == _SASL and _MECHANISM.encode() in data.split(b"\x00"):
            await self._scram()
        else:
            name = _WAYS.get(way, f"number {way}")
            raise self._refused(f"wants a way to sign in that Vedette does not offer ({name})")

    async def _scram(self) -> None:
        exchange = scram.Scram(self._options.password, new_key())
        await self._talk.say(wire.sasl_initial(_MECHANISM, exchange.first()))
        try:
            said = (await self._next(b"R"))[1]
            proof = await asyncio.to_thread(exchange.final, said[4:])  # its rounds would stop the loop
            await self._talk.say(wire.message(b"p", proof))
            exchange.verify((await self._next(b"R"))[1][4:])
        except scram.BROKEN as error:
            raise self._talk.failed(Cause.BAD_ANSWER, f"its SCRAM is wrong: {error}") from error

    async def _next(self, wanted: bytes = b"") -> tuple[bytes, bytes]:
        """Return the next message that is none of those that may come at any time."""
        for _ in range(_MOST_MESSAGES):
            kind, size = struct.unpack(">cI", await self._talk.exactly(5))
            if size < 4:
                raise self._talk.failed(Cause.BAD_ANSWER, "it is no PostgreSQL")
            payload = await self._talk.exactly(size - 4)
            if kind == b"E":
                cause, words = wire.fault(payload)
                raise Failed(cause, f"{self._talk.host} says: {self._talk.quoted(words)}.")
            if kind == b"S":
                name, value = wire.parameter(payload)
                self.parameters[name] = value
                if len(self.parameters) > _MOST_PARAMETERS:
                    raise self._talk.failed(Cause.BAD_ANSWER, "it says too much of itself")
            elif not wanted or kind == wanted:
                return kind, payload
        raise self._talk.failed(Cause.BAD_ANSWER, "it goes on and on")

    def _refused(self, why: str) -> Failed:
        return Failed(Cause.LOGIN_REFUSED, f"{self._talk.host} {why}.")
