"""Outgoing HTTP against real servers on the loopback, and everything it must refuse."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from certificates import authority, issue
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.clock import monotonic
from vedette.plumbing.net.client import NetClient
from vedette.plumbing.net.port import NetError
from vedette.plumbing.net.resolver import SystemResolver
from vedette.plumbing.net.target import reachable, target


class Names:
    """A resolver that knows what the test told it, and counts the questions."""

    def __init__(self, **names: list[str]) -> None:
        self.names = names
        self.asked: list[str] = []

    def resolve(self, host: str, port: int, timeout: float) -> list[str]:
        self.asked.append(host)
        return self.names.get(host.partition(".")[0], [host])


class Handler(BaseHTTPRequestHandler):
    """Tells what it was asked; `/big`, `/slow`, `/moved`, `/empty` do what they say."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/slow":
            self.drip()
        elif self.path == "/moved":
            self.answer(302, b"", Location="http://127.0.0.1:1/private")
        elif self.path == "/big":
            self.answer(200, b"x" * 1_000_000)
        else:
            self.answer(
                201, b"|".join([self.command.encode(), self.path.encode(), body]), Host=self.headers["host"]
            )

    do_GET = do_POST  # noqa: N815 - the library's naming

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(f"X-{name}" if name == "Host" else name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        stop: threading.Event = self.server.stop  # type: ignore[attr-defined]
        try:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not stop.wait(0.02):
                self.wfile.write(b"z")
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Callable[..., int]]:
    """Return what starts a server (with TLS when given a certificate) and tells its port."""
    running: list[ThreadingHTTPServer] = []

    def start(certificate: Path | None = None) -> int:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.stop = threading.Event()  # type: ignore[attr-defined]
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
        return int(server.server_address[1])

    yield start
    for server in running:
        server.stop.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()


def client(**options: ssl.SSLContext) -> NetClient:
    return NetClient(allow_private=True, resolver=Names(hooks=["127.0.0.1"]), **options)


def test_a_request_arrives_and_its_answer_comes_back(serve: Callable[..., int]) -> None:
    port = serve()
    answer = client().request("POST", f"http://hooks.test:{port}/a?b=c", headers={"X-A": "1"}, body=b"hello")
    assert (answer.status, answer.body) == (201, b"POST|/a?b=c|hello")
    assert answer.headers["x-host"] == f"hooks.test:{port}"


def test_a_redirect_is_returned_and_not_followed(serve: Callable[..., int]) -> None:
    answer = client().request("GET", f"http://hooks.test:{serve()}/moved")
    assert (answer.status, answer.headers["location"]) == (302, "http://127.0.0.1:1/private")


def test_a_long_answer_is_cut_at_the_cap(serve: Callable[..., int]) -> None:
    assert client().request("GET", f"http://hooks.test:{serve()}/big", max_bytes=1000).body == b"x" * 1000


def test_a_server_that_drips_is_cut_off_at_the_deadline(serve: Callable[..., int]) -> None:
    port = serve()
    begun = monotonic()
    with pytest.raises(NetError, match="in time") as caught:
        client().request("GET", f"http://hooks.test:{port}/slow", deadline=0.3)
    assert 0.25 < monotonic() - begun < 5
    assert not caught.value.permanent


def test_a_server_that_says_nothing_is_cut_off_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for scheme in ("http", "https"):
            with pytest.raises(NetError, match="in time"):
                client().request("GET", f"{scheme}://hooks.test:{port}/", deadline=0.2)


def test_nobody_listening_is_told_and_may_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NetError, match="cannot be reached") as caught:
        client().request("GET", f"http://hooks.test:{port}/")
    assert not caught.value.permanent


def test_garbage_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as rude:
        port = rude.getsockname()[1]

        def be_rude() -> None:
            peer, _ = rude.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(b"220 this is no http\r\n")

        thread = threading.Thread(target=be_rude)
        thread.start()
        with pytest.raises(NetError, match="did not answer as it should"):
            client().request("GET", f"http://hooks.test:{port}/")
        thread.join()


def test_the_next_address_is_tried_when_the_first_is_dead(serve: Callable[..., int]) -> None:
    net = NetClient(allow_private=True, resolver=Names(hooks=["127.0.0.9", "127.0.0.1"]))
    assert net.request("GET", f"http://hooks.test:{serve()}/").status == 201


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]:8080/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:10.0.0.1]/",
        "http://0/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
    ],
)
def test_private_addresses_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(NetError, match="allow_private_addresses") as caught:
        NetClient().request("GET", url)
    assert caught.value.permanent


def test_a_name_is_resolved_once_and_its_private_addresses_are_left_out(serve: Callable[..., int]) -> None:
    names = Names(inner=["10.0.0.1", "192.168.0.1"])
    with pytest.raises(NetError, match=r"10.0.0.1 is private; 192.168.0.1 is private"):
        NetClient(resolver=names).request("GET", "http://inner.test/")
    assert names.asked == ["inner.test"]
    assert reachable("mixed", ["10.0.0.1", "8.8.8.8"], allow_private=False) == ["8.8.8.8"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.test/",
        "file:///etc/passwd",
        "hooks.test/path",
        "http://",
        "http://user:secret@hooks.test/",
        "http://hooks.test:99999/",
        "http://hooks.test:x/",
        "http://hooks.test/a b",
        "http://hooks.test/\r\nX: y",
        "http://[::1/",
        "",
    ],
)
def test_what_is_no_plain_url_is_refused_for_good(url: str) -> None:
    with pytest.raises(NetError) as caught:
        client().request("GET", url)
    assert caught.value.permanent
    assert "secret" not in str(caught.value)


def test_a_header_cannot_smuggle_another(serve: Callable[..., int]) -> None:
    with pytest.raises(NetError):
        client().request("GET", f"http://hooks.test:{serve()}/", headers={"X-A": "1\r\nX-B: 2"})


def test_names_and_paths_beyond_ascii_are_encoded() -> None:
    parsed = target("https://bücher.test/grüße?q=ä%20b#part")
    assert (parsed.host, parsed.port) == ("xn--bcher-kva.test", 443)
    assert (parsed.path, parsed.host_header) == ("/gr%C3%BC%C3%9Fe?q=%C3%A4%20b", "xn--bcher-kva.test")
    assert target("http://[2606::1]:81").host_header == "[2606::1]:81"


@given(st.text(), st.sampled_from(["", "http://", "https://", "http://a"]))
def test_any_text_is_a_target_or_a_refusal(text: str, start: str) -> None:
    with contextlib.suppress(NetError):
        parsed = target(start + text)
        assert (parsed.host + parsed.path + parsed.host_header).isascii()
        assert not any(char in parsed.path + parsed.host_header for char in "\r\n ")


def test_tls_is_checked_against_the_name_though_the_address_is_pinned(
    serve: Callable[..., int], tmp_path: Path
) -> None:
    root = authority(tmp_path)
    port = serve(issue(tmp_path, root, "hooks.test"))
    trusting = ssl.create_default_context(cafile=str(root.certificate))
    assert client(tls=trusting).request("GET", f"https://hooks.test:{port}/").status == 201
    with pytest.raises(NetError, match=r"certificate|hostname"):
        client(tls=trusting).request("GET", f"https://hooks.elsewhere:{port}/")
    with pytest.raises(NetError, match="certificate"):
        client().request("GET", f"https://hooks.test:{port}/")


def test_the_system_resolves_names_and_tells_when_it_cannot() -> None:
    assert "127.0.0.1" in SystemResolver().resolve("localhost", 80, 5)
    with pytest.raises(NetError):
        SystemResolver().resolve("a..b", 80, 5)
    forever = threading.Event()
    with pytest.raises(NetError, match="in time"):
        SystemResolver(lambda *_: [str(forever.wait(30))]).resolve("slow.test", 80, 0.01)
    forever.set()
