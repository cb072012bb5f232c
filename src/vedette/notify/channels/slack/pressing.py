"""A button pressed in Slack, as Slack tells it: who proves it, and what it says. Pure.

Sources: docs.slack.dev/authentication/verifying-requests-from-slack (signature `v0`) and
docs.slack.dev/reference/interaction-payloads/block_actions-payload.
"""

import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import msgspec

from vedette.core.errors import Invalid

OLDEST = 300.0  # seconds; what is older may be a repeat of somebody who listened
_HOST = "hooks.slack.com"
_WRONG = "This is no interaction of Slack; nothing was changed."


class User(msgspec.Struct, frozen=True):
    """Who pressed, by Slack's word."""

    username: str = ""
    name: str = ""


class Pressed(msgspec.Struct, frozen=True):
    """A pressed element; one that only opens a URL has no value."""

    value: str = ""


class Interaction(msgspec.Struct, frozen=True):
    """What happened to a message; `response_url` takes the answer for half an hour."""

    type: str
    user: User = User()
    actions: tuple[Pressed, ...] = ()
    response_url: str = ""


def proves(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Tell whether a request was sent by Slack within the last five minutes; compared in constant time."""
    if not (timestamp.isascii() and timestamp.isdigit() and abs(now - float(timestamp[:15])) <= OLDEST):
        return False
    made = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={made}".encode(), signature.encode(errors="replace"))


def read(body: bytes) -> Interaction:
    """Return what the form's `payload` says; raises `Invalid` when it is no interaction."""
    try:
        fields = parse_qs(body.decode(), strict_parsing=True, max_num_fields=10)
        return msgspec.json.decode(fields["payload"][0], type=Interaction)
    except (ValueError, KeyError, msgspec.MsgspecError, RecursionError) as error:
        raise Invalid(_WRONG) from error


def answerable(url: str) -> bool:
    """Tell whether an answer may go to a URL: to Slack's own host over HTTPS, and nowhere else."""
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and parts.netloc == _HOST
    except ValueError:
        return False
