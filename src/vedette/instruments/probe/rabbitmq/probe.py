"""RabbitMQ by AMQP 0-9-1: sign in, open a virtual host, and look at a queue where one is named."""

import struct
from collections.abc import Mapping
from urllib.parse import unquote

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Trusting
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.rabbitmq import wire
from vedette.instruments.probe.rabbitmq.wire import Method
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint, Target

SCHEMES = {"amqp": 5672, "amqps": 5671}
_BROKEN = (struct.error, IndexError)
_KEPT = ("product", "version", "cluster_name")


class RabbitmqOptions(Trusting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks, and which queue must be there."""

    user: str = "guest"
    password: str = "guest"  # noqa: S105 - RabbitMQ's own first user, which signs in from its machine only
    queue: str = ""


class RabbitmqProbe:
    """Implements `probe.types.Probe`."""

    kind = "rabbitmq"
    label = "RabbitMQ"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = RabbitmqOptions
    secrets = ("password", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(RabbitmqOptions, request.options)
        if len(_host_of(targeted(request.url, SCHEMES)).encode()) > 255:
            raise wrong("url", "the name of its virtual host is longer than 255 bytes")
        if len(options.queue.encode()) > 255:
            raise wrong("queue", "longer than 255 bytes")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Sign in and look; the headers are what the server says of itself, and `messages` and `consumers` of the queue."""
        options = decoded(RabbitmqOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if target.scheme == "amqps" else None
        async with conversing.opened(Opening(target, trust), request, standpoint, tape) as talk:
            try:
                with tape.timed(Phase.FIRST_BYTE):
                    said = await _opened(talk, options, _host_of(target))
                tape.headers = [(name, said[name]) for name in _KEPT if name in said]
                words = f"is {talk.quoted(said.get('product', 'AMQP'))} {talk.quoted(said.get('version', ''))} and opened {_host_of(target)}"
                if options.queue:
                    with tape.timed(Phase.TRANSFER):
                        words += await _queue(talk, options.queue, tape)
            except _BROKEN as error:
                raise talk.failed(Cause.BAD_ANSWER, "what it says is cut short") from error
            await talk.say(wire.frame(wire.CLOSE, struct.pack(">H", 200) + wire.short("") + bytes(4)))
        return f"{where(target)} {words}"


def _host_of(target: Target) -> str:
    """Return the virtual host that the path of a URL names, `/` for none."""
    return unquote(target.path[1:].partition("?")[0]) or "/"


async def _opened(talk: Conversation, options: RabbitmqOptions, host: str) -> Mapping[str, str]:
    """Sign in and open the virtual host; returns the texts among the server's properties."""
    await talk.say(wire.HEADER)
    said, ways = wire.offered((await _wanted(talk, wire.START)).arguments)
    if "PLAIN" not in ways:
        raise Failed(
            Cause.LOGIN_REFUSED, f"{talk.host} wants a way to sign in that Vedette does not offer ({talk.quoted(' '.join(ways), 100)})."
        )  # fmt: skip
    await talk.say(wire.frame(wire.START_OK, wire.start_ok(options.user, options.password)))
    tune = await _wanted(talk, wire.TUNE)
    await talk.say(wire.frame(wire.TUNE_OK, wire.tune_ok(tune.arguments)))
    await talk.say(wire.frame(wire.OPEN, wire.opening(host)))
    await _wanted(talk, wire.OPEN_OK)
    return said


async def _queue(talk: Conversation, queue: str, tape: Tape) -> str:
    await talk.say(wire.frame(wire.CHANNEL_OPEN, wire.short(""), 1))
    await _wanted(talk, wire.CHANNEL_OPEN_OK)
    await talk.say(wire.frame(wire.DECLARE, wire.passive(queue), 1))
    messages, consumers = wire.declared((await _wanted(talk, wire.DECLARE_OK)).arguments)
    tape.headers += [("messages", str(messages)), ("consumers", str(consumers))]
    return f"; {queue} holds {messages} messages for {consumers} consumers"


async def _wanted(talk: Conversation, which: tuple[int, int]) -> Method:
    """Return the next method, which must be this one; a close is what the server has against us."""
    head = await talk.exactly(7)
    while head[0] == wire.HEARTBEAT:
        await talk.exactly(1)
        head = await talk.exactly(7)
    payload, end = await talk.exactly(int.from_bytes(head[3:], "big")), await talk.exactly(1)
    if head[0] != wire.METHOD or end != wire.END:
        raise talk.failed(Cause.BAD_ANSWER, "it does not speak AMQP 0-9-1")
    found = wire.method(payload)
    if found.which in {wire.CLOSE, wire.CHANNEL_CLOSE}:
        cause, words = wire.closed(found.arguments)
        raise Failed(cause, f"{talk.host} says: {talk.quoted(words)}.")
    if found.which != which:
        raise talk.failed(Cause.BAD_ANSWER, f"it says {found.which} where {which} comes next")
    return found


PROBE = RabbitmqProbe()
