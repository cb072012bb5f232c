"""What of an answer is kept: secrets become dots, bodies become text. Decisions only."""

import base64
import functools
import json
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote, quote_plus

from vedette.instruments.probe.types import EVIDENCE_BYTES

DOTS = "••••"
QUOTED = 300  # characters of what a server says that a sentence quotes
KEPT_IN_URL = "/%?&=:!$'()*+,;~[]"  # of a variable that goes into a URL
_SHORTEST = 4
_ESCAPE = re.compile(r"\\[rntx0-7\\]")
_USER = re.compile(r"//[^/?#]*@")
_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "authentication-info"}
)
_WORDS = (
    "token",
    "secret",
    "password",
    "passwd",
    "api-key",
    "apikey",
    "api_key",
    "session",
    "signature",
    "auth",
)


def secrets_of(options: Mapping[str, object], names: Iterable[str]) -> tuple[str, ...]:
    """Return the texts among a probe's options that must not be shown, the longest first; values of mappings too."""
    if not options:
        return ()
    found: set[str] = set()
    for name in names:
        value = options.get(name)
        if isinstance(value, str):
            found |= {value, _unescaped(value)}
        elif isinstance(value, Mapping):
            found |= {v for k, v in value.items() if isinstance(v, str) and is_secret_name(str(k))}
    sent = {spelling for text in found for spelling in spellings(text)} | _basic(options, found)
    return tuple(sorted(sent, key=lambda t: (-len(t), t)))


def spellings(secret: str) -> set[str]:
    """Return a secret in every spelling in which it is sent, and may come back: as it is, in URLs, in JSON.

    Nothing for one that is too short to be told from other words.
    """
    if len(secret) < _SHORTEST:
        return set()
    urls = {quote(secret), quote(secret, safe=""), quote(secret, safe=KEPT_IN_URL), quote_plus(secret)}
    texts = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    found = {secret, *urls, *texts}
    return {one for one in {*found, *(text.strip() for text in found)} if len(one) >= _SHORTEST}


def _unescaped(text: str) -> str:
    """Return a text as `tcp` sends it."""
    if not _ESCAPE.search(text):
        return text
    try:
        return text.encode().decode("unicode_escape").encode("latin-1", "replace").decode("utf-8", "replace")
    except ValueError:
        return text


def _basic(options: Mapping[str, object], secrets: Collection[str]) -> set[str]:
    """Return what a user and a password are together in HTTP (RFC 7617)."""
    user, password = options.get("user"), options.get("password")
    if not isinstance(user, str) or not isinstance(password, str) or password not in secrets:
        return set()
    return {base64.b64encode(f"{user}:{password}".encode()).decode()} if password else set()


def masked(text: str, secrets: Collection[str]) -> str:
    """Return a text with every secret in it as dots, the longest first: one may be part of another."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, DOTS)
    return text


def cut(text: str, secrets: Collection[str], most: int = QUOTED) -> str:
    """Return the beginning of a text with its secrets as dots: masked before it is cut, for half a secret is one too."""
    shown = masked(text, secrets)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def told(sentence: str, secrets: Collection[str]) -> str:
    """Return a sentence with its secrets as dots, and those that something cut (…) in the middle."""
    *cuts, last = masked(sentence, secrets).split("…")
    return "…".join([*(without_torn(part, secrets) for part in cuts), last])


def without_torn(text: str, secrets: Collection[str]) -> str:
    """Return the beginning of something longer without what, at its end, may be the first part of a secret."""
    torn = max((_torn(text, secret) for secret in secrets), default=0)
    return text[: len(text) - torn]


def _torn(text: str, secret: str) -> int:
    return next((n for n in range(len(secret) - 1, 0, -1) if text.endswith(secret[:n])), 0)


def masked_headers(
    headers: Iterable[tuple[str, str]], secrets: Collection[str]
) -> tuple[tuple[str, str], ...]:
    """Return headers fit to be shown: values of those that carry credentials are dots."""
    return tuple((name, _value(name, value, secrets)) for name, value in headers)


@functools.lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Tell whether a header or a parameter of that name carries a credential."""
    low = name.lower()
    return low in _HEADERS or any(word in low for word in _WORDS)


def masked_url(url: str, secrets: Collection[str]) -> str:
    """Return a URL with user and password, and the values of parameters that carry credentials, as dots."""
    return _masked_url(url, tuple(sorted(secrets)))


@functools.lru_cache(maxsize=1024)
def _masked_url(url: str, secrets: tuple[str, ...]) -> str:
    base, mark, query = _USER.sub(f"//{DOTS}@", url, count=1).partition("?")
    parts = []
    for part in query.split("&"):
        name, equals, _ = part.partition("=")
        parts.append(f"{name}={DOTS}" if equals and is_secret_name(name) else part)
    return masked(base + mark + "&".join(parts), secrets)


def text_of(body: bytes, content_type: str) -> str:
    """Return a body as text: by the charset its type names, else as UTF-8; what is neither becomes U+FFFD."""
    charset = content_type.lower().partition("charset=")[2].split(";")[0].strip(" \"'")
    try:
        return body.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):  # unknown, or no charset at all (rot13, zlib)
        return body.decode("utf-8", "replace")


def beginning(text: str) -> str:
    """Return the beginning of a body that is kept as evidence: at most 4 KB of UTF-8."""
    return text.encode("utf-8", "replace")[:EVIDENCE_BYTES].decode("utf-8", "ignore")


def _value(name: str, value: str, secrets: Collection[str]) -> str:
    if name.lower() == "set-cookie":
        cookie, _, rest = value.partition(";")
        return f"{cookie.partition('=')[0]}={DOTS}{';' + rest if rest else ''}"
    if name.lower() == "location":
        return masked_url(value, secrets)
    return DOTS if is_secret_name(name) and name.lower() != "www-authenticate" else masked(value, secrets)
