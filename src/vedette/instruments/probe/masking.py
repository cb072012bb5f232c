"""What of an answer is kept: secrets become dots, bodies become text. Decisions only."""

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote, quote_plus

from vedette.instruments.probe.types import EVIDENCE_BYTES

DOTS = "••••"
_SHORTEST = 4
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
            found.add(value)
        elif isinstance(value, Mapping):
            found |= {v for k, v in value.items() if isinstance(v, str) and is_secret_name(str(k))}
    long = {text for text in found if len(text) >= _SHORTEST}
    return tuple(sorted({*long, *map(quote, long), *map(quote_plus, long)}, key=lambda t: (-len(t), t)))


def masked(text: str, secrets: Sequence[str]) -> str:
    """Return a text with every secret in it as dots."""
    for secret in secrets:
        text = text.replace(secret, DOTS)
    return text


def masked_headers(headers: Iterable[tuple[str, str]], secrets: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return headers fit to be shown: values of those that carry credentials are dots."""
    return tuple((name, _value(name, value, secrets)) for name, value in headers)


@functools.lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Tell whether a header or a parameter of that name carries a credential."""
    low = name.lower()
    return low in _HEADERS or any(word in low for word in _WORDS)


def masked_url(url: str, secrets: Sequence[str]) -> str:
    """Return a URL with user and password, and the values of parameters that carry credentials, as dots."""
    return _masked_url(url, tuple(secrets))


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


def _value(name: str, value: str, secrets: Sequence[str]) -> str:
    if name.lower() == "set-cookie":
        cookie, _, rest = value.partition(";")
        return f"{cookie.partition('=')[0]}={DOTS}{';' + rest if rest else ''}"
    if name.lower() == "location":
        return masked_url(value, secrets)
    return DOTS if is_secret_name(name) and name.lower() != "www-authenticate" else masked(value, secrets)
