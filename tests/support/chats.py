"""Slack and Telegram as they tell us of pressed buttons, and take our answers: each refuses what the real one refuses.

Sources: docs.slack.dev (verifying requests, block_actions payload, handling user interaction), core.telegram.org/bots/api
(setWebhook, deleteWebhook, Update, CallbackQuery, answerCallbackQuery, editMessageReplyMarkup). The messages are their examples, with our values in them.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from tests.support.services import Far, Reply, Service, Telegram, slack_wrong

from vedette.plumbing.net.client import NetClient
from vedette.plumbing.net.port import Response

SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # Slack's own example
RESPONSE_URL = "https://hooks.slack.com/actions/T0123456/1/hushhushhush"


def slack_press(value: str, user: str = "mira", response_url: str = RESPONSE_URL) -> bytes:
    """Return the body Slack sends when a button with this value is pressed."""
    told = {
        "type": "block_actions",
        "team": {"id": "T9TK3CUKW", "domain": "example"},
        "user": {"id": "UA8RXUSPL", "username": user, "name": user, "team_id": "T9TK3CUKW"},
        "api_app_id": "AABA1ABCD", "token": "9s8d9as89d8as9d8as989",
        "container": {"type": "message_attachment", "message_ts": "1548261231.000200", "channel_id": "CBR2V3XEX"},
        "trigger_id": "12321423423.333649436676.d8c1bb837935619ccad0f624c448ffb3",
        "channel": {"id": "CBR2V3XEX", "name": "review-updates"},
        "message": {"bot_id": "BAH5CA16Z", "type": "message", "text": "…", "ts": "1548261231.000200"},
        "response_url": response_url,
        "actions": [
            {
                "action_id": "acknowledge.0", "block_id": "=qXel", "type": "button", "action_ts": "1548426417.840180",
                "text": {"type": "plain_text", "text": "Acknowledge", "emoji": True}, **({"value": value} if value else {}),
            }
        ],
    }  # fmt: skip
    return urlencode({"payload": json.dumps(told)}).encode()


def slack_command(text: str, user: str = "mira") -> bytes:
    """Return the body Slack sends for `/vedette text`."""
    told = {
        "token": "gIkuvaNzQIHg97ATvDxqgjtO", "team_id": "T0001", "team_domain": "example", "channel_id": "C2147483705",
        "channel_name": "ops", "user_id": "U2147483697", "user_name": user, "command": "/vedette", "text": text,
        "response_url": "https://hooks.slack.com/commands/1234/5678", "trigger_id": "13345224609.738474920.8088930838d88f008e0",
        "api_app_id": "A123456",
    }  # fmt: skip
    return urlencode(told).encode()


def slack_headers(body: bytes, at: float, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """Return the headers with which Slack signs a body."""
    signed = hmac.new(secret.encode(), f"v0:{int(at)}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(int(at)), "X-Slack-Signature": f"v0={signed}"}


class SlackAnswers(Service):
    """What stands behind `response_url`: takes the place of the message, or an answer to one person."""

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        known = {"text", "attachments", "blocks", "replace_original", "delete_original", "response_type"}
        if not path.startswith("/actions/") or set(body) - known or slack_wrong(body):
            return 400, {}, "invalid_payload"
        self.far.raw.append((headers, body))
        return 200, {}, "ok"


class SlackNet:
    """Implements `plumbing.net.port.Net`: the real one, but that Slack's host is on loopback."""

    def __init__(self, address: str) -> None:
        self._real, self._address = NetClient(allow_private=True), address

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float = 10.0,
        max_bytes: int = 65_536,
    ) -> Response:
        """Ask, at home where Slack is asked."""
        to = url.replace("https://hooks.slack.com", self._address)
        return self._real.request(
            method, to, headers=headers, body=body, deadline=deadline, max_bytes=max_bytes
        )


class TelegramBot(Telegram):
    """The Bot API with a webhook, and the presses that wait for an answer."""

    def __init__(self, far: Far) -> None:
        super().__init__(far)
        self.webhook: dict[str, Any] = {}
        self.waiting: set[str] = set()
        self.said: list[dict[str, Any]] = []
        self.keyboards: dict[int, Any] = {}

    def serve(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        method = path.removeprefix(f"/bot{self.TOKEN}/")
        does = {
            "setWebhook": self._set_webhook, "deleteWebhook": self._delete_webhook, "answerCallbackQuery": self._answer, "editMessageReplyMarkup": self._edit,
        }.get(method)  # fmt: skip
        if does is None:
            return super().serve(path, headers, body)
        wrong = does(body)
        return (
            (400, {}, self._error(400, f"Bad Request: {wrong}"))
            if wrong
            else (200, {}, {"ok": True, "result": True})
        )

    def press(self, data: str, user: str = "mira") -> tuple[bytes, dict[str, str]]:
        """Return the update and the headers with which Telegram tells the webhook of a press."""
        query = str(4382 + len(self.said))
        self.waiting.add(query)
        told = {
            "update_id": 10_000,
            "callback_query": {
                "id": query, "chat_instance": "1", "data": data,
                "from": {"id": 1111, "is_bot": False, "first_name": "Mira", "username": user},
                "message": {"message_id": 1, "date": 1, "chat": {"id": -1001234567890, "type": "supergroup", "title": "Ops"}},
            },
        }  # fmt: skip
        return json.dumps(told).encode(), {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}

    def write(
        self, text: str, where: int = -1001234567890, user: str = "mira"
    ) -> tuple[bytes, dict[str, str]]:
        """Return the update and the headers with which Telegram tells the webhook of a message."""
        told = {
            "update_id": 10_001,
            "message": {
                "message_id": 7, "date": 1, "text": text, "chat": {"id": where, "type": "supergroup", "title": "Ops"},
                "from": {"id": 1111, "is_bot": False, "first_name": "Mira", "username": user},
                "entities": [{"offset": 0, "length": len(text.split(maxsplit=1)[0]), "type": "bot_command"}],
            },
        }  # fmt: skip
        return json.dumps(told).encode(), {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}

    def _set_webhook(self, body: dict[str, Any]) -> str:
        if not body["url"].startswith("https://"):
            return "bad webhook: An HTTPS URL must be provided for webhook"
        if not re.fullmatch(r"[\w-]{1,256}", body["secret_token"], re.ASCII):
            return "secret token contains unallowed characters"
        if self.answer == "never":
            return "bad webhook: Failed to resolve host: Name or service not known"
        self.webhook = body
        return ""

    def _delete_webhook(self, _: dict[str, Any]) -> str:
        self.webhook = {}
        return ""

    def _answer(self, body: dict[str, Any]) -> str:
        if body["callback_query_id"] not in self.waiting or len(body["text"]) > 200:
            return "query is too old and response timeout expired or query ID is invalid"
        self.waiting.remove(body["callback_query_id"])
        self.said.append(body)
        return ""

    def _edit(self, body: dict[str, Any]) -> str:
        keyboard = body["reply_markup"]["inline_keyboard"]
        if self.keyboards.get(body["message_id"]) == keyboard:
            return (
                "message is not modified: specified new message content and reply markup are exactly the same"
            )
        self.keyboards[body["message_id"]] = keyboard
        return ""
