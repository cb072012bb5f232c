"""What the door answers with: bodies packed beforehand and the headers that go with them. Pure."""

import gzip
import hashlib
from collections.abc import Mapping

import brotli
import msgspec

from vedette.status.types import StatusPage

HTML, JSON, SVG = "text/html; charset=utf-8", "application/json", "image/svg+xml"
ATOM, RSS, TEXT = (
    "application/atom+xml; charset=utf-8",
    "application/rss+xml; charset=utf-8",
    "text/plain; charset=utf-8",
)
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors "
)
FRESH = "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400"
NO_STORE = "private, no-store"
_SMALL = 300
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
Header = tuple[bytes, bytes]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """A rendered body: `framed` ones may stand in other sites' frames as the page allows, `shared` ones in their pages."""

    kind: str
    text: str
    framed: bool = False
    shared: bool = False


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A whole answer: its text, headers, entity tag, and bodies by content encoding (`""` is as it is)."""

    text: str
    headers: tuple[Header, ...]
    etag: str
    bodies: Mapping[str, bytes]
    html: bool


def packed(body: Body, page: StatusPage, before: Answer | None = None) -> Answer:
    """Return the answer of a body; the packed bodies of the answer `before` are taken over when its text is the same."""
    headers = _headers(body, page)
    if before is not None and before.text == body.text:
        return msgspec.structs.replace(before, headers=headers)
    plain = body.text.encode()
    bodies = {"": plain}
    if len(plain) >= _SMALL:
        bodies |= {"br": brotli.compress(plain, quality=5), "gzip": gzip.compress(plain, 6, mtime=0)}
    etag = hashlib.sha256(plain).hexdigest()[:20]
    return Answer(text=body.text, headers=headers, etag=etag, bodies=bodies, html=body.kind == HTML)


def _headers(body: Body, page: StatusPage) -> tuple[Header, ...]:
    open_ = not page.stamp
    frames = (page.frames or "'none'") if body.framed else "'none'"
    shared = body.shared and open_
    found = {
        "Content-Type": body.kind,
        "Cache-Control": FRESH if open_ else NO_STORE,
        "Vary": "Accept-Encoding" if open_ else "Accept-Encoding, Cookie",
        "Content-Security-Policy": CSP + frames,
        "Cross-Origin-Resource-Policy": "cross-origin" if shared or body.framed else "same-origin",
        **_ALWAYS,
    }
    if shared:
        found["Access-Control-Allow-Origin"] = "*"
    if not body.framed:
        found["X-Frame-Options"] = "DENY"
    if not open_:
        found["X-Robots-Tag"] = "noindex"
    return tuple((name.lower().encode(), value.encode()) for name, value in found.items())
