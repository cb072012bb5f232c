"""Mail: one message out through the configured SMTP server."""

from email.message import EmailMessage
from typing import Protocol

from vedette.core.errors import VedetteError


class MailError(VedetteError):
    """The mail server refused or did not answer; `permanent` for a 5xx."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Mail(Protocol):
    """Outgoing mail."""

    def configured(self) -> bool:
        """Tell whether a mail server is set."""
        ...

    def send(self, message: EmailMessage) -> str:
        """Deliver and return the server's words of acceptance; raises `MailError`."""
        ...
