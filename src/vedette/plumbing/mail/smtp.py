"""Mail by SMTP to the configured server."""

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from typing import TYPE_CHECKING

from vedette.core.settings import Settings
from vedette.plumbing.mail.port import MailError

if TYPE_CHECKING:
    from typing_extensions import Buffer


class SmtpMail:
    """Implements `plumbing.mail.port.Mail` with the settings `smtp_*`; `deadline` bounds a delivery in seconds.

    A message keeps the Message-ID it came with, so that a receiver can tell a second try from a second message.
    What the server says to the message or its receivers with a 5xx is permanent. A server that cannot be
    reached, or that refuses our password, is not: someone will mend that, and the message is still good.
    """

    def __init__(
        self, settings: Settings, *, deadline: float = 20.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._deadline = deadline
        self._tls = tls

    def configured(self) -> bool:
        """Tell whether a mail server is set."""
        return bool(self._settings.smtp_host)

    def send(self, message: EmailMessage) -> str:
        """Deliver and return the server's words of acceptance; raises `MailError`."""
        if not self.configured():
            raise MailError("No mail server is set; fill in smtp_host in vedette.toml.", permanent=True)
        with self._told(), self._session() as server:
            return _deliver(server, message)

    @contextlib.contextmanager
    def _session(self) -> Iterator["_Session"]:
        """Connect, encrypt and sign in as the settings say."""
        settings = self._settings
        tls = self._tls or ssl.create_default_context()
        kind = _TlsSession if settings.smtp_tls == "tls" else _Session
        server = kind(settings.smtp_host, self._deadline, tls)
        with _until(server, self._deadline):
            try:
                server.connect(settings.smtp_host, settings.smtp_port)
                if settings.smtp_tls == "starttls":
                    server.starttls(context=tls)
                if settings.smtp_user:
                    server.login(settings.smtp_user, settings.smtp_password)
                yield server
            finally:
                _leave(server)

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        where = f"The mail server {self._settings.smtp_host}:{self._settings.smtp_port}"
        try:
            yield
        except smtplib.SMTPAuthenticationError as error:
            raise MailError(
                f"{where} refused our sign-in ({error.smtp_code}); check smtp_user and smtp_password.",
                permanent=False,
            ) from None
        except smtplib.SMTPRecipientsRefused as error:
            replies = set(error.recipients.values())
            said = "; ".join(sorted(_words(*reply) for reply in replies))
            permanent = all(code >= 500 for code, _ in replies)
            raise MailError(f"{where} refused every receiver: {said}.", permanent=permanent) from error
        except smtplib.SMTPResponseException as error:
            said = _words(error.smtp_code, error.smtp_error)
            permanent = error.smtp_code >= 500 and not isinstance(
                error, (smtplib.SMTPConnectError, smtplib.SMTPHeloError)
            )
            raise MailError(f"{where} refused: {said}.", permanent=permanent) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MailError(f"{where} cannot do what smtp_tls asks: {error}.", permanent=False) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailError(f"{where} did not answer as it should: {error}.", permanent=False) from error


class _Session(smtplib.SMTP):
    """A session that is not connected yet, and that remembers the reply to the last message."""

    def __init__(self, host: str, timeout: float, tls: ssl.SSLContext) -> None:
        super().__init__(timeout=timeout)
        self._host = host
        self.context = tls
        self.accepted = ""

    def data(self, msg: "Buffer | str") -> tuple[int, bytes]:
        """Send a message and keep what the server says to it."""
        code, text = super().data(msg)
        self.accepted = _words(code, text)
        return code, text


class _TlsSession(_Session, smtplib.SMTP_SSL):
    """The same over TLS from the first byte; `context` is what `SMTP_SSL` connects with."""


def _deliver(server: _Session, message: EmailMessage) -> str:
    refused = server.send_message(message)
    told = [f"{receiver} was refused: {_words(*reply)}" for receiver, reply in sorted(refused.items())]
    return "; ".join([server.accepted, *told])


def _words(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(said.split())}"


def _leave(server: smtplib.SMTP) -> None:
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


@contextlib.contextmanager
def _until(server: smtplib.SMTP, deadline: float) -> Iterator[None]:
    """Shut the connection down after `deadline` seconds, however slowly the server drips."""

    def cut() -> None:
        if server.sock is not None:
            with contextlib.suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(deadline, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
