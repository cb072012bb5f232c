"""Webhook: the notice as JSON, in the shape Alertmanager's receivers know; described in docs/webhook.md."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.notify.channels.posting import check_url, post, refusal
from vedette.notify.channels.webhook.payload import payload
from vedette.notify.types import Field, Notice, Receipt
from vedette.plumbing.ports import ports


class Webhook:
    """Implements `notify.types.Channel`; a repeat carries the same `Idempotency-Key`."""

    kind: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Webhook"
    icon: ClassVar[str] = "webhook"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "URL", "Gets a POST with JSON; docs/webhook.md describes it.", kind="url"),
        Field(
            "secret",
            "Signing secret",
            "When set, X-Vedette-Signature carries sha256=<HMAC of the body>.",
            secret=True,
            required=False,
        ),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless the URL is http(s), names a host and carries no password."""
        check_url(config.get("url", ""), "url")

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """POST the notice; 2xx is the receipt, 408, 425, 429 and 5xx are worth another try, the rest is not."""
        body = msgspec.json.encode(payload(notice, ports().settings.public_url, idempotency_key))
        headers = {"Idempotency-Key": idempotency_key}
        if config.get("secret"):
            digest = hmac.new(config["secret"].encode(), body, hashlib.sha256).hexdigest()
            headers["X-Vedette-Signature"] = f"sha256={digest}"
        response = post(config["url"], body, headers)
        if 200 <= response.status < 300:
            return Receipt(f"HTTP {response.status}")
        raise refusal(response)


CHANNEL = Webhook()
