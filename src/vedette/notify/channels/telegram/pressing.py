"""A button pressed in Telegram, as its update tells it, and the answers to it. Pure.

Sources: core.telegram.org/bots/api#callbackquery, #answercallbackquery, #editmessagereplymarkup.
"""

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.cutting import cut, utf16
from vedette.notify.channels.telegram.message import Keyboard

_MOST = 200  # characters of an answer


class User(msgspec.Struct, frozen=True):
    """Who pressed, by Telegram's word."""

    first_name: str = ""
    username: str = ""


class Chat(msgspec.Struct, frozen=True):
    """Where the message stands; a public one has a name."""

    id: int
    username: str = ""


class Message(msgspec.Struct, frozen=True):
    """The message whose button it is."""

    message_id: int
    chat: Chat


class Query(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A press; `data` is what the button bears."""

    id: str
    sender: User = User()
    message: Message | None = None
    data: str = ""


class Post(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A message that somebody wrote into a chat."""

    chat: Chat = Chat(0)
    sender: User = User()
    text: str = ""


class Update(msgspec.Struct, frozen=True):
    """What Telegram tells a webhook: a press, or a message that may be a command; all else is not for us."""

    callback_query: Query | None = None
    message: Post | None = None


class Said(msgspec.Struct, frozen=True):
    """The body of answerCallbackQuery; an alert stays until it is closed."""

    callback_query_id: str
    text: str
    show_alert: bool


class Edited(msgspec.Struct, frozen=True):
    """The body of editMessageReplyMarkup."""

    chat_id: str
    message_id: int
    reply_markup: Keyboard


def read(body: bytes) -> Update:
    """Return what an update tells of; raises `Invalid` when it is no update."""
    try:
        return msgspec.json.decode(body, type=Update)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("This is no update of Telegram; nothing was changed.") from error


def said(query: str, text: str, *, refused: bool) -> Said:
    """Return the answer to a press, cut to what Telegram shows."""
    return Said(query, cut(text, _MOST, utf16), refused)
