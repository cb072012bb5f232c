"""The protocol of Redis, version 2 (RESP2): commands and replies. Source: Redis' "Redis serialization protocol specification"."""

import re

import msgspec

from vedette.instruments.probe.conversing import Conversation
from vedette.instruments.probe.types import Cause

_LENGTH = re.compile(rb"\d{1,9}")
_WORDS = {
    "NOAUTH": Cause.LOGIN_REFUSED, "WRONGPASS": Cause.LOGIN_REFUSED, "NOPERM": Cause.LOGIN_REFUSED,
    "DENIED": Cause.LOGIN_REFUSED, "LOADING": Cause.NOT_SERVING, "MASTERDOWN": Cause.NOT_SERVING,
    "BUSY": Cause.NOT_SERVING, "CLUSTERDOWN": Cause.NOT_SERVING,
}  # fmt: skip


class Refusal(msgspec.Struct, frozen=True):
    """An error reply, without its dash."""

    text: str

    @property
    def cause(self) -> Cause:
        """What kind of refusal it is, by its first word."""
        if "max number of clients" in self.text:
            return Cause.NOT_SERVING
        if "AUTH" in self.text or "invalid password" in self.text:
            return Cause.LOGIN_REFUSED
        return _WORDS.get(self.text.split(" ")[0], Cause.QUERY_FAILED)


async def asked(talk: Conversation, *words: str) -> bytes | Refusal:
    """Send a command and return its reply: a text or a refusal; raises `Failed` for what is none."""
    parts = [b"$%d\r\n%b\r\n" % (len(word.encode()), word.encode()) for word in words]
    await talk.say(b"*%d\r\n%b" % (len(parts), b"".join(parts)))
    line = await talk.line()
    kind, rest = line[:1], line[1:]
    if kind in {b"+", b":"}:
        return rest
    if kind == b"-":
        return Refusal(talk.quoted(rest))
    if kind != b"$" or not _LENGTH.fullmatch(rest):
        raise talk.failed(Cause.BAD_ANSWER, "it is no Redis")
    return (await talk.exactly(int(rest) + 2))[:-2]
