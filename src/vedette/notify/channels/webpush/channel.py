"""Web Push: a notice to one browser of one person, through its maker's push service (RFC 8030, 8188, 8291, 8292)."""

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from vedette.core.errors import Invalid
from vedette.notify.channels.posting import check_url, post, refusal
from vedette.notify.channels.webpush import keys
from vedette.notify.channels.webpush.encryption import encrypted
from vedette.notify.channels.webpush.message import TTL, URGENCIES, payload, topic
from vedette.notify.channels.webpush.subscription import Subscription, read
from vedette.notify.types import ChannelError, Field, Gone, Notice, Receipt

_ADVICE = {
    400: "Remove this browser and add it again.",
    401: "Remove this browser and add it again.",
    403: "Remove this browser and add it again.",
    429: "The push service's limit is reached; Vedette tries again.",
}


class WebPush:
    """Implements `notify.types.Channel`; a repeat has the same topic, so it replaces the first."""

    kind: ClassVar[str] = "webpush"
    label: ClassVar[str] = "Use this browser"
    icon: ClassVar[str] = "bell"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("subscription", "Subscription", "The browser fills this in.", secret=True, kind="push"),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless a browser gave this subscription."""
        check_url(read(config.get("subscription", "")).endpoint, "subscription")

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Encrypt and push; raises `Gone` when the browser takes no more (404, 410)."""
        try:
            to = read(config["subscription"])
            signature = keys.authorization(to.endpoint)
        except Invalid as error:
            raise ChannelError(str(error), permanent=True) from error
        headers = {
            **_HEADERS,
            "Urgency": URGENCIES.get(notice.severity, "normal"),
            "Topic": topic(notice, idempotency_key),
            "Authorization": signature,
        }
        body, hidden = encrypted(payload(notice, headers["Topic"]), to), _hidden(to)
        response = post(to.endpoint, body, headers, hidden=hidden)
        if response.status in {404, 410}:
            raise Gone(f"The browser takes no more notices (HTTP {response.status}); it was removed.")
        if 200 <= response.status < 300:
            return Receipt(f"HTTP {response.status}")
        raise refusal(response, advice=_ADVICE.get(response.status, ""), hidden=hidden)


def _hidden(to: Subscription) -> tuple[str, ...]:
    return (to.endpoint, *[part for part in urlsplit(to.endpoint).path.split("/") if len(part) > 8])


_HEADERS = {
    "Content-Type": "application/octet-stream",
    "Content-Encoding": "aes128gcm",
    "TTL": str(TTL),
}
CHANNEL = WebPush()
