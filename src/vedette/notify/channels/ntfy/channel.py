"""ntfy: a notice published as JSON to a topic of ntfy.sh or of one's own server (docs.ntfy.sh/publish)."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.ntfy.message import message
from vedette.notify.channels.posting import check_url, parsed, post, refusal
from vedette.notify.types import Field, Notice, Receipt

_PUBLIC = "https://ntfy.sh"
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_ADVICE = {
    401: "Check the access token.",
    403: "The topic is protected: give an access token that may write to it.",
    404: "Check the server's address.",
    429: "The server's limit is reached; Vedette tries again.",
}


class Answer(msgspec.Struct, frozen=True):
    """What ntfy says: the id of the message, or the error."""

    id: str = ""
    error: str = ""


class Ntfy:
    """Implements `notify.types.Channel`; a repeat bears the same sequence id, so it replaces the first (ntfy 2.16)."""

    kind: ClassVar[str] = "ntfy"
    label: ClassVar[str] = "ntfy"
    icon: ClassVar[str] = "smartphone"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("server", "Server", f"Empty: {_PUBLIC}.", required=False, kind="url"),
        Field("topic", "Topic", "On an open server, whoever knows the topic can read it.", secret=True),
        Field(
            "token",
            "Access token",
            "For a protected topic: a token (tk_…), or user:password.",
            secret=True,
            required=False,
        ),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless the server is a URL and the topic is one ntfy knows."""
        check_url(config.get("server") or _PUBLIC, "server")
        if not _TOPIC.fullmatch(config.get("topic", "")):
            what = "A topic has 1 to 64 letters, digits, - or _."
            raise Invalid(what, {"topic": what})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Publish the notice; the receipt names the message's id."""
        sequence = hashlib.sha256(idempotency_key.encode()).hexdigest()[:32]
        body = msgspec.json.encode(message(notice, config["topic"], sequence))
        token, topic = config.get("token", ""), config["topic"]
        url = f"{(config.get('server') or _PUBLIC).rstrip('/')}/"
        response = post(url, body, _authorization(token), hidden=(token, topic))
        answer = parsed(response, Answer) or Answer()
        if response.status == 200 and answer.id:
            return Receipt(f"HTTP 200, message {answer.id}")
        raise refusal(response, answer.error, _ADVICE.get(response.status, ""), hidden=(token, topic))


def _authorization(token: str) -> dict[str, str]:
    basic = f"Basic {base64.b64encode(token.encode()).decode()}"
    return {"Authorization": basic if ":" in token else f"Bearer {token}"} if token else {}


CHANNEL = Ntfy()
