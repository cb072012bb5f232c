"""Opsgenie: an alert, created and closed by its alias (docs.opsgenie.com/docs/alert-api)."""

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.naming import name_of
from vedette.notify.channels.opsgenie.message import alert, closing
from vedette.notify.channels.posting import check_url, parsed, post, refusal
from vedette.notify.types import Field, Notice, Receipt

_HOSTS = {"US": "https://api.opsgenie.com", "EU": "https://api.eu.opsgenie.com"}
_ADVICE = {
    401: "Check the API key, and whether the account is in the US or the EU.",
    403: "Give the API integration the right to create and update alerts.",
    422: "Check the API key, and whether the account is in the US or the EU.",
    429: "Opsgenie's limit is reached; Vedette tries again.",
}


class Answer(msgspec.Struct, frozen=True, rename="camel"):
    """What Opsgenie says."""

    result: str = ""
    message: str = ""
    request_id: str = ""


class Opsgenie:
    """Implements `notify.types.Channel`; a repeat bears the same alias, so it is counted on the first."""

    kind: ClassVar[str] = "opsgenie"
    label: ClassVar[str] = "Opsgenie"
    icon: ClassVar[str] = "octagon-alert"
    each: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = (
        Field("region", "Region", "Where the account is.", choices=tuple(_HOSTS)),
        Field("key", "API key", "Of an integration “API” (a GenieKey).", secret=True),
        Field("server", "Server", "Empty: that of the region.", required=False, kind="url"),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless the region is one of the two and the key fits into a header."""
        check_url(_server(config), "server")
        if config.get("region") not in _HOSTS:
            raise Invalid("Opsgenie has no such region.", {"region": "US or EU."})
        key = config.get("key", "")
        if not (8 <= len(key) <= 200 and key.isascii() and key.replace("-", "").isalnum()):
            raise Invalid("This is no API key.", {"key": "Letters, digits and -."})

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Create or close the alert; the receipt names Opsgenie's request. 202 alone is a yes."""
        alias, key = name_of(notice, idempotency_key), config["key"]
        over = notice.state == "resolved"
        path = f"/v2/alerts/{alias}/close?identifierType=alias" if over else "/v2/alerts"
        body = msgspec.json.encode(closing(notice) if over else alert(notice, alias))
        headers = {"Authorization": f"GenieKey {key}"}
        response = post(f"{_server(config)}{path}", body, headers, hidden=(key,))
        answer = parsed(response, Answer) or Answer()
        if response.status == 202:
            return Receipt(f"HTTP 202, request {answer.request_id[:40]}")
        raise refusal(response, answer.message, _ADVICE.get(response.status, ""), hidden=(key,))


def _server(config: Mapping[str, str]) -> str:
    return (config.get("server") or _HOSTS.get(config.get("region", ""), _HOSTS["US"])).rstrip("/")


CHANNEL = Opsgenie()
