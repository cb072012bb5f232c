"""Draw the request an event happened in."""

from collections.abc import Mapping

import msgspec

from vedette.errors.present import values
from vedette.wire import url as address

_KNOWN = frozenset({"url", "method", "query_string", "headers", "cookies", "data", "env", "fragment"})


class Part(msgspec.Struct, frozen=True):
    """A named group of rows."""

    name: str
    rows: tuple[values.Row, ...]


class Request(msgspec.Struct, frozen=True):
    """Method, address and the parts that hold something, in the order a person reads them."""

    method: str
    url: str
    path: str
    parts: tuple[Part, ...]


def request(value: object) -> Request | None:
    """Return the request, or None when the event has none."""
    sent = values.mapping(value)
    if not sent:
        return None
    url = values.text_of(sent.get("url"))
    parts = (
        Part("Query", _query(sent.get("query_string"))),
        Part("Body", _body(sent.get("data"))),
        Part("Headers", values.pairs(sent.get("headers"), "headers")),
        Part("Cookies", values.pairs(sent.get("cookies"), "cookies")),
        Part("Environment", values.pairs(sent.get("env"), "env")),
        Part("More", _more(sent)),
    )
    return Request(
        method=values.text_of(sent.get("method")),
        url=_with_query(url, sent.get("query_string")),
        path=address.path_of(url),
        parts=tuple(part for part in parts if part.rows),
    )


def _with_query(url: str, query: object) -> str:
    """Return the address as it was asked for: with its query, unless it carries one already."""
    if not isinstance(query, str) or not query or "?" in url:
        return url
    return f"{url}?{query.lstrip('?')}"


def _query(value: object) -> tuple[values.Row, ...]:
    """Return a query as rows; a text is taken apart, or kept whole when it is not made of pairs."""
    if not isinstance(value, str):
        return values.pairs(value, "query")
    found = address.query_pairs(value)
    return tuple(values.row(name, text) for name, text in found) or values.pairs(value, "query")


def _body(value: object) -> tuple[values.Row, ...]:
    return (
        ()
        if value is None or value == ""
        else values.rows(value, "" if isinstance(value, Mapping) else "body")
    )


def _more(sent: Mapping[str, object]) -> tuple[values.Row, ...]:
    fragment = sent.get("fragment")
    said = (values.row("fragment", fragment),) if fragment else ()
    return (*said, *values.rest(sent, _KNOWN))
