"""Certificate files of this host: which there are, and until when they are valid."""

import base64
import contextlib
import glob
import os
import re
from collections.abc import Iterator, Sequence

from vedette.instruments.host.reading import Files
from vedette.instruments.probe.certificates import read_chain

EVERY = 3600.0
MOST = 100
_MOST_BYTES = 256 << 10
_PATTERNS = (
    "/etc/letsencrypt/live/*/fullchain.pem",
    "/var/lib/caddy/.local/share/caddy/certificates/*/*/*.crt",
    "/etc/caddy/certificates/*/*/*.crt",
)
_NGINX = ("/etc/nginx/nginx.conf", "/etc/nginx/conf.d/*.conf", "/etc/nginx/sites-enabled/*")
_NAMED = re.compile(r"^\s*ssl_certificate\s+[\"']?(/[^;\"'$]+?)[\"']?\s*;", re.MULTILINE)
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,100000}?)-----END CERTIFICATE-----")


def ends(files: Files, patterns: Sequence[str] = ()) -> Iterator[tuple[str, float]]:
    """Yield certificate files with the instant at which the first of their certificates expires.

    Those of Let's Encrypt, Caddy and nginx, and what else the patterns name. Files that cannot be read are left out.
    """
    found = sorted(
        {path for pattern in (*_PATTERNS, *patterns) for path in matching(files, pattern)} | _nginx(files)
    )
    for path in found[:MOST]:
        try:
            raw = files.bytes(path, _MOST_BYTES)
        except OSError:
            continue
        instants = [one.ends for one in read_chain(_ders(raw))]
        if instants:
            yield path, min(instants)


def matching(files: Files, pattern: str) -> Iterator[str]:
    """Yield the files under a pattern, as paths of the host."""
    base = files.path("")
    for path in glob.iglob(glob.escape(base) + pattern):  # noqa: PTH207 - under a root, as text
        if os.path.isfile(path):  # noqa: PTH113
            yield path[len(base) :]


def _nginx(files: Files) -> set[str]:
    found: set[str] = set()
    for path in (path for pattern in _NGINX for path in matching(files, pattern)):
        try:
            found |= set(_NAMED.findall(files.text(path, _MOST_BYTES)))
        except OSError:
            continue
    return {path for path in found if files.is_file(path)}


def _ders(raw: bytes) -> list[bytes]:
    """Return the certificates of PEM texts (RFC 7468); what is no Base64 is left out."""
    found: list[bytes] = []
    for pem in _PEM.findall(raw)[:20]:
        with contextlib.suppress(ValueError):
            found.append(base64.b64decode(b"".join(pem.split()), validate=True))
    return found
