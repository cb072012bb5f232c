"""Reports of vedette-guard among events (ADR 28): what of one counts for a ban.

It is read where requests are answered: so it is JSON or nothing, and nobody mends what is not.
"""

import msgspec

TYPE = "guard"  # the item that is published beside the event
_SIGN = b"vedette.guard"
_WORDS = 300
_MOST_TIMES = 1_000_000


class Report(msgspec.Struct, frozen=True, array_like=True):
    """What a guard stopped: its kind, whose address, how often between two instants, and where."""

    kind: str
    client: str
    text: str
    times: int
    first: float
    last: float
    route: str = ""
    user: str = ""


class _Guard(msgspec.Struct):
    kind: str
    times: int = 1
    first: float = 0.0
    last: float = 0.0
    route: str = ""


class _User(msgspec.Struct):
    ip_address: str = ""
    id: str = ""


class _Contexts(msgspec.Struct):
    guard: _Guard


class _Event(msgspec.Struct):
    logger: str
    contexts: _Contexts
    user: _User = msgspec.field(default_factory=_User)
    message: msgspec.Raw = msgspec.Raw(b'""')


_EVENT = msgspec.json.Decoder(_Event, strict=False).decode
_PLAIN = msgspec.json.Decoder().decode
_ENCODE = msgspec.msgpack.Encoder().encode
read = msgspec.msgpack.Decoder(Report).decode
_NO_REPORT = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def brief(payload: bytes | bytearray) -> bytes:
    """Return what an event of a guard tells, encoded for `read`; empty for every other event."""
    if _SIGN not in payload:
        return b""
    try:
        event = _EVENT(bytes(payload))
    except _NO_REPORT:
        return b""
    if event.logger != _SIGN.decode() or not event.user.ip_address:
        return b""
    one = event.contexts.guard
    return _ENCODE(
        Report(
            _plain(one.kind)[:20], event.user.ip_address[:64], _said(event.message), max(1, min(one.times, _MOST_TIMES)),
            one.first, one.last, _plain(one.route)[:200], _plain(event.user.id)[:64],
        )
    )  # fmt: skip


def _said(raw: msgspec.Raw) -> str:
    message = _PLAIN(raw)
    text = message.get("formatted") or message.get("message") if isinstance(message, dict) else message
    return _plain(text)[:_WORDS] if isinstance(text, str) else ""


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable())
