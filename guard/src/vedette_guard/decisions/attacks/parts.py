"""The values of a request: where each stood, its name, its text. All decoding is in bounds of the request itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from vedette_guard.decisions.attacks.sign import words
from vedette_guard.decisions.attacks.views import unescaped

MOST = 2000  # values of one request
DEEPEST = 64

_PLAIN_NAME = re.compile(r"[\w.\-\[\] ]*")
_XML = re.compile(
    r"=\s*(?:\"([^\"<]*)\"|'([^'<]*)')|>([^<]+)(?:<|\Z)|<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL
)
_XML_ATTRIBUTE, _XML_ELEMENT = re.compile(r"[\w:.-]{1,100}\s{0,20}$"), re.compile(r"[\w:.-]{1,100}")
_XML_DECLARES = re.compile(r"<!(?:DOCTYPE|ENTITY)[^>]*", re.IGNORECASE)
_NAME = re.compile(rb';\s*(filename\*?|name)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))', re.IGNORECASE)
_TEXTS = (b"text/", b"application/json", b"application/xml")


class Part(NamedTuple):
    """One value: where it stood (`query`, `path`, `form`, `json`, `cookie`, `header`, …), its name, its text."""

    where: str
    name: str
    text: str


def pairs(where: str, encoded: bytes, separator: bytes = b"&") -> Iterator[Part]:
    """Return the values of a query or a form; names that are no names are values too."""
    for pair in encoded.split(separator)[:MOST]:
        if not pair:
            continue
        name, equals, value = pair.replace(b"+", b" ").partition(b"=")
        key = text_of(unquote_to_bytes(name)).strip()
        if not _PLAIN_NAME.fullmatch(key):
            yield Part(where, "", key)
            if not equals and "=" in key:  # encoded as a whole: some parsers see a pair in it
                yield Part(where, *key.split("=", 1))
        if equals:
            yield Part(where, key, text_of(unquote_to_bytes(value)))
        elif _PLAIN_NAME.fullmatch(key):
            yield Part(where, "", key)


def text_of(raw: bytes) -> str:
    """Return bytes as text; what is no UTF-8 is Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def of_json(raw: bytes) -> Iterator[Part]:
    """Return the texts of a JSON body; of one that is none, the whole."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        yield Part("json", "", text_of(raw))
        return
    yield from _walk("", value, 0)


def _walk(name: str, value: object, depth: int) -> Iterator[Part]:
    if isinstance(value, str):
        yield Part("json", name, value)
    elif depth < DEEPEST and isinstance(value, dict):
        for key, inner in value.items():
            if not _PLAIN_NAME.fullmatch(key):
                yield Part("json", "", key)
            yield from _walk(key, inner, depth + 1)
    elif depth < DEEPEST and isinstance(value, list):
        for inner in value:
            yield from _walk(name, inner, depth + 1)


def of_xml(raw: bytes) -> Iterator[Part]:
    """Return the texts and attributes of an XML body, and what it declares; nothing of it is resolved."""
    text = text_of(raw)
    for declared in _XML_DECLARES.findall(text)[:MOST]:
        yield Part("xml", "", declared)
    for found in islice(_XML.finditer(text), MOST):
        value = unescaped("".join(one or "" for one in found.groups()))
        if value.strip():
            yield Part("xml", _xml_name(text, found), value)


def _xml_name(text: str, found: re.Match[str]) -> str:
    """Return the name of the attribute, or of the element, that a value of XML is of."""
    at = found.start()
    if text[at] == "=":
        named = _XML_ATTRIBUTE.search(text[max(0, at - 100) : at])
    else:
        opened = text.rfind("<", 0, at)
        named = _XML_ELEMENT.match(text, opened + 1)
    return named[0].strip() if named else ""


def of_multipart(raw: bytes, boundary: bytes) -> Iterator[Part]:
    """Return the fields of a form in parts, and the names of files; files themselves are not looked at."""
    for part in raw.split(b"--" + boundary)[1:MOST]:
        head, _, data = part.partition(b"\r\n\r\n" if b"\r\n\r\n" in part else b"\n\n")
        named = {key.lower(): quoted or bare for key, quoted, bare in _NAME.findall(head)}
        name = text_of(named.get(b"name", b""))
        filename = named.get(b"filename") or named.get(b"filename*")
        if not _PLAIN_NAME.fullmatch(name):
            yield Part("form", "", name)
        if filename is not None:
            yield Part("filename", name, text_of(filename))
        elif named:
            yield Part("form", name, text_of(data.strip(b"\r\n")))


def cookies(header: str) -> Iterator[Part]:
    """Return the values of a Cookie header."""
    yield from pairs("cookie", re.sub(r";\s+", ";", header).encode("latin-1", "replace"), b";")


def _referer(value: str) -> Iterator[Part]:
    """Return the values of the page a request came from: what was searched there is no address."""
    place, _, query = value.partition("?")
    query, _, fragment = query.partition("#")
    yield Part("header", "referer", place)
    yield from (
        part._replace(where="header", name=f"referer?{part.name}")
        for part in pairs("", query.encode("latin-1", "replace"))
    )
    if fragment:
        yield Part("header", "referer", fragment)


def headers(sent: Iterable[tuple[str, str]]) -> Iterator[Part]:
    """Return the values of headers that an application may use; cookies and addresses by their parts."""
    for name, value in sent:
        if name == "cookie":
            yield from cookies(value)
        elif name == "referer" and "?" in value and value.startswith("http"):
            yield from _referer(value)
        elif name not in SILENT and not name.startswith(("sec-", "accept", "if-", "access-control-")):
            yield Part("header", name, value)


SILENT = words("""host connection content-length content-type content-encoding transfer-encoding cache-control pragma date
    authorization proxy-authorization upgrade-insecure-requests dnt te range priority origin keep-alive expect upgrade
    traceparent tracestate x-request-id x-forwarded-proto x-forwarded-port via""")
