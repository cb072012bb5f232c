"""Serves the built files from memory: hashed names, so every answer may be kept for ever.

Only names found at start are served; a path never reaches the file system, so none can climb out of the folder.
"""

import hashlib
from pathlib import Path

import msgspec

from vedette.core.accepting import pick
from vedette.ui.asgi_types import Receive, Scope, Send, answer, header
from vedette.ui.built import FOLDER, PREFIX

TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
    ".woff2": b"font/woff2",
}
KEEP = b"public, max-age=31536000, immutable"


class Built(msgspec.Struct, frozen=True):
    """One file: its type, its entity tag and its bodies by content encoding (`""` = as it is)."""

    kind: bytes
    etag: str
    bodies: dict[str, bytes]


class StaticFiles:
    """ASGI application for `GET` and `HEAD` below `/static/`."""

    def __init__(self, folder: Path = FOLDER, prefix: str = PREFIX) -> None:
        self._files = {prefix + p.name: _read(p) for p in folder.iterdir() if p.suffix in TYPES}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Answer one request."""
        if scope["method"] not in {"GET", "HEAD"}:
            await answer(send, 405, [(b"allow", b"GET, HEAD"), (b"content-length", b"0")])
            return
        found = self._files.get(scope["path"])
        if found is None:
            await answer(
                send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"There is no such file.\n"
            )
            return
        await _serve(found, scope, send)


async def _serve(found: Built, scope: Scope, send: Send) -> None:
    encoding = pick(found.bodies, header(scope, b"accept-encoding"))
    tag = f'"{found.etag}{"-" + encoding if encoding else ""}"'.encode()
    headers = [
        (b"cache-control", KEEP),
        (b"etag", tag),
        (b"vary", b"Accept-Encoding"),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if tag.decode() in header(scope, b"if-none-match"):
        await answer(send, 304, headers)
        return
    body = found.bodies[encoding]
    headers += [(b"content-type", found.kind), (b"content-length", str(len(body)).encode())]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    await answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _read(path: Path) -> Built:
    plain = path.read_bytes()
    bodies = {"": plain}
    for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
        packed = path.with_name(path.name + ending)
        if packed.is_file():
            bodies[encoding] = packed.read_bytes()
    return Built(TYPES[path.suffix], hashlib.sha256(plain).hexdigest()[:16], bodies)
