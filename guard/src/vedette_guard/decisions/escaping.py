"""Text that means itself where it is put: in HTML, an attribute, a string of JavaScript, a URL, a cell of CSV.

After OWASP's cheat sheets on cross-site scripting and CSV injection. What none of these can hold (lone surrogates, and
NUL and most control characters in HTML) becomes U+FFFD, as a parser of HTML would have it; nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal
from urllib.parse import quote, urlsplit

Context = Literal["html", "attribute", "js", "url", "csv"]

_LONE = re.compile(r"[\ud800-\udfff]")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ud800-\udfff]")
_UNPLAIN = re.compile(r"[^A-Za-z0-9.,_\u00a0-\uffff\U00010000-\U0010ffff-]")
_NO_JS = re.compile(r"[^A-Za-z0-9 .,_]")
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*(?:[eE][+-]?\d+)?%?")
# What spreadsheets take for the beginning of a formula, full width too; a space before it changes nothing.
_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%]|[\t\r\n]")


def html(text: str) -> str:
    """Return text for the content of an element, or an attribute in quotes."""
    return re.sub(r"[&<>\"']", lambda match: _HTML[match[0]], _FORBIDDEN.sub("\ufffd", text))


def attribute(text: str) -> str:
    """Return text for an attribute, also one without quotes. An address needs `safe_url` first."""
    return _UNPLAIN.sub(lambda match: f"&#x{ord(match[0]):X};", _c1(_FORBIDDEN.sub("\ufffd", text)))


def _c1(text: str) -> str:
    """Return text without C1 controls: as character references they would be letters of windows-1252."""
    return re.sub(r"[\x80-\x9f]", "\ufffd", text)


def js(text: str) -> str:
    """Return text for inside a string of JavaScript, in any of its quotes, in a script or an event handler's attribute.

    It is ASCII, and inside double quotes it is JSON.
    """
    return _NO_JS.sub(_units, text)


def _units(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))


def url(text: str) -> str:
    """Return text for one part of a URL: a segment of its path, a name or value of its query."""
    return quote(_LONE.sub("\ufffd", text), safe="")


def csv(text: str) -> str:
    """Return a whole cell, in quotes. What a spreadsheet would calculate begins with an apostrophe; numbers do not."""
    plain = _LONE.sub("\ufffd", text).replace("\0", "\ufffd")
    calm = "'" + plain if _FORMULA.match(plain) and not _NUMBER.fullmatch(plain) else plain
    return '"' + calm.replace('"', '""') + '"'


ESCAPES: dict[str, Callable[[str], str]] = {
    "html": html, "attribute": attribute, "js": js, "url": url, "csv": csv,
}  # fmt: skip

# Browsers drop these from addresses before they look for a scheme.
_DROPPED = re.compile(r"[\t\n\r]|^[\x00-\x20]+|[\x00-\x20]+$")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")


def safe_url(address: str, schemes: tuple[str, ...], otherwise: str) -> str:
    """Return an address that a link may have; `otherwise` for one of another scheme, or that browsers read otherwise.

    Relative addresses stay; `//host`, which leaves the site without a scheme, does not.
    """
    seen = _LONE.sub("\ufffd", _DROPPED.sub("", address))
    if re.search(r"[\x00-\x1f\x7f]", seen) or re.match(r"[/\\]{2}", seen):
        return otherwise
    scheme = _SCHEME.match(seen)
    if scheme:
        fits = scheme[0][:-1].lower() in schemes and _parses(seen)
        return seen if fits else otherwise
    # A colon before any slash would be a scheme to some reader; one written as HTML too, were it not escaped.
    head = re.split(r"[/?]", seen, maxsplit=1)[0]
    return otherwise if ":" in head.partition("#")[0] or re.search(r"&#|&colon", head, re.I) else seen


def _parses(address: str) -> bool:
    try:
        urlsplit(address)
    except ValueError:
        return False
    return True
