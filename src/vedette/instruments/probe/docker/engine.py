"""Asking Docker's engine over one connection of HTTP/1.1: GET, and answers as the engine sends them, sized or in chunks."""

import re

import msgspec

from vedette.instruments.probe.conversing import Conversation
from vedette.instruments.probe.types import Cause, Failed

MOST_BYTES = 4 << 20
_DIGITS = 9
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,7})[ \t]*(?:;.*)?")


class Answer(msgspec.Struct, frozen=True):
    """Status, headers with lower-case names, body."""

    status: int
    headers: dict[str, str]
    body: bytes


async def asked(talk: Conversation, path: str) -> Answer:
    """Ask for a path and return the answer; raises `Failed`."""
    await talk.say(f"GET {path} HTTP/1.1\r\nHost: docker\r\nUser-Agent: Vedette\r\n\r\n".encode())
    first, *lines = (await talk.until(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
    found = re.fullmatch(r"HTTP/1\.[01] (\d{3})(?: .*)?", first)
    if found is None:
        raise talk.failed(Cause.BAD_ANSWER, "it does not answer as HTTP does")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Answer(int(found[1]), headers, await _body(talk, headers))


async def _body(talk: Conversation, headers: dict[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(talk)
    size = headers.get("content-length", "")
    if not size.isascii() or not size.isdigit():
        raise talk.failed(Cause.BAD_ANSWER, "its answer has no length")
    if len(size) > _DIGITS or int(size) > MOST_BYTES:
        raise _large(talk)
    return await talk.exactly(int(size), MOST_BYTES)


async def _chunks(talk: Conversation) -> bytes:
    found = bytearray()
    while True:
        line = await talk.line()
        match = _CHUNK.fullmatch(line)
        if match is None:
            raise talk.failed(Cause.BAD_ANSWER, "its chunks are none")
        size = int(match[1], 16)
        if len(found) + size > MOST_BYTES:
            raise _large(talk)
        found += (await talk.exactly(size + 2, MOST_BYTES + 2))[:size]
        if not size:
            return bytes(found)


def _large(talk: Conversation) -> Failed:
    return Failed(Cause.BODY_TOO_LARGE, f"The answer of {talk.host} is larger than {MOST_BYTES} bytes.")
