"""Servers that greet: OpenSSH, Dovecot and aiosmtpd as they are, and some that do not know how to behave."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from tests.support import daemons, pki
from tests.support.looking import look, look_at, then_hangs_up, then_listens, trusting
from tests.support.naughty import says, starttls, waits
from tests.support.ports import free_port

from vedette.instruments.probe.mysql import wire

pytestmark = pytest.mark.xdist_group("kinds")


@pytest.fixture(scope="module")
def smtp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    context = pki.server_context(tmp_path_factory.mktemp("smtp"), "good")
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port(), tls_context=context)
    server.start()
    yield server.port
    server.stop()


@pytest.fixture(scope="module")
def imap() -> Iterator[tuple[int, int]]:
    with daemons.dovecot() as ports:
        yield ports


def test_a_mail_server(smtp: int) -> None:
    plain = look(f"smtp://shop.test:{smtp}", "[STATUS] == 250", "[BODY] contains STARTTLS")
    assert plain.ok, plain.sentence
    assert plain.phases.first_byte is not None
    assert plain.evidence.body.startswith("220 ")
    begun = look(f"smtp://shop.test:{smtp}", "[CERTIFICATE_EXPIRATION] > 24h", starttls=True, **trusting())
    assert (begun.ok, begun.evidence.protocol[:3]) == (True, "TLS"), begun.sentence
    assert look(f"smtp://shop.test:{smtp}", starttls=True).code == "tls-untrusted"


def test_a_mail_server_in_tls_from_the_beginning(tmp_path: Path) -> None:
    context = pki.server_context(tmp_path, "good")
    server = Controller(Sink(), hostname="127.0.0.1", port=free_port(), ssl_context=context)
    server.start()
    try:
        assert look(f"smtp://shop.test:{server.port}", tls=True, **trusting()).ok
    finally:
        server.stop()


NAUGHTY = {
    "smtp, refuses": ("smtp", b"554 go away\r\n", "bad-status", "“554 go away”"),
    "smtp, busy": ("smtp", b"220 hello\r\n421 too busy\r\n", "bad-status", "to EHLO"),
    "smtp, is ssh": ("smtp", b"SSH-2.0-x\r\n", "bad-answer", "none of SMTP"),
    "smtp, endless line": ("smtp", b"220-" + b"a" * 70_000, "bad-answer", "without an end"),
    "smtp, endless reply": ("smtp", b"220-a\r\n" * 200, "bad-answer", "on and on"),
    "smtp, nothing": ("smtp", b"", "closed-early", ""),
    "imap, refuses": ("imap", b"* BYE too many\r\n", "not-serving", "too many"),
    "imap, can nothing": ("imap", b"* OK hello\r\nv1 BAD what\r\n", "not-serving", "v1 BAD"),
    "imap, endless": ("imap", b"* OK hello\r\n" + b"* x\r\n" * 200, "bad-answer", "on and on"),
    "imap, is pop3": ("imap", b"+OK POP3\r\n", "bad-answer", "none of IMAP"),
    "ssh, old": ("ssh", b"SSH-1.5-old\r\n", "bad-answer", "not 2"),
    "ssh, is ftp": ("ssh", b"220 ftp\r\n" * 60, "bad-answer", "does not greet"),
    "ssh, no packet": ("ssh", b"hello\r\nSSH-2.0-x\r\n\xff\xff\xff\xff\x01", "bad-answer", "no packet"),
    "ssh, other packet": ("ssh", b"SSH-2.0-x\r\n\x00\x00\x00\x0c\x04" + b"\x01" * 11, "bad-answer", "not begin"),
    "ssh, cut": ("ssh", b"SSH-2.0-x\r\n\x00\x00\x00\x1c\x04\x14" + bytes(19) + b"\x09" + b"a" * 6, "bad-answer", "cut short"),
    "ssh, banner alone": ("ssh", b"SSH-2.0-x\r\n", "closed-early", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", NAUGHTY)
def test_servers_that_do_not_behave(name: str) -> None:
    scheme, said, code, saying = NAUGHTY[name]
    result = look_at(scheme, then_hangs_up(said) if code == "closed-early" else then_listens(said))
    assert (result.code, saying in result.sentence) == (code, True), result.sentence


def test_a_reply_code_can_be_asserted() -> None:
    assert look_at("smtp", says(b"554 not here\r\n"), "[STATUS] == 554").ok
    wrong = look_at("smtp", then_listens(b"220 a\r\n250 b\r\n"), "[STATUS] == 251")
    assert (wrong.code, "it is 250" in wrong.sentence) == ("assertion-1", True)
    assert look_at("smtp", waits, deadline=0.2).code == "timeout-in-first-byte"


def test_mailboxes(imap: tuple[int, int]) -> None:
    plain, secure = imap
    found = look(f"imap://shop.test:{plain}", "[BODY] contains IMAP4rev1", "[BODY] == pat(*v1 OK*)")
    assert found.ok, found.sentence
    assert look(f"imap://shop.test:{plain}", starttls=True, **trusting()).ok
    inside = look(f"imap://shop.test:{secure}", "[CERTIFICATE_EXPIRATION] > 24h", tls=True, **trusting())
    assert inside.ok, inside.sentence
    assert look(f"imap://shop.test:{secure}", tls=True).code == "tls-untrusted"


def test_a_server_that_does_not_begin_tls(tmp_path: Path) -> None:
    context = pki.server_context(tmp_path, "good")
    for kind in ("smtp", "imap"):
        assert look_at(kind, starttls(kind, context, offered=False), starttls=True).code == "starttls-refused"


INJECTED = {
    "smtp": b"250 mail.test\r\n", "imap": b"v1 OK done\r\n", "pop3": b"+OK\r\n", "ftp": b"220 x\r\n", "postgres": b"R\0\0\0\x08\0\0\0\0",
}  # fmt: skip


@pytest.mark.parametrize("kind", INJECTED)
def test_what_comes_in_plain_text_behind_starttls_is_refused(kind: str, tmp_path: Path) -> None:
    script = starttls(kind, pki.server_context(tmp_path, "good"), injected=INJECTED[kind])
    results = [look_at(f"{kind}+starttls", script, **trusting())]
    if kind in {"smtp", "imap"}:
        results.append(look_at(kind, script, starttls=True, **trusting()))
    if kind == "postgres":
        results.append(look_at(kind, script, tls=True, user="a", **trusting()))
    for found in results:
        assert (found.code, "plain text where TLS begins" in found.sentence) == ("bad-answer", True), (
            found.sentence
        )


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        (
            "mysql",
            wire.packet(b"\x0a8.0\0" + bytes(12) + b"\0\xff\xff" + bytes(40), 0) + wire.packet(b"\0\0\0", 2),
        ),
        ("nats", b'INFO {"tls_available": true}\r\nPONG\r\n'),
    ],
    ids=["mysql", "nats"],
)
def test_so_it_is_where_the_greeting_is_in_plain_text(scheme: str, said: bytes) -> None:
    found = look_at(scheme, then_listens(said), tls=True, **({"user": "a"} if scheme == "mysql" else {}))
    assert (found.code, "plain text where TLS begins" in found.sentence) == ("bad-answer", True), (
        found.sentence
    )


def test_starttls_is_asked_for_by_the_name_of_the_option() -> None:
    heard: list[bytes] = []

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"220 mail.test\r\n")
        heard.append(connection.recv(1024))
        connection.sendall(b"554 no\r\n")

    assert look_at("smtp", script, starttls=True, hello="checks.test").code == "starttls-refused"
    assert heard == [b"EHLO checks.test\r\n"]


def test_ssh() -> None:
    with daemons.sshd() as port:
        found = look(
            f"ssh://127.0.0.1:{port}", "[BODY] == pat(SSH-2.0-OpenSSH*)",
            "[HEADER].server_host_key_algorithms contains ssh-ed25519",
        )  # fmt: skip
    assert found.ok, found.sentence
    assert "is SSH-2.0-OpenSSH" in found.sentence
    assert found.phases.transfer is not None
