"""Who sends: the DSN key in its four places, and the DSN itself."""

from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

import msgspec


class Credentials(msgspec.Struct, frozen=True):
    """A public key as the client presented it, and the name the client gave itself (empty when none)."""

    key: str
    client: str = ""


class Dsn(msgspec.Struct, frozen=True):
    """A DSN `scheme://key[:secret]@host[:port][/prefix]/project`, taken apart. `host` includes the port."""

    scheme: str
    key: str
    host: str
    prefix: str
    project: str


@lru_cache(maxsize=1024)
def from_header(value: bytes) -> Credentials | None:
    """Return what `Sentry sentry_key=..., sentry_client=...` says; None when it is something else.

    Serves both `X-Sentry-Auth` and `Authorization`. Cached, for a client sends the same value every time.
    """
    text = value.decode("latin-1").strip()
    scheme, _, rest = text.partition(" ")
    if scheme.lower() == "sentry":
        text = rest
    pairs = (part.partition("=") for part in text.split(","))
    return _credentials({name.strip().lower(): value.strip().strip('"') for name, _, value in pairs})


@lru_cache(maxsize=1024)
def from_query(query: bytes) -> Credentials | None:
    """Return the key of `?sentry_key=...&sentry_client=...`; None when there is none."""
    if b"sentry_key" not in query:
        return None
    return _credentials(dict(parse_qsl(query.decode("latin-1"))))


def _credentials(fields: dict[str, str]) -> Credentials | None:
    key = fields.get("sentry_key", "")
    return Credentials(key, fields.get("sentry_client", "")) if key else None


@lru_cache(maxsize=1024)
def parse_dsn(text: str) -> Dsn | None:
    """Return a DSN's parts, or None when the text is not a DSN."""
    try:
        parts = urlsplit(text.strip())
        key, port = parts.username, parts.port
    except ValueError:
        return None
    prefix, _, project = parts.path.rstrip("/").rpartition("/")
    if not (key and parts.scheme and parts.hostname and project):
        return None
    host = parts.hostname if port is None else f"{parts.hostname}:{port}"
    return Dsn(parts.scheme, key, host, prefix.rstrip("/"), project)
