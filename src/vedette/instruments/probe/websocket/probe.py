"""A WebSocket (RFC 6455): the handshake, a ping that comes back, and a message with its answer."""

import base64
import re
from collections.abc import Mapping

import msgspec

from vedette.core.ids import new_key
from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Trusting
from vedette.instruments.probe.http.options import check_header
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint, Target
from vedette.instruments.probe.websocket.frames import accepted
from vedette.instruments.probe.websocket.messages import Messages

SCHEMES = {"ws": 80, "wss": 443}
_MOST_SENT = 65_536
_TOKENS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, -]{0,200}")
_OURS = frozenset({"upgrade", "sec-websocket-key", "sec-websocket-version", "sec-websocket-protocol"})


class WebSocketOptions(Trusting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`send` is a message of text, `answer` what a message must look like (`*` for anything); `protocol` a subprotocol to agree on."""

    headers: Mapping[str, str] = {}
    protocol: str = ""
    ping: bool = True
    send: str = ""
    answer: str = ""


class WebSocketProbe:
    """Implements `probe.types.Probe`."""

    kind = "websocket"
    label = "WebSocket"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = WebSocketOptions
    secrets = ("headers", "send", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(WebSocketOptions, request.options)
        targeted(request.url, SCHEMES)
        for name, value in options.headers.items():
            check_header(name, value)
            if name.lower() in _OURS:
                raise wrong("headers", f"{name} is set by the handshake itself")
        if not _TOKENS.fullmatch(options.protocol):
            raise wrong("protocol", "it is no name of a subprotocol")
        if len(options.send) > _MOST_SENT:
            raise wrong("send", f"{_MOST_SENT} characters at most")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Shake hands, ping, send, and wait for the answer; it is the body."""
        options = decoded(WebSocketOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if target.scheme == "wss" else None
        async with conversing.opened(Opening(target, trust), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                await _shaken(talk, target, options, tape)
            with tape.timed(Phase.TRANSFER):
                return f"{where(target)} {await _spoken(Messages(talk), options, tape)}"


async def _shaken(talk: Conversation, target: Target, options: WebSocketOptions, tape: Tape) -> None:
    key = base64.b64encode(bytes.fromhex(new_key())).decode()
    await talk.say(_asked(target, options, key))
    status_line, *lines = (await talk.until(b"\r\n\r\n")).decode("utf-8", "replace").strip().split("\r\n")
    tape.headers = [(name.strip(), value.strip()) for name, _, value in (x.partition(":") for x in lines)]
    found = re.fullmatch(r"HTTP/1\.1 (\d{3})(?: .*)?", status_line)
    if found is None:
        raise talk.failed(Cause.BAD_ANSWER, "it does not answer as HTTP/1.1 does")
    tape.status = int(found[1])
    if tape.status != 101:
        raise Failed(
            Cause.BAD_STATUS, f"{talk.host} answered {tape.status} and does not speak WebSocket there (101)."
        )
    _check_answer(talk, {name.lower(): value for name, value in tape.headers}, options, key)


def _asked(target: Target, options: WebSocketOptions, key: str) -> bytes:
    """Return the request of the handshake (section 4.1)."""
    headers = {
        "Host": target.shown, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13", "User-Agent": "Vedette",
        **({"Sec-WebSocket-Protocol": options.protocol} if options.protocol else {}),
        **options.headers,
    }  # fmt: skip
    lines = [f"GET {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _check_answer(
    talk: Conversation, headers: Mapping[str, str], options: WebSocketOptions, key: str
) -> None:
    if headers.get("upgrade", "").lower() != "websocket":
        raise talk.failed(Cause.BAD_ANSWER, "its answer does not upgrade to websocket")
    if headers.get("sec-websocket-accept") != accepted(key):
        raise talk.failed(Cause.BAD_ANSWER, "it does not prove that it read the handshake")
    if headers.get("sec-websocket-extensions"):
        raise talk.failed(Cause.BAD_ANSWER, "it uses an extension that was not asked for")
    agreed, offered = headers.get("sec-websocket-protocol", ""), options.protocol.replace(" ", "").split(",")
    if (agreed or options.protocol) and agreed not in offered:
        raise talk.failed(Cause.BAD_ANSWER, f"it agrees on the subprotocol “{talk.quoted(agreed, 80)}”")


async def _spoken(messages: Messages, options: WebSocketOptions, tape: Tape) -> str:
    """Ping and send, and return what came of it in words."""
    if options.ping:
        await messages.pinged()
    if not options.send and not options.answer:
        await messages.leave()
        return "shook hands and answered a ping" if options.ping else "shook hands"
    if options.send:
        await messages.send(options.send)
    tape.body = await messages.heard(options.answer or "*")
    await messages.leave()
    return "shook hands and sent the message that is waited for"


PROBE = WebSocketProbe()
