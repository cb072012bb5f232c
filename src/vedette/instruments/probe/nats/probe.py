"""NATS by its own protocol: INFO, CONNECT, PING. Source: NATS' documentation, "Client Protocol"."""

import asyncio
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Securable
from vedette.instruments.probe.handshaking import Streams
from vedette.instruments.probe.optioning import NO_JSON, decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"nats": 4222}
_MOST_LINES = 20


class NatsOptions(Securable, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks: `user` and `password`, or a `token`, or nobody."""

    user: str = ""
    password: str = ""
    token: str = ""


class Info(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says first, the part of it that matters."""

    server_name: str = ""
    version: str = ""
    cluster: str = ""
    jetstream: bool = False
    tls_required: bool = False
    tls_available: bool = False
    ldm: bool = False


class NatsProbe:
    """Implements `probe.types.Probe`."""

    kind = "nats"
    label = "NATS"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = NatsOptions
    secrets = ("password", "token", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(NatsOptions, request.options)
        targeted(request.url, SCHEMES)
        if options.token and options.user:
            raise wrong("token", "give either a token or user and password")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Take the server's INFO, sign in and ping; the body is the INFO."""
        options = decoded(NatsOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust, heard = conversing.trust_of(options) if options.tls else None, list[Info]()

        async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talk = Conversation(Streams(reader, writer), where(target), tape.secrets)
            heard.append(await _info(talk, tape))
            if not (heard[0].tls_required or heard[0].tls_available):
                raise Failed(Cause.STARTTLS_REFUSED, f"{talk.host} does not begin TLS: it does not offer it.")

        async with conversing.opened(Opening(target, trust, begin), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                info = heard[0] if heard else await _info(talk, tape)
                _fit(talk, info)
                await _ponged(talk, options)
        return f"{where(target)} is NATS {talk.quoted(info.version)} and answers PING"


async def _info(talk: Conversation, tape: Tape) -> Info:
    line = await talk.line()
    if not line.startswith(b"INFO "):
        raise _refused(talk, line) if line.startswith(b"-ERR") else _foreign(talk)
    try:
        info = msgspec.json.decode(line[5:], type=Info)
    except NO_JSON as error:
        raise _foreign(talk) from error
    tape.body = line[5:]
    tape.headers = [("server_name", info.server_name), ("version", info.version), ("cluster", info.cluster)]
    return info


def _fit(talk: Conversation, info: Info) -> None:
    if info.tls_required and not talk.secure:
        raise Failed(Cause.TLS_PROTOCOL, f"{talk.host} takes nobody without TLS; set tls.")
    if info.ldm:
        raise Failed(Cause.NOT_SERVING, f"{talk.host} is about to leave (lame duck mode).")


async def _ponged(talk: Conversation, options: NatsOptions) -> None:
    said = {
        "verbose": False, "pedantic": False, "lang": "vedette", "version": "1", "protocol": 1, "echo": False,
        "user": options.user or None, "pass": options.password or None, "auth_token": options.token or None,
    }  # fmt: skip
    connect = msgspec.json.encode({name: value for name, value in said.items() if value is not None})
    await talk.say(b"CONNECT " + connect + b"\r\nPING\r\n")
    for _ in range(_MOST_LINES):
        line = await talk.line()
        if line == b"PONG":
            return
        if line.startswith(b"-ERR"):
            raise _refused(talk, line)
    raise _foreign(talk)


def _refused(talk: Conversation, line: bytes) -> Failed:
    words = talk.quoted(line[4:].strip(b" '"))
    low = words.lower()
    serving = Cause.NOT_SERVING if "exceeded" in low or "slow" in low else Cause.QUERY_FAILED
    return Failed(Cause.LOGIN_REFUSED if "auth" in low else serving, f"{talk.host} says: {words}.")


def _foreign(talk: Conversation) -> Failed:
    return talk.failed(Cause.BAD_ANSWER, "it does not speak as NATS does")


PROBE = NatsProbe()
