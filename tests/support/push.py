"""A browser and its push service on loopback: checks what RFC 8030, 8188, 8291 and 8292 ask for, and decrypts.

The decryption is written from the RFCs by HMAC alone, so that it shares no mistake with ours.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.services import WAIT, Far


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


class PushBrowser:
    """A browser's half: its key, its secret, and what it reads."""

    def __init__(
        self, private: ec.EllipticCurvePrivateKey | None = None, auth: bytes = b"0123456789abcdef"
    ) -> None:
        self.private, self.auth = private or ec.generate_private_key(ec.SECP256R1()), auth
        self.public = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def subscription(self, endpoint: str) -> str:
        keys = {"p256dh": packed(self.public), "auth": packed(self.auth)}
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})

    def read(self, body: bytes) -> bytes:
        """Return the plain text of a body in aes128gcm."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        server, record = body[21 : 21 + length], body[21 + length :]
        assert (length, size) == (65, 4_096)
        assert len(record) <= size
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), server)
        early = _hmac(self.auth, self.private.exchange(ec.ECDH(), point))
        material = _hmac(early, b"WebPush: info\x00" + self.public + server + b"\x01")
        late = _hmac(salt, material)
        key = _hmac(late, b"Content-Encoding: aes128gcm\x00\x01")[:16]
        nonce = _hmac(late, b"Content-Encoding: nonce\x00\x01")[:12]
        plain, mark, padding = AESGCM(key).decrypt(nonce, record, None).rpartition(b"\x02")
        assert mark
        assert not padding.strip(b"\0")
        return plain


def vapid(header: str, origin: str) -> dict[str, Any]:
    """Return the claims of an authorization for this origin, its signature checked (RFC 8292, RFC 7515)."""
    found = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)", header)
    assert found, header
    head, claims, signature, key = found.groups()
    assert json.loads(unpacked(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = unpacked(signature)
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unpacked(key))
    point.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    told: dict[str, Any] = json.loads(unpacked(claims))
    assert told["aud"] == origin
    assert told["sub"].startswith(("https://", "mailto:"))
    return told


@contextlib.contextmanager
def push_service(far: Far, browser: PushBrowser) -> Iterator[str]:
    """Serve one subscription; yield its endpoint. `far.answer` may also be gone."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = {"yes": 201, "later": 429, "never": 403, "gone": 410}[far.answer]
            status = self._taken(body) if status == 201 else status
            self.send_response(status)
            self.send_header("Retry-After", str(WAIT))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _taken(self, body: bytes) -> int:
            headers = self.headers
            fits = (
                headers["Content-Encoding"] == "aes128gcm" and headers["TTL"].isdigit() and len(body) <= 4_096
            )
            topic = re.fullmatch(r"[\w-]{1,32}", headers["Topic"])
            if not fits or not topic or headers["Urgency"] not in {"very-low", "low", "normal", "high"}:
                return 400
            claims = vapid(headers["Authorization"], f"http://{headers['Host']}")
            shown = json.loads(browser.read(body))
            far.raw.append((dict(headers), claims, shown))
            far.got.append((json.dumps(shown, ensure_ascii=False), headers["Topic"]))
            return 201

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def stop() -> None:
        if thread.is_alive():
            server.shutdown()
            server.server_close()
            thread.join()

    far.stop = stop
    try:
        yield f"http://127.0.0.1:{server.server_port}/push/hushhushhush"
    finally:
        stop()
