"""MongoDB by its own protocol: hello and ping as OP_MSG, which need nobody to sign in.

Source: MongoDB's documentation, "MongoDB Wire Protocol" and the commands `hello` and `ping`.
"""

import struct
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Securable
from vedette.instruments.probe.mongodb import bson
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"mongodb": 27017}
_OP_MSG = 2013
_KEPT = ("setName", "primary", "me", "maxWireVersion")


class MongodbProbe:
    """Implements `probe.types.Probe`."""

    kind = "mongodb"
    label = "MongoDB"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = Securable
    secrets = ("client_key",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        decoded(Securable, request.options)
        targeted(request.url, SCHEMES)

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Say hello and ping; the body is the answer to hello as JSON."""
        options = decoded(Securable, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if options.tls else None
        async with conversing.opened(Opening(target, trust), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                hello = await _asked(talk, 1, "hello")
            tape.body = msgspec.json.encode(hello)
            role = _role(hello)
            tape.headers = [("role", role), *((name, str(hello[name])) for name in _KEPT if name in hello)]
            if role == "other":
                raise Failed(Cause.NOT_SERVING, f"{talk.host} is neither primary nor secondary at this time.")
            with tape.timed(Phase.TRANSFER):
                await _asked(talk, 2, "ping")
        return f"{where(target)} is MongoDB ({role}) and answers ping"


def _role(hello: Mapping[str, object]) -> str:
    if hello.get("msg") == "isdbgrid":
        return "router"
    if hello.get("arbiterOnly"):
        return "arbiter"
    if hello.get("isWritablePrimary"):
        return "primary"
    return "secondary" if hello.get("secondary") else "other"


async def _asked(talk: Conversation, number: int, command: str) -> dict[str, object]:
    document = bson.encoded({command: 1, "$db": "admin"})
    body = struct.pack("<IB", 0, 0) + document
    await talk.say(struct.pack("<iiii", len(body) + 16, number, 0, _OP_MSG) + body)
    size, _, to, code = struct.unpack("<iiii", await talk.exactly(16))
    if code != _OP_MSG or to != number or size < 26:
        raise talk.failed(Cause.BAD_ANSWER, "it does not speak as MongoDB does")
    payload = await talk.exactly(size - 16)
    try:
        found = bson.decoded(payload[5 : 5 + struct.unpack_from("<i", payload, 5)[0]])
    except (ValueError, IndexError, struct.error) as error:
        raise talk.failed(Cause.BAD_ANSWER, f"its answer is no document: {error}") from error
    if found.get("ok") != 1:
        words = talk.quoted(str(found.get("errmsg", "no reason was given")))
        raise Failed(Cause.QUERY_FAILED, f"{talk.host} says to {command}: {words}.")
    return found


PROBE = MongodbProbe()
