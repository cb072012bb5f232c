"""Signing in to MySQL or MariaDB and asking one thing."""

import contextlib
import struct

from vedette.instruments.probe.conversing import Conversation
from vedette.instruments.probe.mysql import wire
from vedette.instruments.probe.mysql.wire import Greeting
from vedette.instruments.probe.querying import MOST_ROWS, QueryOptions
from vedette.instruments.probe.types import Cause, Failed

_OK, _MORE, _INFILE, _EOF, _ERR = 0x00, 0x01, 0xFB, 0xFE, 0xFF
_FAST, _FULL = 3, 4
_MOST_STEPS = 10
_MOST_COLUMNS = 1000


class _Refused(Failed):
    """The server understood, and will not."""


async def greeted(talk: Conversation) -> Greeting:
    """Return what the server says first; raises `Failed`."""
    payload = await _packet(talk)
    try:
        return wire.greeting(payload)
    except (ValueError, struct.error) as error:
        raise talk.failed(Cause.BAD_ANSWER, "it does not greet as MySQL does") from error


async def begun(talk: Conversation, database: str) -> Greeting:
    """Take the greeting and ask for TLS."""
    greeting = await greeted(talk)
    if not greeting.secure:
        raise Failed(Cause.STARTTLS_REFUSED, f"{talk.host} does not begin TLS: it does not offer it.")
    await talk.say(wire.packet(wire.wants_tls(database), 1))
    return greeting


async def _packet(talk: Conversation) -> bytes:
    return (await _numbered(talk))[0]


async def _numbered(talk: Conversation) -> tuple[bytes, int]:
    head = await talk.exactly(4)
    payload = await talk.exactly(int.from_bytes(head[:3], "little"))
    if not payload:
        raise talk.failed(Cause.BAD_ANSWER, "it sends an empty packet")
    if payload[0] == _ERR:
        cause, words = wire.fault(payload)
        raise _Refused(cause, f"{talk.host} says: {talk.quoted(words)}.")
    return payload, head[3]


class Session:
    """What follows the greeting."""

    def __init__(self, talk: Conversation, options: QueryOptions, greeting: Greeting) -> None:
        self._talk, self._options, self._greeting = talk, options, greeting

    async def sign_in(self, database: str) -> None:
        """Prove who we are, as often as the server changes its mind about how."""
        plugin = (
            self._greeting.plugin if self._greeting.plugin in {wire.NATIVE, wire.CACHING} else wire.NATIVE
        )
        nonce, secure = self._greeting.nonce, self._talk.secure
        proof = wire.proof(plugin, self._options.password, nonce)
        answer = wire.response(self._options.user, proof, plugin, database, tls=secure)
        await self._talk.say(wire.packet(answer, 2 if secure else 1))
        for _ in range(_MOST_STEPS):
            payload, number = await _numbered(self._talk)
            if payload[0] == _OK:
                return
            if payload[0] == _EOF:
                name, _, data = payload[1:].partition(b"\x00")
                plugin, nonce = name.decode("ascii", "replace"), data[:20]
                await self._talk.say(wire.packet(self._switched(plugin, nonce), number + 1))
            elif payload[0] != _MORE:
                break
            elif payload[1:2] != bytes([_FAST]):
                await self._talk.say(wire.packet(self._clear("the password in full"), number + 1))
        raise self._talk.failed(Cause.BAD_ANSWER, "its way to sign in is none")

    def _switched(self, plugin: str, nonce: bytes) -> bytes:
        if plugin in {wire.NATIVE, wire.CACHING}:
            return wire.proof(plugin, self._options.password, nonce)
        if plugin == wire.CLEAR:
            return self._clear("the password in clear")
        why = f"wants a way to sign in that Vedette does not offer ({self._talk.quoted(plugin, 60)})"
        raise Failed(Cause.LOGIN_REFUSED, f"{self._talk.host} {why}.")

    def _clear(self, what: str) -> bytes:
        if not self._talk.secure:
            raise Failed(
                Cause.LOGIN_REFUSED, f"{self._talk.host} wants {what}, which is sent in TLS only; set tls."
            )
        return self._options.password.encode() + b"\x00"

    async def ask(self, seconds: float) -> tuple[list[str], list[list[str | None]]]:
        """Run the query in a transaction that may only read; returns columns and rows."""
        maria = "MariaDB" in self._greeting.version
        limit = (
            f"max_statement_time = {seconds:.3f}" if maria else f"max_execution_time = {int(seconds * 1000)}"
        )
        with contextlib.suppress(_Refused):  # servers that are too old for it
            await self._done(f"SET SESSION {limit}")
        await self._done("START TRANSACTION READ ONLY")
        try:
            return await self._query(self._options.query)
        except ValueError as error:
            raise self._talk.failed(Cause.BAD_ANSWER, str(error)) from error

    async def leave(self) -> None:
        """Say that the session is over."""
        await self._talk.say(wire.packet(b"\x01", 0))

    async def _done(self, text: str) -> None:
        """Have something done that has no rows."""
        await self._talk.say(wire.packet(b"\x03" + text.encode(), 0))
        if (await _packet(self._talk))[0] != _OK:
            raise self._talk.failed(
                Cause.BAD_ANSWER, f"it answers {text.partition(' ')[0]} with something else than OK"
            )

    async def _query(self, text: str) -> tuple[list[str], list[list[str | None]]]:
        await self._talk.say(wire.packet(b"\x03" + text.encode(), 0))
        payload = await _packet(self._talk)
        if payload[0] == _OK:
            return [], []
        if payload[0] == _INFILE:
            raise Failed(
                Cause.QUERY_FAILED, f"{self._talk.host} wants a file of ours, which it does not get."
            )
        count, _ = wire.number(payload)
        if count > _MOST_COLUMNS:
            raise ValueError("it has too many columns")
        columns = [wire.column(await _packet(self._talk)) for _ in range(count)]
        await _packet(self._talk)  # the end of the columns
        rows: list[list[str | None]] = []
        while len(rows) < MOST_ROWS:
            payload = await _packet(self._talk)
            if payload[0] == _EOF and len(payload) < 9:
                break
            rows.append(wire.row(payload, count))
        return columns, rows
