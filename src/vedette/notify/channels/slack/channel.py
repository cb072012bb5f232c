"""Slack by an incoming webhook (docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.notify.channels.posting import check_url, masked, post, refusal
from vedette.notify.channels.slack.message import message
from vedette.notify.channels.slack.signing import SIGNING_SECRET, acts, check_signing_secret
from vedette.notify.types import Field, Notice, Receipt

_ADVICE = {
    400: "Slack did not understand the message; please report this.",
    403: "An administrator of the workspace forbids this webhook: allow it there, or make another.",
    404: "The webhook or its channel is gone: make a new one in Slack.",
    410: "The channel is archived: make a webhook for another one.",
    429: "Slack's limit is reached; Vedette tries again when it may.",
}


class Slack:
    """Implements `notify.types.Channel`; Slack knows no idempotency: a repeat is a second message."""

    kind: ClassVar[str] = "slack"
    label: ClassVar[str] = "Slack (webhook)"
    icon: ClassVar[str] = "message-square"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Webhook URL", "https://hooks.slack.com/services/…; who has it can post.", secret=True),
        SIGNING_SECRET,
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless it is a URL; Mattermost and others take the same message."""
        check_url(config.get("url", ""), "url")
        check_signing_secret(config)

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:  # noqa: ARG002
        """Post the message; Slack's receipt is its word `ok`."""
        url = config["url"]
        hidden = (url, *[part for part in url.split("/")[3:] if len(part) > 8])
        response = post(url, msgspec.json.encode(message(notice, at_once=acts(config))), hidden=hidden)
        if response.status == 200:
            words = masked(response.body[:500].decode(errors="replace"), hidden)
            return Receipt(f"HTTP 200 {words[:100]}".strip())
        raise refusal(response, advice=_ADVICE.get(response.status, ""), hidden=hidden)


CHANNEL = Slack()
