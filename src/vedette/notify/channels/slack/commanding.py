"""A slash command of Slack (`/vedette who`), and the answer to it. Pure.

Source: docs.slack.dev/interactivity/implementing-slash-commands: a form, answered by JSON within three seconds.
"""

from urllib.parse import parse_qs

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.slack.message import escaped

_MOST = 3_000
_FIELDS = 20


class Slash(msgspec.Struct, frozen=True):
    """What somebody typed after the slash, and who, by Slack's word."""

    text: str
    who: str


class Answer(msgspec.Struct, frozen=True):
    """The body of the answer; everybody in the channel sees it."""

    text: str
    response_type: str = "in_channel"


def is_command(body: bytes) -> bool:
    """Tell whether a signed form is a slash command and no press of a button."""
    return b"command=%2F" in body


def read(body: bytes) -> Slash:
    """Return what a command says; raises `Invalid` when the form cannot be read."""
    try:
        fields = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS)
    except ValueError as error:
        raise Invalid("This is no command of Slack; nothing was changed.") from error
    return Slash(fields.get("text", [""])[0], fields.get("user_name", [""])[0])


def answer(said: str) -> bytes:
    """Return the answer as Slack takes it."""
    return msgspec.json.encode(Answer(escaped(said, _MOST)))
