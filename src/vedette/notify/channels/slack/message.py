"""A notice as a message of Slack: a colour by severity, blocks, escaped and cut to what Slack takes.

A button opens a URL; where Slack tells us of presses (`pressing`), it bears the token of what it does instead.
"""

import msgspec

from vedette.notify.channels.cutting import cut
from vedette.notify.types import Action, Notice

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
    """A button that opens a URL, or tells us its value."""

    text: Text
    url: str | msgspec.UnsetType = msgspec.UNSET
    value: str | msgspec.UnsetType = msgspec.UNSET
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


def message(notice: Notice, channel: str = "", *, at_once: bool = False, done: str = "") -> Message:
    """Return the message of a notice; `at_once`: its buttons act, `done` is what came of one of them, in place of all."""
    colour = _OVER if notice.state == "resolved" else _COLOURS.get(notice.severity, _COLOURS["high"])
    title = f"[{notice.project}] {notice.title}" if notice.project else notice.title
    link = notice.link if len(notice.link) <= _URL else ""
    text = escaped(" ".join(part for part in (done, title, link) if part), _SECTION)
    return Message(
        text=text,
        attachments=(
            Attachment(
                colour, (*_blocks(notice, title, _buttons(notice, link, at_once, done)), *_done(done))
            ),
        ),
        unfurl_links=False if channel else None,  # webhooks know no such argument
        channel=channel,
    )


def escaped(text: str, most: int) -> str:
    """Return a text as mrkdwn takes it (docs.slack.dev/messaging/formatting-message-text), cut to `most` characters."""

    def size(part: str) -> int:
        return len(part.translate(_ESCAPES))

    return cut(text, most, size).translate(_ESCAPES)


def _done(said: str) -> tuple[Block, ...]:
    return (Block("section", Text("mrkdwn", escaped(said, _SECTION))),) if said else ()


def _blocks(notice: Notice, title: str, buttons: tuple[Button, ...]) -> tuple[Block, ...]:
    facts = f"{notice.severity}, {notice.state}. {notice.reason}".strip()
    blocks = [
        Block("header", Text("plain_text", cut(title, _HEADER))),
        Block("section", Text("mrkdwn", escaped(notice.text, _SECTION))) if notice.text.strip() else None,
        Block("actions", elements=buttons) if buttons else None,
        Block("context", elements=(Text("mrkdwn", escaped(facts, _CONTEXT)),)),
    ]
    return tuple(block for block in blocks if block)


def _buttons(notice: Notice, link: str, at_once: bool, done: str) -> tuple[Button, ...]:
    opens = (Button(Text("plain_text", "Open in Vedette"), link),) if link else ()
    acts = () if done else tuple(_button(n, action, at_once) for n, action in enumerate(notice.actions))
    return (*acts, *opens) if at_once else (*opens, *(act for act in acts if len(act.url or "") <= _URL))


def _button(n: int, action: Action, at_once: bool) -> Button:
    text, name = Text("plain_text", cut(action.label, _LABEL)), f"{action.kind}.{n}"
    return (
        Button(text, value=action.token, action_id=name)
        if at_once
        else Button(text, action.url, action_id=name)
    )
