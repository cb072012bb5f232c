"""Mail in memory: an outbox to look into; for tests."""

from email.message import EmailMessage

from vedette.plumbing.mail.port import MailError


class MemoryMail:
    """Implements `plumbing.mail.port.Mail`; keeps what was sent, raises `error` while it is set."""

    def __init__(self, *, on: bool = True) -> None:
        self._on = on
        self.sent: list[EmailMessage] = []
        self.error: MailError | None = None

    def configured(self) -> bool:
        """Tell whether a mail server is set."""
        return self._on

    def send(self, message: EmailMessage) -> str:
        """Keep the message."""
        if self.error is not None:
            raise self.error
        if not self._on:
            raise MailError("No mail server is set; fill in smtp_host in vedette.toml.", permanent=True)
        self.sent.append(message)
        return "250 2.0.0 Ok: kept in memory"
