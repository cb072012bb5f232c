"""E-mail: one message to all recipients through the configured mail server."""

import re
from collections.abc import Mapping
from typing import ClassVar

from vedette.core.errors import Invalid
from vedette.notify.channels.email.message import compose
from vedette.notify.types import ChannelError, Field, Notice, Receipt
from vedette.plumbing.mail.port import MailError
from vedette.plumbing.ports import ports

_ADDRESS = re.compile(r"[!-?A-~]{1,64}@[0-9A-Za-z.\[\]:-]{1,190}")  # ASCII, without a name


class Email:
    """Implements `notify.types.Channel`; a repeat carries the same Message-ID."""

    kind: ClassVar[str] = "email"
    label: ClassVar[str] = "E-mail"
    icon: ClassVar[str] = "mail"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("recipients", "Recipients", "Addresses, separated by commas or spaces.", kind="textarea"),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless there is at least one address and each looks like one."""
        found = recipients(config)
        wrong = [address for address in found if not _ADDRESS.fullmatch(address)]
        if wrong or not found:
            what = f"{wrong[0]} is not an e-mail address." if wrong else "Give at least one address."
            raise Invalid(what, {"recipients": what})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Send the mail and return the server's words."""
        try:
            return Receipt(
                ports().mail.send(compose(notice, recipients(config), idempotency_key, ports().settings))
            )
        except MailError as error:
            lasting = error.permanent and ports().mail.configured()  # a missing server may yet be set
            raise ChannelError(str(error), permanent=lasting) from error


def recipients(config: Mapping[str, str]) -> list[str]:
    """Return the addresses of a configuration."""
    return [address for address in re.split(r"[\s,;]+", config.get("recipients", "")) if address]


CHANNEL = Email()
