"""Webhook: the notice as JSON, in the shape Alertmanager's receivers know; described in docs/webhook.md."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.webhook.payload import payload
from vedette.notify.channels.webhook.waiting import retry_after
from vedette.notify.types import ChannelError, Field, Notice, Receipt
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.ports import ports

_TRY_AGAIN = {408, 425, 429}


class Webhook:
    """Implements `notify.types.Channel`; a repeat carries the same `Idempotency-Key`."""

    kind: ClassVar[str] = "webhook"
    label: ClassVar[str] = "Webhook"
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
        try:
            url = urlsplit(config.get("url", ""))
            good = url.scheme in {"http", "https"} and url.hostname and url.port != 0
        except ValueError:
            good = False
        if not good:
            raise Invalid(
                "A webhook needs an http or https URL.", {"url": "Starts with http:// or https://."}
            )
        if "@" in url.netloc:
            what = "Put no user or password into the URL; sign with a secret instead."
            raise Invalid(what, {"url": what})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """POST the notice; 2xx is the receipt, 408, 425, 429 and 5xx are worth another try, the rest is not."""
        body = msgspec.json.encode(payload(notice, ports().settings.public_url, idempotency_key))
        headers = {"Content-Type": "application/json", "Idempotency-Key": idempotency_key}
        if config.get("secret"):
            digest = hmac.new(config["secret"].encode(), body, hashlib.sha256).hexdigest()
            headers["X-Vedette-Signature"] = f"sha256={digest}"
        try:
            return _judge(ports().net.request("POST", config["url"], headers=headers, body=body))
        except NetError as error:
            raise ChannelError(str(error), permanent=error.permanent) from error


def _judge(response: Response) -> Receipt:
    if 200 <= response.status < 300:
        return Receipt(f"HTTP {response.status}")
    said = " ".join(response.body[:200].decode(errors="replace").split())
    raise ChannelError(
        f"The receiver answered HTTP {response.status}{': ' + said if said else '.'}",
        permanent=response.status < 500 and response.status not in _TRY_AGAIN,
        retry_after=retry_after(response.headers.get("retry-after", ""), ports().clock.now()),
    )


CHANNEL = Webhook()
