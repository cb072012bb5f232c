"""Where Telegram tells which button was pressed: one address and one secret a bot, for a bot has one webhook.

Source: core.telegram.org/bots/api#setwebhook and #deletewebhook.
"""

import hmac
from collections.abc import Mapping

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.telegram.calling import call
from vedette.notify.types import ChannelError, Field
from vedette.plumbing.ports import ports

AT_ONCE = "act at once"
BUTTONS = Field(
    "buttons",
    "Buttons",
    "Acting at once needs a base_url with HTTPS that Telegram reaches, and makes Vedette the bot's webhook.",
    required=False,
    choices=("open a page", AT_ONCE),
)


class Withdrawal(msgspec.Struct, frozen=True):
    """The body of deleteWebhook, which asks nothing more."""


class Webhook(msgspec.Struct, frozen=True):
    """The body of setWebhook; the names are Telegram's."""

    url: str
    secret_token: str
    allowed_updates: tuple[str, ...] = ("callback_query", "message")


def acts(config: Mapping[str, str]) -> bool:
    """Tell whether the buttons of a channel act at once: where that is wanted, and Telegram can reach us."""
    return config.get("buttons") == AT_ONCE and ports().settings.public_url.startswith("https://")


def bot(config: Mapping[str, str]) -> str:
    """Return the number of a channel's bot."""
    return config["token"].partition(":")[0]


def register(config: Mapping[str, str]) -> None:
    """Tell Telegram where presses go; raises `Invalid` with its words when it refuses."""
    url = f"{ports().settings.public_url}/api/hooks/telegram/{bot(config)}"
    try:
        call(config, "setWebhook", Webhook(url, _secret(config)))
    except ChannelError as error:
        raise Invalid(f"Telegram did not take Vedette's address: {error}", {"buttons": str(error)}) from error


def withdraw(config: Mapping[str, str]) -> None:
    """Tell Telegram that presses go nowhere any more; raises `ChannelError` when it refuses."""
    call(config, "deleteWebhook", Withdrawal())


def proves(config: Mapping[str, str], secret: str) -> bool:
    """Tell whether a request bears the secret Telegram was given for this bot; compared in constant time."""
    return hmac.compare_digest(_secret(config).encode(), secret.encode(errors="replace"))


def _secret(config: Mapping[str, str]) -> str:
    return ports().seal.mark(config["token"], "notify.telegram.presses")
