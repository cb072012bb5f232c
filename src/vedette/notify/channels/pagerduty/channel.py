"""PagerDuty: an incident by the Events API v2 (developer.pagerduty.com/docs/events-api-v2-overview)."""

import re
from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.pagerduty.message import event
from vedette.notify.channels.posting import check_url, parsed, post, refusal
from vedette.notify.types import Field, Notice, Receipt

_PUBLIC = "https://events.pagerduty.com"
_KEY = re.compile(r"[A-Za-z0-9]{32}")
_ADVICE = {
    400: "Check the integration key: it is that of an “Events API v2” integration.",
    404: "Check the server's address.",
    429: "PagerDuty's limit is reached; Vedette tries again.",
}


class Answer(msgspec.Struct, frozen=True):
    """What PagerDuty says."""

    status: str = ""
    message: str = ""
    dedup_key: str = ""
    errors: tuple[str, ...] = ()


class PagerDuty:
    """Implements `notify.types.Channel`; a repeat bears the same dedup key, so it joins the first."""

    kind: ClassVar[str] = "pagerduty"
    label: ClassVar[str] = "PagerDuty"
    icon: ClassVar[str] = "octagon-alert"
    each: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field("server", "Server", f"Empty: {_PUBLIC}. In the EU: https://events.eu.pagerduty.com.", required=False, kind="url"),
        Field("key", "Integration key", "Of an integration “Events API v2” of the service.", secret=True),
    )  # fmt: skip

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless the server is a URL and the key looks like PagerDuty's."""
        check_url(config.get("server") or _PUBLIC, "server")
        if not _KEY.fullmatch(config.get("key", "")):
            what = "An integration key has 32 letters and digits."
            raise Invalid(what, {"key": what})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Trigger or resolve the incident; the receipt names its dedup key. 202 alone is a yes."""
        key, url = config["key"], f"{(config.get('server') or _PUBLIC).rstrip('/')}/v2/enqueue"
        response = post(url, msgspec.json.encode(event(notice, key, idempotency_key)), hidden=(key,))
        answer = parsed(response, Answer) or Answer()
        if response.status == 202:
            return Receipt(f"HTTP 202, incident {answer.dedup_key[:40]}")
        said = ": ".join(part for part in (answer.message, ", ".join(answer.errors)) if part)
        raise refusal(response, said, _ADVICE.get(response.status, ""), hidden=(key,))


CHANNEL = PagerDuty()
