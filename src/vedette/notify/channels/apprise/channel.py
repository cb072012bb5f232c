"""Any service Apprise knows by HTTP (appriseit.com/services): one URL says which, where, and with what credentials."""

import re
from collections.abc import Mapping
from typing import ClassVar

from vedette.core.errors import Invalid
from vedette.notify.channels.apprise import guard
from vedette.notify.channels.cutting import cut
from vedette.notify.channels.posting import masked, refusal
from vedette.notify.types import ChannelError, Field, Notice, Receipt
from vedette.plumbing.net.port import NetError, Response

_TYPES = {"critical": "failure", "high": "failure", "low": "warning", "info": "info"}
_SHORTEST_SECRET = 6  # shorter parts of a URL are words like `json`
_BROKEN = (AttributeError, LookupError, OSError, TypeError, ValueError)  # what a plugin may stumble over


class Apprise:
    """Implements `notify.types.Channel`; a repeat is a second message, for Apprise knows no idempotency."""

    kind: ClassVar[str] = "apprise"
    label: ClassVar[str] = "Apprise"
    icon: ClassVar[str] = "network"
    each: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field("url", "Apprise URL", "discord://…, matrixs://…, pover://… as Apprise writes it.", secret=True),
    )

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `Invalid` unless Apprise understands the URL and its service speaks plain HTTP."""
        guard.plugin(config.get("url", ""))

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:  # noqa: ARG002
        """Hand the notice to Apprise; the receipt is the status the service answered with."""
        from vedette.notify.channels.apprise.session import TRAIL

        TRAIL.last = None
        try:
            plugin = guard.plugin(config["url"])
            body, kind = _body(notice, int(plugin.body_maxlen)), _TYPES.get(notice.severity, "failure")
            kind = "success" if notice.state == "resolved" else kind
            sent = plugin.notify(title=_title(notice), body=body, notify_type=kind, body_format="text")
        except Invalid as error:
            raise ChannelError(str(error), permanent=True) from None
        except _BROKEN as error:
            raise ChannelError(f"Apprise failed: {type(error).__name__}.", permanent=False) from None
        return _judge(bool(sent), TRAIL.last, config["url"])


def _title(notice: Notice) -> str:
    return cut(f"[{notice.project}] {notice.title}" if notice.project else notice.title, 200)


def _body(notice: Notice, most: int) -> str:
    facts = cut(f"{notice.severity}, {notice.state}. {notice.reason}".strip(), 300)
    last = "\n\n".join(part for part in (notice.link, facts) if part)
    text = cut(notice.text, max(most - len(last) - 202, 0))  # the title may have to stand in the body
    return "\n\n".join(part for part in (text, last) if part)


def _judge(sent: bool, last: Response | NetError | None, url: str) -> Receipt:
    hidden = (url, *(part for part in re.split(r"[/?&=@:]", url) if len(part) >= _SHORTEST_SECRET))
    if sent:
        return Receipt(f"HTTP {last.status}" if isinstance(last, Response) else "Apprise: sent")
    if isinstance(last, NetError):
        raise ChannelError(masked(str(last), hidden), permanent=last.permanent)
    if last is None or last.status < 300:
        raise ChannelError("The service did not take the message; check the URL's parts.", permanent=False)
    raise refusal(last, hidden=hidden)


CHANNEL = Apprise()
