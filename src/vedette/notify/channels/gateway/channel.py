"""SMS, voice or whatever else a gateway takes: one HTTP request whose parts are templates (docs/channels.md)."""

from collections.abc import Mapping
from typing import ClassVar

from vedette.notify.channels.gateway import checking, filling
from vedette.notify.channels.posting import masked, post, refusal
from vedette.notify.types import ChannelError, Field, Notice, Receipt


class Gateway:
    """Implements `notify.types.Channel`; a repeat is a second message, unless the gateway knows `{key}`."""

    kind: ClassVar[str] = "gateway"
    label: ClassVar[str] = "SMS or voice gateway"
    icon: ClassVar[str] = "smartphone"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("to", "To", "Stands where {to} is, such as +4915112345678.", required=False),
        Field("method", "Method", choices=checking.METHODS),
        Field("url", "URL", "May hold {to}, {text}, {title}, {link}, {severity}, {key}, {secret} after the host.", kind="url"),
        Field("secret", "Secret", "Stands where {secret} is; where {basic} is, in base64 (user:password).", secret=True, required=False),
        Field("headers", "Headers", "One a line, such as Authorization: Bearer {secret}.", kind="textarea", required=False),
        Field("form", "The body is", choices=checking.FORMS),
        Field("body", "Body", "The same names; {spoken} is title and text without the link, for voice.", kind="textarea", required=False),
        Field("most", "Characters at most", "Empty: 306, two SMS.", required=False),
        Field("expect", "Accepted when the answer holds", "Empty: any answer 2xx.", required=False),
    )  # fmt: skip

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` naming the field that makes no request."""
        checking.check(config)

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Send the request; a 2xx answer without the expected text is a refusal that is not repeated, for it may cost."""
        asked = filling.request(config, notice, idempotency_key)
        hidden = filling.hidden(config)
        response = post(asked.url, asked.body, asked.headers, hidden=hidden, method=asked.method)
        if not 200 <= response.status < 300:
            raise refusal(response, hidden=hidden)
        words = " ".join(masked(response.body[:4_000].decode(errors="replace"), hidden).split())
        if config.get("expect") and config["expect"].encode() not in response.body:
            told = f"The gateway answered HTTP {response.status} without “{config['expect']}”: {words[:200]}"
            raise ChannelError(told, permanent=True)
        return Receipt(f"HTTP {response.status} {words[:100]}".strip())


CHANNEL = Gateway()
