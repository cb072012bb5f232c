"""A small OpenID provider: a real HTTP server that signs real tokens, and lies where a test tells it to."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

CLIENT, SECRET = "vedette", "a client secret"


def packed(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int) -> str:
    return packed(value.to_bytes((value.bit_length() + 7) // 8))


class Signer:
    """A key of the provider, RS256 or ES256."""

    def __init__(self, kid: str, kind: str = "RS256") -> None:
        self.kid, self.kind = kid, kind
        self.rsa = rsa.generate_private_key(65_537, 2_048) if kind == "RS256" else None
        self.ec = ec.generate_private_key(ec.SECP256R1()) if kind == "ES256" else None

    @property
    def public(self) -> dict[str, str]:
        if self.rsa:
            n = self.rsa.public_key().public_numbers()
            return {"kty": "RSA", "kid": self.kid, "use": "sig", "n": number(n.n), "e": number(n.e)}
        assert self.ec
        p = self.ec.public_key().public_numbers()
        x, y = packed(p.x.to_bytes(32)), packed(p.y.to_bytes(32))
        return {"kty": "EC", "kid": self.kid, "use": "sig", "crv": "P-256", "x": x, "y": y}

    def sign(self, data: bytes) -> bytes:
        if self.rsa:
            return self.rsa.sign(data, padding.PKCS1v15(), SHA256())
        assert self.ec
        r, s = decode_dss_signature(self.ec.sign(data, ec.ECDSA(SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)

    def token(self, claims: dict[str, Any], **header: object) -> str:
        head = {"alg": self.kind, "kid": self.kid, "typ": "JWT", **header}
        signed = f"{packed(json.dumps(head).encode())}.{packed(json.dumps(claims).encode())}"
        return f"{signed}.{packed(self.sign(signed.encode()))}"


class Provider:
    """`claims` and `token` are changed by tests; `sign_in` plays the person at the provider's own page."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.signer = Signer("first")
        self.published = [self.signer.public]
        self.claims: dict[str, Any] = {
            "sub": "person-7",
            "email": "ada@example.org",
            "email_verified": True,
            "name": "Ada",
        }
        self.change: dict[str, Any] = {}
        self.token: Callable[[dict[str, Any]], str] = self._signed
        self.discovery: dict[str, Any] = {}
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def sign_in(self, address: str) -> str:
        """Return where the provider sends the browser back to, after the person signed in there."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert (asked["scope"], asked["code_challenge_method"]) == ("openid email profile", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?state={asked['state']}&code={code}"

    def _signed(self, claims: dict[str, Any]) -> str:
        """Sign with whatever key is the provider's now."""
        return self.signer.token(claims)

    def _exchange(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(sent.get("code", ""), None)
        right = base64.b64encode(f"{CLIENT}:a%20client%20secret".encode()).decode()
        if (
            asked is None
            or authorization != f"Basic {right}"
            or sent["redirect_uri"] != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        if packed(hashlib.sha256(sent["code_verifier"].encode()).digest()) != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = self.now()
        told = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
            **self.change,
        }
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(told)}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append(self.path)
                if self.path == "/.well-known/openid-configuration":
                    at = provider.issuer
                    self._tell(200, {
                        "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
                        "jwks_uri": f"{at}/keys", **provider.discovery,
                    })  # fmt: skip
                else:
                    self._tell(200, {"keys": provider.published})

            def do_POST(self) -> None:
                provider.asked.append(self.path)
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                sent = {name: values[0] for name, values in parse_qs(raw).items()}
                self._tell(*provider._exchange(sent, self.headers.get("Authorization", "")))

            def _tell(self, status: int, value: dict[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        return Handler
