"""A notice as a message of Slack: a colour by severity, blocks, escaped and cut to what Slack takes."""

import msgspec

from vedette.notify.channels.cutting import cut
from vedette.notify.types import Notice

# docs.slack.dev/reference/block-kit/blocks: header 150, text of a section 3,000, of a context element 2,000;
# docs.slack.dev/reference/block-kit/block-elements/button-element: URL 3,000, label 75.
_HEADER, _SECTION, _CONTEXT, _URL, _LABEL = 150, 3_000, 2_000, 3_000, 75
_COLOURS = {"critical": "#b42318", "high": "#d9730d", "low": "#9a8700", "info": "#2f6fdb"}
_OVER = "#1a7f37"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class Text(msgspec.Struct, frozen=True):
    """A text object."""

    type: str
    text: str


class Button(msgspec.Struct, frozen=True):
    """A button that opens a URL."""

    text: Text
    url: str
    type: str = "button"
    action_id: str = "open"  # differs within one block


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """A header, section (`text`), context or row of actions (`elements`)."""

    type: str
    text: Text | None = None
    elements: tuple[Text | Button, ...] = ()


class Attachment(msgspec.Struct, frozen=True):
    """Blocks with a coloured bar beside them."""

    color: str
    blocks: tuple[Block, ...]


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """The message; `text` is what a notification shows. `channel` is for chat.postMessage alone."""

    text: str
    attachments: tuple[Attachment, ...]
    unfurl_links: bool | None = None
    channel: str = ""


def message(notice: Notice, channel: str = "") -> Message:
    """Return the message of a notice."""
    colour = _OVER if notice.state == "resolved" else _COLOURS.get(notice.severity, _COLOURS["high"])
    title = f"[{notice.project}] {notice.title}" if notice.project else notice.title
    link = notice.link if len(notice.link) <= _URL else ""
    text = escaped(f"{title} {link}".strip(), _SECTION)
    return Message(
        text=text,
        attachments=(Attachment(colour, _blocks(notice, title, link)),),
        unfurl_links=False if channel else None,  # webhooks know no such argument
        channel=channel,
    )


def escaped(text: str, most: int) -> str:
    """Return a text as mrkdwn takes it (docs.slack.dev/messaging/formatting-message-text), cut to `most` characters."""

    def size(part: str) -> int:
        return len(part.translate(_ESCAPES))

    return cut(text, most, size).translate(_ESCAPES)


def _blocks(notice: Notice, title: str, link: str) -> tuple[Block, ...]:
    facts = f"{notice.severity}, {notice.state}. {notice.reason}".strip()
    blocks = [
        Block("header", Text("plain_text", cut(title, _HEADER))),
        Block("section", Text("mrkdwn", escaped(notice.text, _SECTION))) if notice.text.strip() else None,
        Block("actions", elements=buttons) if (buttons := _buttons(notice, link)) else None,
        Block("context", elements=(Text("mrkdwn", escaped(facts, _CONTEXT)),)),
    ]
    return tuple(block for block in blocks if block)


def _buttons(notice: Notice, link: str) -> tuple[Button, ...]:
    opens = (Button(Text("plain_text", "Open in Vedette"), link),) if link else ()
    acts = (
        Button(Text("plain_text", cut(action.label, _LABEL)), action.url, action_id=f"{action.kind}.{n}")
        for n, action in enumerate(notice.actions)
        if len(action.url) <= _URL
    )
    return (*opens, *acts)
