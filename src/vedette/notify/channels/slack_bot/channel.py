"""Slack by a bot's token (docs.slack.dev/reference/methods/chat.postMessage)."""

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.posting import check_url, parsed, post, refusal
from vedette.notify.channels.slack.message import message
from vedette.notify.channels.slack.signing import SIGNING_SECRET, acts, check_signing_secret
from vedette.notify.types import ChannelError, Field, Notice, Receipt

_PUBLIC = "https://slack.com/api"
_TOKEN = re.compile(r"xox[a-z]-[A-Za-z0-9-]{8,200}")
_CHANNEL = re.compile(r"[#@]?[^\s,#@]{1,80}")
_PASSING = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}  # fmt: skip
_ADVICE = {
    "channel_not_found": "Check the channel; invite the bot to it when it is private.",
    "not_in_channel": "Invite the bot to the channel: /invite @its-name.",
    "is_archived": "The channel is archived: name another one.",
    "missing_scope": "Give the app the scope chat:write and install it again.",
    "invalid_auth": "The token is not valid: copy it again from the app's settings.",
    "account_inactive": "The bot was removed from the workspace: install the app again.",
    "token_revoked": "The token was revoked: install the app again.",
}


class Answer(msgspec.Struct, frozen=True):
    """What Slack says: `ts` is the message's id."""

    ok: bool
    error: str = ""
    channel: str = ""
    ts: str = ""


class SlackBot:
    """Implements `notify.types.Channel`; Slack knows no idempotency: a repeat is a second message."""

    kind: ClassVar[str] = "slack_bot"
    label: ClassVar[str] = "Slack (bot)"
    icon: ClassVar[str] = "message-square"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("channel", "Channel", "#name, or the id of a channel or person (C…, U…)."),
        Field("token", "Bot token", "xoxb-…, with the scope chat:write.", secret=True),
        Field("api", "API address", f"Empty: {_PUBLIC}.", required=False, kind="url"),
        SIGNING_SECRET,
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless channel and token look like Slack's."""
        check_url(config.get("api") or _PUBLIC, "api")
        if not _CHANNEL.fullmatch(config.get("channel", "")):
            raise Invalid("This is no channel.", {"channel": "One channel, such as #alerts or C0123456789."})
        if not _TOKEN.fullmatch(config.get("token", "")):
            raise Invalid("This is no bot token.", {"token": "Begins with xoxb-."})
        check_signing_secret(config)

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:  # noqa: ARG002
        """Post the message; Slack answers 200 to a refusal too, so its word decides."""
        token, url = config["token"], f"{(config.get('api') or _PUBLIC).rstrip('/')}/chat.postMessage"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}
        body = msgspec.json.encode(message(notice, config["channel"], at_once=acts(config)))
        response = post(url, body, headers, hidden=(token,))
        answer = parsed(response, Answer) or Answer(ok=False)
        if response.status == 200 and answer.ok:
            return Receipt(f"HTTP 200, message {answer.ts} in {answer.channel}")
        if response.status != 200 or not answer.error:
            raise refusal(response, answer.error, hidden=(token,))
        told = f"Slack refused it: {answer.error}. {_ADVICE.get(answer.error, '')}".strip()
        raise ChannelError(told, permanent=answer.error not in _PASSING)


CHANNEL = SlackBot()
