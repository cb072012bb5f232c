"""What the pages of notify share."""

from django.http import HttpRequest

from vedette.accounts.permissions import Actor
from vedette.notify.types import DeliveryState
from vedette.plumbing.ports import ports


class Request(HttpRequest):
    """A request as the middleware leaves it."""

    actor: Actor


STATES = (("", "All"), *((each.value, each.value.capitalize()) for each in DeliveryState))


def state_of(request: HttpRequest) -> DeliveryState | None:
    """Return the state to which the delivery log is narrowed, None for all."""
    asked = request.GET.get("state", "")
    return DeliveryState(asked) if asked in set(DeliveryState) else None


def warning(kind: str) -> str:
    """Return what stands in the way of a kind of channel, empty when nothing does."""
    off = kind == "email" and not ports().mail.configured()
    return "No mail server is set: put smtp_host into vedette.toml, then restart." if off else ""
