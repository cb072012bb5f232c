"""Telegram: a notice as a bot's message to a chat (core.telegram.org/bots/api#sendmessage)."""

import re
from collections.abc import Mapping
from typing import ClassVar

from vedette.core.errors import Invalid
from vedette.notify.channels.posting import check_url
from vedette.notify.channels.telegram.calling import PUBLIC, Sent, call
from vedette.notify.channels.telegram.hook import BUTTONS, acts
from vedette.notify.channels.telegram.message import message
from vedette.notify.types import Field, Notice, Receipt

_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31}")


class Telegram:
    """Implements `notify.types.Channel`; Telegram knows no idempotency: a repeat is a second message."""

    kind: ClassVar[str] = "telegram"
    label: ClassVar[str] = "Telegram"
    icon: ClassVar[str] = "send"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("chat", "Chat", "The chat's number, or @name of a public channel."),
        Field("token", "Bot token", "From @BotFather.", secret=True),
        BUTTONS,
        Field("server", "Bot API server", f"Empty: {PUBLIC}.", required=False, kind="url"),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless chat and token look like Telegram's."""
        check_url(config.get("server") or PUBLIC, "server")
        if not _CHAT.fullmatch(config.get("chat", "")):
            raise Invalid("This is no chat.", {"chat": "A number such as -1001234567890, or @name."})
        if config.get("buttons", "") not in {"", *BUTTONS.choices}:
            raise Invalid("This is no kind of buttons.", {"buttons": f"One of {', '.join(BUTTONS.choices)}."})
        if not _TOKEN.fullmatch(config.get("token", "")):
            raise Invalid("This is no bot token.", {"token": "Digits, a colon, then letters and digits."})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:  # noqa: ARG002
        """Send the message; the receipt names its id."""
        sent = call(config, "sendMessage", message(notice, config["chat"], at_once=acts(config))).result
        return Receipt(f"HTTP 200, message {sent.message_id if isinstance(sent, Sent) else '?'}")


CHANNEL = Telegram()
