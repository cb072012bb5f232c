"""`vedette guard`: a policy rendered by the command line, served by a real proxy, and checked there by the command line."""

import contextlib
import json
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from guard.tests.proxied import Application, Proxy, ports
from tests.support import pki
from vedette_guard import Policy
from vedette_guard.live.seen import Unanswered, other

from vedette.cli.guarding import check, render
from vedette.core.clock import monotonic
from vedette.core.errors import ConfigError
from vedette.plumbing.net.port import NetError
from vedette.plumbing.net.raw import RawClient

pytestmark = pytest.mark.xdist_group("proxies")
TOML = """\
[guard]
preset = "strict"
hosts = ["127.0.0.1"]
rates = []

[guard.https]
port = {port}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checked")


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def site(request: pytest.FixtureRequest, folder: Path) -> Iterator[Proxy]:
    secure, plain = ports(2)
    inner = folder / request.param
    inner.mkdir()
    (inner / "vedette.toml").write_text(TOML.format(port=secure))
    made = pki.make("site", pki.root(), names=("127.0.0.1",))
    (inner / "site.pem").write_text(made.chain_pem + made.key_pem)
    (inner / "root.pem").write_text(pki.root().pem)
    application = Application()
    policy = Policy.from_file(inner / "vedette.toml")
    served = Proxy(request.param, inner, policy, application.address, plain)
    yield served
    served.close()
    application.close()


def checked(
    capsys: pytest.CaptureFixture[str], url: str, **words: Any
) -> tuple[int, list[dict[str, str]], str]:
    """Run `vedette guard check … --json`; return exit code, findings, and what stood on standard error."""
    code = 0
    try:
        check(url, allow_private=True, json=True, **words)
    except SystemExit as end:
        code = int(end.code or 0)
    said = capsys.readouterr()
    return code, [json.loads(line) for line in said.out.splitlines()], said.err


def test_what_was_rendered_keeps_its_policy(
    site: Proxy, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(site.folder / "root.pem"))
    policy = site.folder / "vedette.toml"
    code, found, _ = checked(capsys, f"https://127.0.0.1:{site.port}/", policy=policy, http_port=site.plain)
    refusals = [f["sentence"] for f in found if f["level"] == "wrong"]
    # nginx tells its name whatever the policy says; rendering said so.
    assert refusals == (["server is sent: nginx"] if site.kind == "nginx" else [])
    assert code == (1 if site.kind == "nginx" else 0)
    kept = {f["sentence"] for f in found if f["level"] == "kept"}
    assert {
        "plain HTTP is sent to HTTPS",
        "a request with two Host headers is refused",
        "the certificate is believed",
    } <= kept
    assert {
        "TLSv1.2 and TLSv1.3 are offered, and nothing older",
        "a request with another host is refused",
    } <= kept


def test_a_site_that_is_weaker_is_told_worst_first(site: Proxy, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the authority of this test the certificate is nobody's."""
    policy = site.folder / "stricter.toml"
    policy.write_text(TOML.format(port=site.port) + '[guard.headers]\ncache = "no-store"\n')
    code, found, _ = checked(capsys, f"https://127.0.0.1:{site.port}/", policy=policy, http_port=site.plain)
    assert code == 1
    assert [f["level"] for f in found] == sorted(
        (f["level"] for f in found), key=["wrong", "other", "kept"].index
    )
    wrong = [f["sentence"] for f in found if f["level"] == "wrong"]
    assert "cache-control is not sent; the policy says no-store" in wrong
    assert any(sentence.startswith("browsers do not believe the certificate: ") for sentence in wrong)


def test_a_site_that_cannot_be_looked_at_is_another_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    [nobody] = ports(1)
    code, found, said = checked(capsys, f"https://127.0.0.1:{nobody}/")
    assert (code, found) == (2, [])
    assert "cannot be reached" in said
    assert checked(capsys, "http://127.0.0.1/")[0] == 2
    with pytest.raises(SystemExit, match="2"):
        check(f"https://127.0.0.1:{nobody}/")
    assert "allow_private_addresses" in capsys.readouterr().err


@contextlib.contextmanager
def served(answer: list[bytes], pause: float = 0.0) -> Iterator[int]:
    """Say the same to everybody who connects to the port, without TLS, until they go."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(1000)
                        for piece in answer:
                            connection.sendall(piece)
                            time.sleep(pause)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def test_a_port_without_tls_cannot_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    with served([b"HTTP/1.1 400 Bad Request\r\n\r\n"]) as port:
        code, found, said = checked(capsys, f"https://127.0.0.1:{port}/")
    assert (code, found) == (2, [])
    assert "does not come to an end with TLS" in said


def test_a_site_that_answers_byte_by_byte_has_no_more_time_than_others() -> None:
    with served([b"HTTP/1.1 200 OK\r\n", *[b"x"] * 40], pause=0.02) as port:
        client = RawClient(allow_private=True, deadline=0.1, overall=0.15)
        began = monotonic()
        with pytest.raises(NetError, match=r"it took too long|timed out"):
            client.ask(f"http://127.0.0.1:{port}/", ())
        assert monotonic() - began < 0.5
        time.sleep(0.06)
        for question in (client.certificate_fault, client.versions):
            with pytest.raises(NetError, match="takes too long"):
                question(f"https://127.0.0.1:{port}/")


@pytest.mark.parametrize("json_", [False, True])
def test_what_a_site_sends_moves_no_terminal(
    json_: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [other("server", "server is sent: \x1b[2J\x9b1mnginx\n\u202e")]
    monkeypatch.setattr("vedette_guard.live.looking.look", lambda *_: found)
    check("https://shop.example/", json=json_)
    [said] = capsys.readouterr().out.splitlines()
    assert said.isprintable()
    assert "x1b[2J" in said

    def fails(*_: object) -> None:
        raise Unanswered("it said \x1b]0;title\x07")

    monkeypatch.setattr("vedette_guard.live.looking.look", fails)
    with pytest.raises(SystemExit, match="2"):
        check("https://shop.example/")
    assert capsys.readouterr().err.rstrip("\n").isprintable()


def test_a_policy_is_rendered_and_what_is_missing_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "policy.toml"
    file.write_text(TOML.format(port=443))
    render("caddy", policy=file)
    said = capsys.readouterr()
    assert "reverse_proxy 127.0.0.1:8000" in said.out
    assert "Not carried: headers.csp: 'nonce'" in said.err
    render("caddy", policy=file, upstream="unix:/run/app.sock", json=True)
    value = json.loads(capsys.readouterr().out)
    assert "reverse_proxy unix//run/app.sock" in value["text"]
    assert any("same_site" in sentence for sentence in value["missing"])


def test_what_cannot_be_rendered_is_told(folder: Path) -> None:
    file = folder / "wrong.toml"
    file.write_text("[guard.https]\nredirct = true\n")
    with pytest.raises(ConfigError, match="did you mean `redirect`"):
        render("nginx", policy=file)
    file.write_text(TOML.format(port=443))
    assert tomllib.loads(file.read_text())
    with pytest.raises(ConfigError, match="needs a certificate"):
        render("nginx", policy=file)
    with pytest.raises(ConfigError, match="caddy and nginx"):
        render("apache", policy=file)
    with pytest.raises(ConfigError, match="cannot be read"):
        render("nginx", policy=folder / "none.toml")


def test_nothing_is_smuggled_into_a_question() -> None:
    with pytest.raises(NetError, match="line break"):
        RawClient(allow_private=True).ask("https://127.0.0.1:1/", (("Host", "a\r\nX: y"),))
