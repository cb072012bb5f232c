"""Web vitals as clients send them: measurements of a transaction, or of spans that come alone.

https://web.dev/articles/vitals says what they are. Our browser client and older SDKs send `measurements` of a
transaction; INP, and what is measured until a page is left, comes as a span of its own, or as several in a container.
It is read where requests are answered: so it is JSON or nothing, and nobody mends what is not.
"""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.wire.tolerant import Json
from vedette.wire.url import place_of

VITALS = ("lcp", "inp", "cls", "fcp", "ttfb")
TYPES = frozenset({"transaction", "span"})
MOST_LOADS = 100
_LONGEST_NAME = 200
_MOST = {"cls": 1_000.0}
_MOST_MS = 600_000.0  # ten minutes: what is longer was a page that slept
_UNITS = {
    "nanosecond": 1e-6,
    "microsecond": 1e-3,
    "millisecond": 1.0,
    "second": 1e3,
    "": 1.0,
    "none": 1.0,
    "ratio": 1.0,
}
_SIGNS = (b"measurements", b"web_vital")
_NAMES = ("sentry.transaction", "transaction", "sentry.segment.name", "url.path", "url.full")
_SPAN_NAMES = {f"browser.web_vital.{name}.value": name for name in VITALS}


class Load(msgspec.Struct, frozen=True, array_like=True):
    """What was measured of one page load: the page (ids as `*`), and values by vital: milliseconds, CLS as it is."""

    page: str
    values: Mapping[str, float]


class _Transaction(msgspec.Struct):
    """The fields of a transaction that matter; all others are skipped, and not made."""

    transaction: msgspec.Raw = msgspec.Raw(b"null")
    measurements: msgspec.Raw = msgspec.Raw(b"null")


_HEAD = msgspec.json.Decoder(_Transaction).decode
_PLAIN = msgspec.json.Decoder().decode
_NO_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(tuple[Load, ...]).decode


def brief(item_type: str, payload: bytes | bytearray) -> bytes:
    """Return the page loads that an item tells of, encoded for `loads`; empty when it holds no web vital."""
    if item_type not in TYPES or not any(sign in payload for sign in _SIGNS):
        return b""
    try:
        found = _of_transaction(bytes(payload)) if item_type == "transaction" else _of_span(bytes(payload))
    except _NO_JSON:
        return b""
    return _ENCODE(found) if found else b""


def loads(body: bytes) -> tuple[Load, ...]:
    """Return the page loads of what `brief` returned; raises `msgspec.DecodeError` on anything else."""
    return _DECODE(body)


def _of_transaction(payload: bytes) -> tuple[Load, ...]:
    head = _HEAD(payload)
    return _made(_PLAIN(head.transaction), _measured(_PLAIN(head.measurements)))


def _of_span(payload: bytes) -> tuple[Load, ...]:
    """Return the loads of a span, or of a container of spans: of each page one, whose later values count."""
    value = _PLAIN(payload)
    listed = value.get("items") if isinstance(value, dict) else None
    spans = listed if isinstance(listed, list) else [value]
    found: dict[str, dict[str, float]] = {}
    for one in (one for span in spans[:MOST_LOADS] if isinstance(span, dict) for one in _of_one(span)):
        found.setdefault(one.page, {}).update(one.values)
    return tuple(Load(page, values) for page, values in found.items())


def _of_one(span: Mapping[str, Json]) -> tuple[Load, ...]:
    told = span.get("attributes") or span.get("data")
    attributes = {key: _plain(one) for key, one in told.items()} if isinstance(told, dict) else {}
    values = _measured(span.get("measurements"))
    for key, vital in _SPAN_NAMES.items():
        values.update(_value(vital, attributes.get(key), ""))
    name = next((attributes[key] for key in _NAMES if isinstance(attributes.get(key), str)), None)
    return _made(name or span.get("transaction"), values)


def _plain(value: Json) -> Json:
    """Return an attribute's value, which may stand in an object with its type."""
    return value.get("value") if isinstance(value, dict) else value


def _measured(sent: Json) -> dict[str, float]:
    """Return the vitals among measurements; each is an object with value and unit."""
    found: dict[str, float] = {}
    for vital in VITALS:
        one = sent.get(vital) if isinstance(sent, dict) else None
        if isinstance(one, dict):
            found.update(_value(vital, one.get("value"), one.get("unit")))
    return found


def _value(vital: str, value: Json, unit: Json) -> Iterator[tuple[str, float]]:
    """Yield a vital with its value, when that is one a page can have."""
    factor = _UNITS.get(unit.lower() if isinstance(unit, str) else "")
    if factor is None or isinstance(value, bool) or not isinstance(value, int | float):
        return
    if not 0 <= value <= _MOST_MS * 1e6:  # a number of any length cannot be multiplied
        return
    if 0 <= value * factor <= _MOST.get(vital, _MOST_MS):
        yield vital, value * factor


def _made(name: Json, values: dict[str, float]) -> tuple[Load, ...]:
    if not values or not isinstance(name, str) or not name.strip():
        return ()
    page = place_of(name.strip()[:_LONGEST_NAME])
    return (Load("".join(filter(str.isprintable, page))[:_LONGEST_NAME] or "/", values),)
