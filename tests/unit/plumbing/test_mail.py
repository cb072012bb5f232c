"""Mail through real SMTP servers on the loopback."""

import socket
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from certificates import Authority, authority, issue
from tests.support.ports import free_port

from vedette.core.clock import monotonic
from vedette.core.settings import Settings
from vedette.plumbing.mail.memory import MemoryMail
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.mail.smtp import SmtpMail


class Post:
    """A mail server's desk: keeps what comes, refuses some receivers, answers DATA as told."""

    def __init__(self) -> None:
        self.kept: list[Envelope] = []
        self.reply = "250 2.0.0 Ok: queued as 1A2B"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 5.1.1 no such user"
        if address.startswith("greylisted"):
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.reply.startswith("250"):
            self.kept.append(envelope)
        return self.reply


class Tls(Controller):
    """Speaks TLS from the first byte."""

    def _trigger_server(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", self.port)) as raw, context.wrap_socket(raw) as wrapped:
            wrapped.recv(1024)


Serve = Callable[..., SmtpMail]


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def root(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@pytest.fixture
def serve(post: Post, root: Authority, tmp_path: Path) -> Iterator[Serve]:
    """Return what starts a server and gives the mail that goes through it."""
    running: list[Controller] = []

    def start(tls: str = "none", host: str = "localhost", password: str = "", **settings: str) -> SmtpMail:
        server_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server_tls.load_cert_chain(issue(tmp_path, root, host))
        options = {"tls_context": server_tls, "require_starttls": True} if tls == "starttls" else {}
        if password:
            options |= {"authenticator": check, "auth_require_tls": False}
        kind = Tls if tls == "tls" else Controller
        server = kind(
            post, "127.0.0.1", free_port(), ssl_context=server_tls if tls == "tls" else None, **options
        )
        server.start()
        running.append(server)
        return SmtpMail(
            Settings(smtp_host="localhost", smtp_port=server.port, smtp_tls=tls, **settings),
            deadline=10,
            tls=ssl.create_default_context(cafile=str(root.certificate)),
        )

    yield start
    for server in running:
        server.stop(no_assert=True)


def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    login, password = getattr(data, "login", b""), getattr(data, "password", b"")
    return AuthResult(success=(login, password) == (b"vedette", b"right"), handled=False)


def message(*to: str) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Vedette <vedette@example.test>"
    made["To"] = ", ".join(to or ("ada@example.test",))
    made["Subject"] = "Grüße"
    made["Message-ID"] = "<key-1@example.test>"
    made.set_content("a new issue")
    return made


def test_a_message_arrives_and_the_servers_words_come_back(serve: Serve, post: Post) -> None:
    assert serve().send(message()) == "250 2.0.0 Ok: queued as 1A2B"
    (kept,) = post.kept
    assert kept.rcpt_tos == ["ada@example.test"]
    assert b"Message-ID: <key-1@example.test>" in kept.content
    assert b"a new issue" in kept.content


@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_it_is_encrypted_and_the_certificate_is_checked(serve: Serve, post: Post, tls: str) -> None:
    assert serve(tls).send(message()).startswith("250")
    assert len(post.kept) == 1
    with pytest.raises(MailError, match="certificate") as caught:
        serve(tls, host="elsewhere.test").send(message())
    assert not caught.value.permanent


def test_a_server_without_starttls_gets_nothing(serve: Serve, post: Post) -> None:
    plain = serve()
    settings = Settings(smtp_host="localhost", smtp_port=plain._settings.smtp_port, smtp_tls="starttls")
    with pytest.raises(MailError, match="smtp_tls") as caught:
        SmtpMail(settings).send(message())
    assert not caught.value.permanent
    assert not post.kept


def test_it_signs_in(serve: Serve, post: Post) -> None:
    mail = serve("starttls", password="right", smtp_user="vedette", smtp_password="right")
    assert mail.send(message()).startswith("250")


def test_a_refused_password_can_be_mended_and_is_not_shown(serve: Serve) -> None:
    mail = serve("starttls", password="right", smtp_user="vedette", smtp_password="hunter2")
    with pytest.raises(MailError, match="smtp_password") as caught:
        mail.send(message())
    assert not caught.value.permanent
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("receiver", "permanent"), [("nobody@example.test", True), ("greylisted@example.test", False)]
)
def test_refused_receivers(serve: Serve, receiver: str, permanent: bool) -> None:
    with pytest.raises(MailError, match=r"no such user|try again later") as caught:
        serve().send(message(receiver))
    assert caught.value.permanent is permanent


def test_some_refused_receivers_are_told_and_the_others_get_it(serve: Serve, post: Post) -> None:
    said = serve().send(message("ada@example.test", "nobody@example.test"))
    assert said == "250 2.0.0 Ok: queued as 1A2B; nobody@example.test was refused: 550 5.1.1 no such user"
    assert post.kept[0].rcpt_tos == ["ada@example.test"]


@pytest.mark.parametrize(("reply", "permanent"), [("554 5.7.1 spam", True), ("452 4.3.1 disk full", False)])
def test_refused_messages(serve: Serve, post: Post, reply: str, permanent: bool) -> None:
    post.reply = reply
    with pytest.raises(MailError, match=reply) as caught:
        serve().send(message())
    assert caught.value.permanent is permanent


def test_nobody_listening_may_be_tried_again() -> None:
    with pytest.raises(MailError) as caught:
        SmtpMail(Settings(smtp_host="127.0.0.1", smtp_port=free_port())).send(message())
    assert not caught.value.permanent


def test_a_silent_server_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail = SmtpMail(Settings(smtp_host="127.0.0.1", smtp_port=silent.getsockname()[1]), deadline=0.2)
        begun = monotonic()
        with pytest.raises(MailError) as caught:
            mail.send(message())
    assert monotonic() - begun < 5
    assert not caught.value.permanent


def test_no_server_is_told() -> None:
    mail = SmtpMail(Settings())
    assert not mail.configured()
    with pytest.raises(MailError, match="smtp_host") as caught:
        mail.send(message())
    assert caught.value.permanent


def test_the_one_in_memory_keeps_or_refuses() -> None:
    mail = MemoryMail()
    assert mail.configured()
    mail.send(message())
    assert mail.sent[0]["Subject"] == "Grüße"
    mail.error = MailError("451 later", permanent=False)
    with pytest.raises(MailError):
        mail.send(message())
    with pytest.raises(MailError):
        MemoryMail(on=False).send(message())
