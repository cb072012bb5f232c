"""Telegram: a notice as a bot's message to a chat (core.telegram.org/bots/api#sendmessage)."""

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.posting import check_url, parsed, post, refusal
from vedette.notify.channels.telegram.message import message
from vedette.notify.types import Field, Notice, Receipt

_PUBLIC = "https://api.telegram.org"
_TOKEN = re.compile(r"[0-9]{3,20}:[A-Za-z0-9_-]{20,100}")
_CHAT = re.compile(r"-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31}")
_ADVICE = {
    400: "Check the chat: write to the bot, or add it to the group, then ask it for the chat's number.",
    401: "The bot token is not valid any more: get a new one from @BotFather.",
    403: "The bot may not write there: start it, or add it to the chat again.",
    404: "The bot token is wrong: copy it again from @BotFather.",
    429: "Telegram's limit is reached; Vedette tries again when it may.",
}


class Sent(msgspec.Struct, frozen=True):
    """The message as Telegram took it."""

    message_id: int = 0


class Parameters(msgspec.Struct, frozen=True):
    """What an error says beside its words; seconds to wait."""

    retry_after: float | None = None


class Answer(msgspec.Struct, frozen=True):
    """What Telegram says."""

    ok: bool
    description: str = ""
    result: Sent | None = None
    parameters: Parameters = Parameters()


class Telegram:
    """Implements `notify.types.Channel`; Telegram knows no idempotency: a repeat is a second message."""

    kind: ClassVar[str] = "telegram"
    label: ClassVar[str] = "Telegram"
    icon: ClassVar[str] = "send"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("chat", "Chat", "The chat's number, or @name of a public channel."),
        Field("token", "Bot token", "From @BotFather.", secret=True),
        Field("server", "Bot API server", f"Empty: {_PUBLIC}.", required=False, kind="url"),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless chat and token look like Telegram's."""
        check_url(config.get("server") or _PUBLIC, "server")
        if not _CHAT.fullmatch(config.get("chat", "")):
            raise Invalid("This is no chat.", {"chat": "A number such as -1001234567890, or @name."})
        if not _TOKEN.fullmatch(config.get("token", "")):
            raise Invalid("This is no bot token.", {"token": "Digits, a colon, then letters and digits."})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:  # noqa: ARG002
        """Send the message; the receipt names its id."""
        token = config["token"]
        url = f"{(config.get('server') or _PUBLIC).rstrip('/')}/bot{token}/sendMessage"
        response = post(url, msgspec.json.encode(message(notice, config["chat"])), hidden=(token,))
        answer = parsed(response, Answer) or Answer(ok=False)
        if response.status == 200 and answer.ok and answer.result:
            return Receipt(f"HTTP 200, message {answer.result.message_id}")
        wait, advice = answer.parameters.retry_after, _ADVICE.get(response.status, "")
        raise refusal(response, answer.description, advice, hidden=(token,), wait=wait)


CHANNEL = Telegram()
