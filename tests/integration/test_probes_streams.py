"""WebSockets of the `websockets` library and health of a grpcio server, and servers of both that do not behave."""

import base64
import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tests.support import pki
from tests.support.looking import Script, look, look_at, then_hangs_up, then_listens, trusting
from tests.support.naughty import answer, read_request
from websockets.sync.server import Server, ServerConnection, serve

pytestmark = pytest.mark.xdist_group("kinds")


def talks(connection: ServerConnection) -> None:
    """Greet, echo, and close with a reason when told to."""
    connection.send("welcome")
    for message in connection:
        if message == "go":
            connection.close(4001, "as you wish")
        connection.send([f"echo {message}"[:3], f"echo {message}"[3:]])


def served(**how: Any) -> Server:
    server = serve(talks, "127.0.0.1", 0, **how)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def at(server: Server, scheme: str = "ws") -> str:
    return f"{scheme}://shop.test:{server.socket.getsockname()[1]}/"


@pytest.fixture(scope="module")
def ws() -> Iterator[Server]:
    server = served(select_subprotocol=lambda _, offered: (offered or [None])[0])
    yield server
    server.shutdown()


def test_a_websocket_shakes_hands_and_answers_pings(ws: Server) -> None:
    found = look(at(ws), "[STATUS] == 101", "[HEADER].upgrade == websocket")
    assert found.ok, found.sentence
    assert "shook hands and answered a ping" in found.sentence
    assert None not in {found.phases.connect, found.phases.first_byte, found.phases.transfer}
    assert look(at(ws), ping=False).ok
    assert look(at(ws), '[HEADER]["sec-websocket-protocol"] == chat.v2', protocol="chat.v2").ok


def test_what_is_sent_has_an_answer(ws: Server) -> None:
    assert look(at(ws), "[BODY] == echo planted-words", send="planted-words", answer="echo *").ok
    assert look(at(ws), "[BODY] == welcome", answer="wel*").ok, "said before the pong"
    large = look(at(ws), "len([BODY]) == 60005", send="x" * 60_000, answer="echo *")
    assert large.ok, large.sentence
    never = look(at(ws), deadline=0.5, send="hello", answer="never")
    assert never.code == "timeout-in-transfer"
    closed = look(at(ws), send="go", answer="never")
    assert (closed.code, "4001 (as you wish)" in closed.sentence) == ("closed-early", True), closed.sentence
    assert "planted-words" not in repr(look(at(ws), "[BODY] == no", send="planted-words", answer="echo *"))


def test_a_websocket_in_tls(tmp_path: Path) -> None:
    server = served(ssl=pki.server_context(tmp_path, "good"))
    try:
        good = look(at(server, "wss"), "[CERTIFICATE_EXPIRATION] > 24h", **trusting())
        assert good.ok, good.sentence
        assert look(at(server, "wss")).code == "tls-untrusted"
    finally:
        server.shutdown()


def shakes(then: bytes, change: tuple[str, str] = ("", "")) -> Script:
    """Play a server that shakes hands (with something changed) and says some bytes."""

    def script(connection: Any, _: bytes) -> None:
        key = read_request(connection).split(b"Sec-WebSocket-Key: ")[1].split(b"\r\n")[0]
        proof = base64.b64encode(
            hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
        )
        text = f"HTTP/1.1 101 Ok\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: {proof.decode()}\r\n\r\n"
        then_listens(text.replace(*change).encode() + then)(connection, b"")

    return script


NAUGHTY = {
    "no websocket": (then_listens(answer("404 Not Found")), "bad-status", "404"),
    "no http": (then_listens(b"SSH-2.0-x\r\n\r\n"), "bad-answer", "HTTP/1.1"),
    "no end of headers": (then_listens(b"HTTP/1.1 101 x\r\nA: " + b"b" * 70_000), "bad-answer", "without an end"),
    "no proof": (shakes(b"", ("Accept: ", "Accept: x")), "bad-answer", "does not prove"),
    "no upgrade": (shakes(b"", ("websocket\r\n", "h2c\r\n")), "bad-answer", "does not upgrade"),
    "an extension": (shakes(b"", ("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")), "bad-answer", "extension"),
    "a protocol": (shakes(b"", ("\r\n\r\n", "\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")), "bad-answer", "mqtt"),
    "compressed": (shakes(b"\xc1\x01a"), "bad-answer", "extension"),
    "masked": (shakes(b"\x81\x81aaaaa"), "bad-answer", "masked"),
    "long ping": (shakes(b"\x89\x7e\x01\x00" + bytes(256)), "bad-answer", "too long"),
    "no such frame": (shakes(b"\x83\x00"), "bad-answer", "3"),
    "no beginning": (shakes(b"\x80\x01a"), "bad-answer", "fit together"),
    "two beginnings": (shakes(b"\x01\x01a\x81\x01b"), "bad-answer", "fit together"),
    "huge": (shakes(b"\x81\x7f" + bytes(3) + b"\xff" * 5), "bad-answer", "announces"),
    "never ends": (shakes((b"\x01\x7f" + (600_000).to_bytes(8, "big") + bytes(600_000)) + (b"\x00\x7f" + (600_000).to_bytes(8, "big") + bytes(600_000))), "body-too-large", "larger"),
    "many pieces": (shakes(b"\x01\x01a" + b"\x00\x01a" * 5_000), "bad-answer", "more than 1000 pieces"),
    "pings alone": (shakes(b"\x89\x00" * 5_000), "bad-answer", "more than 1000 pieces"),
    "closes": (shakes(b"\x88\x02\x03\xe9"), "closed-early", "1001"),
    "no pong": (shakes(b"\x8a\x01x\x89\x00"), "timeout-in-transfer", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", NAUGHTY)
def test_websockets_that_do_not_behave(name: str) -> None:
    script, code, saying = NAUGHTY[name]
    result = look_at("ws", script, deadline=0.3 if code.startswith("timeout") else 1.0)
    assert (result.code, saying in result.sentence) == (code, True), result.sentence


class Grpc:
    """A grpcio server with the usual health service, on a plain port and on one in TLS."""

    def __init__(self) -> None:
        self.health = health.HealthServicer()
        self._server = grpc.server(ThreadPoolExecutor(2))
        health_pb2_grpc.add_HealthServicer_to_server(self.health, self._server)
        self.plain = self._server.add_insecure_port("127.0.0.1:0")
        issued = pki.leaf("good")
        keys = [(issued.key_pem.encode(), issued.chain_pem.encode())]
        self.secure = self._server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials(keys))
        self._server.start()
        for service, status in (("", "SERVING"), ("cart", "NOT_SERVING"), ("new", "UNKNOWN")):
            self.health.set(service, health_pb2.HealthCheckResponse.ServingStatus.Value(status))

    def close(self) -> None:
        self._server.stop(0).wait()


@pytest.fixture(scope="module")
def rpc() -> Iterator[Grpc]:
    server = Grpc()
    yield server
    server.close()


def test_health_by_grpc(rpc: Grpc) -> None:
    good = look(
        f"grpc://shop.test:{rpc.plain}", "[BODY] == SERVING", "[HEADER].grpc-status == 0", "[STATUS] == 200"
    )
    assert good.ok, good.sentence
    assert good.evidence.protocol == "HTTP/2"
    down = look(f"grpc://shop.test:{rpc.plain}", service="cart")
    assert (down.code, "the service cart: NOT_SERVING" in down.sentence) == ("not-serving", True)
    assert look(f"grpc://shop.test:{rpc.plain}", service="new").code == "not-serving"
    assert look(f"grpc://shop.test:{rpc.plain}", service="nobody").code == "not-found"


def test_health_in_tls(rpc: Grpc) -> None:
    secure = look(f"grpcs://shop.test:{rpc.secure}", "[CERTIFICATE_EXPIRATION] > 24h", **trusting())
    assert secure.ok, secure.sentence
    assert look(f"grpcs://shop.test:{rpc.secure}").code == "tls-untrusted"
    assert not look(f"grpc://shop.test:{rpc.secure}").ok


def test_what_is_no_health_service() -> None:
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    found = look(f"grpc://shop.test:{port}")
    server.stop(0).wait()
    assert (found.code, "grpc.health.v1" in found.sentence) == ("not-found", True), found.sentence
    assert look_at("grpc", then_hangs_up(answer())).code in {"bad-answer", "closed-early", "reset"}


def test_metadata_goes_along_and_stays_secret() -> None:
    seen: list[dict[str, Any]] = []

    class Wants(grpc.ServerInterceptor):
        def intercept_service(self, go: Any, details: Any) -> Any:
            seen.append(dict(details.invocation_metadata))
            return grpc.unary_unary_rpc_method_handler(
                lambda _, context: context.abort(grpc.StatusCode.UNAUTHENTICATED, "who is planted-token?")
            )

    server = grpc.server(ThreadPoolExecutor(1), interceptors=[Wants()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    found = look(f"grpc://shop.test:{port}", token="planted-token", headers={"x-tenant": "blue"})
    server.stop(0).wait()
    assert (seen[0]["authorization"], seen[0]["x-tenant"]) == ("Bearer planted-token", "blue")
    assert found.code == "login-refused"
    assert "planted-token" not in repr(found)
