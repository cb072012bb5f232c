"""From the journal's deliveries of pushed alerts to alerts in their groups.

A delivery that is handed out again changes nothing: an alert is its label set, and its start and end were fixed when
it came. So what was pushed is taken in exactly once in effect, though it may be handed out twice.
"""

from collections.abc import Sequence

import msgspec

from vedette.alerts import pushed
from vedette.alerts.becoming import Seen
from vedette.alerts.processing import push
from vedette.plumbing.log.port import Message
from vedette.wire import alertmanager, delivery
from vedette.wire.delivery import Delivery


def take(messages: Sequence[Message], now: float) -> int:
    """Take in a batch of deliveries in one transaction; return how many alerts are news. What nobody can read is dropped."""
    seen = [each for message in messages for each in _seen(message)]
    return push(seen, now) if seen else 0


def _seen(message: Message) -> list[Seen]:
    try:
        came = delivery.decode(message.body)
        alerts = alertmanager.decode(came.payload)
    except (
        msgspec.MsgspecError
    ):  # nobody but the front door writes here: the next version's, after a step back
        return []
    why = _why(came)
    return [
        Seen(pushed.story(alert, came.project or None, came.received), (), _by_hook(alert.hook) or why)
        for alert in alerts
    ]


def _by_hook(name: str) -> str:
    return f"It came by the hook {name}." if name else ""


def _why(came: Delivery) -> str:
    return f"{came.client or 'Somebody'} pushed it."
