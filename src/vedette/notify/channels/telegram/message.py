"""A notice as a message of Telegram: HTML, silent when it is not urgent, cut to what Telegram takes."""

import html
from urllib.parse import urlsplit

import msgspec

from vedette.notify.channels.cutting import cut, utf16
from vedette.notify.types import Notice

MOST = 4_096  # UTF-16 units of the text without its tags (core.telegram.org/bots/api#sendmessage)
_LINK = 1_000  # longer links are left out
_DATA = 64  # bytes of what a button bears (#inlinekeyboardbutton)
_SILENT = frozenset({"info", "low"})


class Preview(msgspec.Struct, frozen=True):
    """How a link is shown: not at all, for nobody but members can open it."""

    is_disabled: bool = True


class Button(msgspec.Struct, frozen=True):
    """A button below the message that opens a URL, or tells us its `callback_data`."""

    text: str
    url: str | msgspec.UnsetType = msgspec.UNSET
    callback_data: str | msgspec.UnsetType = msgspec.UNSET


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


def message(notice: Notice, chat: str, *, at_once: bool = False) -> Message:
    """Return the message, its buttons acting `at_once` or opening pages; the limit counts text, so it is cut before it is escaped."""
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
        reply_markup=Keyboard(rows) if (rows := _rows(notice, at_once)) else msgspec.UNSET,
    )


def opening(link: str) -> tuple[tuple[Button, ...], ...]:
    """Return the row of the button that opens a link; none to a host such as `localhost`, for Telegram refuses the whole message then."""
    return ((Button("Open in Vedette", link),),) if _opens(link) else ()


def _rows(notice: Notice, at_once: bool) -> tuple[tuple[Button, ...], ...]:
    acts = tuple(
        Button(action.label, callback_data=action.token)
        if at_once and len(action.token) <= _DATA
        else Button(action.label, action.url)
        for action in notice.actions
        if at_once or _opens(action.url)
    )
    return (acts, *(opening(notice.link) if at_once else ())) if acts else ()


def _opens(url: str) -> bool:
    return "." in (urlsplit(url).hostname or "")


def _safe(text: str) -> str:
    return html.escape(text, quote=False)
