"""Object storage on loopback: as much of S3 as backups need, in memory.

What it understands is Amazon's REST API (docs.aws.amazon.com/AmazonS3/latest/API): objects are put, fetched by range, asked for,
removed and listed (version 2); bodies may be signed in chunks. The id of the key is looked at, signatures are not.
"""

import re
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self, cast
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

ACCESS_KEY, SECRET_KEY = "AKIAVEDETTETEST", "not-much-of-a-secret"
_PAGE = 25  # objects in an answer: more than one page is needed soon
_CHUNKED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


class Bucket:
    """One bucket, `shop`; `full` refuses what is put into it."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.full = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.bucket = self  # type: ignore[attr-defined]  # how a handler finds it
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def endpoint(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def packs(self) -> list[str]:
        """Return the names of objects that hold data, the largest first."""
        found = [name for name in self.objects if "/data/" in f"/{name}"]
        return sorted(found, key=lambda name: -len(self.objects[name]))

    def flip(self, name: str) -> None:
        """Turn the bits of 8 bytes in the middle of an object."""
        body, at = self.objects[name], len(self.objects[name]) // 2
        self.objects[name] = body[:at] + bytes(byte ^ 0xFF for byte in body[at : at + 8]) + body[at + 8 :]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name, query = self._asked()
        if not self._known():
            return
        if not name:
            self._listed(query)
        elif name not in self._bucket.objects:
            self._refused(HTTPStatus.NOT_FOUND, "NoSuchKey")
        else:
            self._fetched(self._bucket.objects[name])

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        body = self._body()
        name, _ = self._asked()
        if not self._known():
            return
        if self._bucket.full:
            self._refused(HTTPStatus.INSUFFICIENT_STORAGE, "XMinioStorageFull")
            return
        if name:
            self._bucket.objects[name] = body
        self._answer(HTTPStatus.OK, b"", {"ETag": '"0"'})

    def do_DELETE(self) -> None:
        name, _ = self._asked()
        if self._known():
            self._bucket.objects.pop(name, None)
            self._answer(HTTPStatus.NO_CONTENT, b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
        """Say nothing."""

    @property
    def _bucket(self) -> Bucket:
        return cast("Bucket", self.server.bucket)  # type: ignore[attr-defined]  # set by the bucket

    def _asked(self) -> tuple[str, dict[str, list[str]]]:
        parts = urlsplit(self.path)
        _, _, name = unquote(parts.path).lstrip("/").partition("/")
        return name, parse_qs(parts.query, keep_blank_values=True)

    def _known(self) -> bool:
        good = f"Credential={ACCESS_KEY}/" in self.headers.get("Authorization", "")
        if not good:
            self._refused(HTTPStatus.FORBIDDEN, "InvalidAccessKeyId")
        return good

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("x-amz-content-sha256") != _CHUNKED:
            return body
        out, rest = bytearray(), body
        while rest:
            head, _, rest = rest.partition(b"\r\n")
            size = int(head.partition(b";")[0], 16)
            out, rest = out + rest[:size], rest[size + 2 :]
        return bytes(out)

    def _fetched(self, body: bytes) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted is None:
            self._answer(HTTPStatus.OK, body, {"ETag": '"0"'})
            return
        first, last = int(wanted[1]), min(int(wanted[2] or len(body)), len(body) - 1)
        told = {"ETag": '"0"', "Content-Range": f"bytes {first}-{last}/{len(body)}"}
        self._answer(HTTPStatus.PARTIAL_CONTENT, body[first : last + 1], told)

    def _listed(self, query: dict[str, list[str]]) -> None:
        if "location" in query:
            self._xml("<LocationConstraint>eu</LocationConstraint>")
            return
        prefix = query.get("prefix", [""])[0]
        after = query.get("continuation-token", query.get("start-after", [""]))[0]
        names = sorted(name for name in self._bucket.objects if name.startswith(prefix) and name > after)
        if query.get("delimiter", [""])[0] == "/":
            deeper = [name for name in names if "/" not in name[len(prefix) :]]
        else:
            deeper = names
        page, more = deeper[:_PAGE], len(deeper) > _PAGE
        rows = "".join(
            f"<Contents><Key>{escape(name)}</Key><Size>{len(self._bucket.objects[name])}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>0</ETag></Contents>"
            for name in page
        )
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        self._xml(
            f"<ListBucketResult><Name>shop</Name><IsTruncated>{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>"
        )

    def _xml(self, text: str) -> None:
        self._answer(
            HTTPStatus.OK, f'<?xml version="1.0"?>{text}'.encode(), {"Content-Type": "application/xml"}
        )

    def _refused(self, status: HTTPStatus, code: str) -> None:
        text = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
        self._answer(status, text.encode(), {"Content-Type": "application/xml"})

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        told = {"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT", **(headers or {})}
        for name, value in told.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
