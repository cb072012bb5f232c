"""A notice as a message of Telegram: HTML, silent when it is not urgent, cut to what Telegram takes."""

import html
from urllib.parse import urlsplit

import msgspec

from vedette.notify.channels.cutting import cut, utf16
from vedette.notify.types import Notice

MOST = 4_096  # UTF-16 units of the text without its tags (core.telegram.org/bots/api#sendmessage)
_LINK = 1_000  # longer links are left out
_SILENT = frozenset({"info", "low"})


class Preview(msgspec.Struct, frozen=True):
    """How a link is shown: not at all, for nobody but members can open it."""

    is_disabled: bool = True


class Button(msgspec.Struct, frozen=True):
    """A button below the message that opens a URL."""

    text: str
    url: str


class Keyboard(msgspec.Struct, frozen=True):
    """Rows of buttons below the message."""

    inline_keyboard: tuple[tuple[Button, ...], ...]


class Message(msgspec.Struct, frozen=True):
    """The body of sendMessage; the names are Telegram's."""

    chat_id: str
    text: str
    parse_mode: str
    disable_notification: bool
    link_preview_options: Preview = Preview()
    reply_markup: Keyboard | msgspec.UnsetType = msgspec.UNSET


def message(notice: Notice, chat: str) -> Message:
    """Return the message; the limit counts text, so it is cut before it is escaped."""
    title = cut(f"[{notice.project}] {notice.title}" if notice.project else notice.title, 300, utf16)
    facts = cut(f"{notice.severity}, {notice.state}. {notice.reason}".strip(), 600, utf16)
    link = notice.link if len(notice.link) <= _LINK else ""
    room = MOST - sum(utf16(part) + 2 for part in (title, facts, link))
    text = cut(notice.text, room, utf16)
    shown = [f"<b>{_safe(title)}</b>", _safe(text), _safe(link), f"<i>{_safe(facts)}</i>"]
    return Message(
        chat_id=chat,
        text="\n\n".join(part for part in shown if part),
        parse_mode="HTML",
        disable_notification=notice.severity in _SILENT,
        reply_markup=Keyboard((buttons,)) if (buttons := _buttons(notice)) else msgspec.UNSET,
    )


def _buttons(notice: Notice) -> tuple[Button, ...]:
    """Return the buttons; none to a host such as `localhost`, for Telegram refuses the whole message then."""
    return tuple(
        Button(action.label, action.url)
        for action in notice.actions
        if "." in (urlsplit(action.url).hostname or "")
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
