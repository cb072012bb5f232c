"""The door of the browser client: `/js/<key>.js` with the DSN of that key built in, and the parts it loads later.

Built by `tools/browser_client.py` from `browser/`. A key may be disabled at any time: answers are kept for minutes and asked
about again by their entity tag, and a key that may not send gets none.
"""

import gzip
import hashlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import brotli
import msgspec

from vedette.core.accepting import pick
from vedette.core.errors import Forbidden, NotFound, VedetteError
from vedette.intake import answers, cors
from vedette.intake.answers import Answer, MethodNotAllowed
from vedette.intake.asgi import Receive, Request
from vedette.intake.ports import KeyRing, ProjectKey

FOLDER = Path(__file__).parent / "scripts"
KEEP_SECONDS = 300
PARTS = {"": "vedette.js", "vitals": "vedette.vitals.js", "feedback": "vedette.feedback.js"}
_JAVASCRIPT = b"text/javascript; charset=utf-8"
_HEADERS: cors.Headers = [
    (b"cache-control", b"public, max-age=%d" % KEEP_SECONDS),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (b"vary", b"Accept-Encoding"),
]
_UNKNOWN = "There is no script of this key, or it was revoked; copy the address from the project's settings."
_QUALITY = 5  # of brotli: packed while a page waits, once for a key


class Script(msgspec.Struct, frozen=True):
    """A script of a key: its entity tag, and its bodies by content encoding (`""` = as it is)."""

    tag: str
    bodies: dict[str, bytes]


class LoaderDoor:
    """Hands out the browser client; `dsn_of` returns the DSN of a key and its project. Never touches a disk once made."""

    def __init__(self, keyring: KeyRing, dsn_of: Callable[[str, int], str]) -> None:
        self._keyring, self._dsn_of = keyring, dsn_of
        self._plain = {part: (FOLDER / name).read_text() for part, name in PARTS.items()}
        self._made = lru_cache(maxsize=1024)(self._make)

    async def take(self, request: Request, receive: Receive) -> Answer:  # noqa: ARG002 - as every door's
        """Answer one request; what fails is told as JSON, and not kept by anybody."""
        try:
            return self._answer(request)
        except VedetteError as error:
            told = answers.failure(error)
            return msgspec.structs.replace(told, headers=[*told.headers, (b"cache-control", b"no-store")])

    def _answer(self, request: Request) -> Answer:
        if request.method not in {"GET", "HEAD"}:
            raise MethodNotAllowed(f"A script is fetched by GET, not {request.method}.", b"GET, HEAD")
        key = self._keyring.find(request.route.key)
        if key is None or not key.active:
            raise NotFound(_UNKNOWN)
        _allow(request, key)
        script = self._made(key.key, key.project, request.route.name)
        encoding = pick(script.bodies, request.headers.get(b"accept-encoding", b"").decode("latin-1"))
        tag = f'"{script.tag}{"-" + encoding if encoding else ""}"'.encode()
        headers = [*_HEADERS, (b"etag", tag)]
        if tag in request.headers.get(b"if-none-match", b""):
            return Answer(304, b"", headers, _JAVASCRIPT)
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        return Answer(200, script.bodies[encoding], headers, _JAVASCRIPT)

    def _make(self, key: str, project: int, part: str) -> Script:
        text = self._plain[part]
        if not part:
            text += f"Vedette.init({{dsn:{msgspec.json.encode(self._dsn_of(key, project)).decode()}}})\n"
        plain = text.encode()
        bodies = {
            "br": brotli.compress(plain, quality=_QUALITY),
            "gzip": gzip.compress(plain, mtime=0),
            "": plain,
        }
        return Script(hashlib.sha256(plain).hexdigest()[:16], bodies)


def _allow(request: Request, key: ProjectKey) -> None:
    """Say which origins may read it; raises `Forbidden`. Caches must not answer one page with what another was told."""
    if "*" not in key.origins and not request.origin:
        request.cors = [(b"vary", b"Origin")]
    elif "*" in key.origins or cors.allows(key.origins, request.origin.decode("latin-1")):
        request.cors = cors.headers(request.origin, key.origins)
    else:
        request.cors = [(b"vary", b"Origin")]
        raise Forbidden("This project's key does not allow this origin.")
