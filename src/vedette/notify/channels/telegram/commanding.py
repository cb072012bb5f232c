"""A command in a chat of Telegram (`/who`), and the answer to it. Pure.

Sources: core.telegram.org/bots/api#message, #making-requests-when-getting-updates (the answer to the webhook may be a
call), core.telegram.org/bots/features#commands (`/who@vedette_bot` names the bot in groups).
"""

import msgspec

from vedette.notify.channels.cutting import cut, utf16
from vedette.notify.channels.telegram.pressing import Post

_MOST = 4_000


class Call(msgspec.Struct, frozen=True):
    """A call of sendMessage as the answer to an update."""

    chat_id: int
    text: str
    method: str = "sendMessage"


def words(post: Post | None) -> str:
    """Return a command as it is written to Vedette (`who`), empty when a message is none."""
    if post is None or not post.text.startswith("/"):
        return ""
    first, _, rest = post.text[1:].partition(" ")
    return f"{first.partition('@')[0]} {rest}".strip()


def answer(chat: str, said: str) -> bytes:
    """Return the answer as Telegram takes it."""
    return msgspec.json.encode(Call(int(chat), cut(said, _MOST, utf16)))
