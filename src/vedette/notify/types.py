"""The words of notification: notice, channel, receipt, and the one error a channel may raise."""

from collections.abc import Mapping
from typing import ClassVar, Protocol

import msgspec

from vedette.core.errors import VedetteError


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What one receiver is told. `severity` is info, low, high or critical; `link` is an absolute URL."""

    title: str
    text: str
    severity: str
    link: str
    at: float
    project: str = ""
    state: str = "firing"
    labels: Mapping[str, str] = {}
    reason: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """The receiver's acceptance, in its own words (`250 2.0.0 Ok: queued`, `HTTP 204`)."""

    detail: str


class ChannelError(VedetteError):
    """The channel could not deliver; `permanent` means that no retry will help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Field(msgspec.Struct, frozen=True):
    """One setting of a channel as the form shows it; a `secret` one is sealed at rest and prints as dots."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    kind: str = "text"


class Channel(Protocol):
    """A way to reach people; one folder under `notify/channels/`, found by the registry through `CHANNEL`."""

    kind: ClassVar[str]
    label: ClassVar[str]
    fields: ClassVar[tuple[Field, ...]]

    def check(self, config: Mapping[str, str]) -> None:
        """Raise `core.errors.Invalid` with a message for each wrong field."""
        ...

    def send(self, notice: Notice, config: Mapping[str, str], idempotency_key: str) -> Receipt:
        """Deliver once and return the receipt; raises `ChannelError`."""
        ...
