"""The words of hooks."""

import msgspec

from vedette.alerts.types import Alert
from vedette.wire.hooks.mapping import AlertMapping


class AlertHookDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A hook as somebody writes it; `name` stands in its address."""

    name: str
    mapping: AlertMapping
    enabled: bool = True


class AlertHook(AlertHookDraft, frozen=True, kw_only=True):
    """A hook in force. `secret` is the digest of its own secret, empty while it has none; `source` is the file it is written in."""

    id: int
    secret: str = ""
    created_at: float = 0.0
    source: str = ""


class Arrival(msgspec.Struct, frozen=True):
    """A body that came to a hook lately, when, and in words what became of it."""

    at: float
    body: bytes
    said: str


class HookTrial(msgspec.Struct, frozen=True):
    """What a body would become by a mapping: its alerts, how many are to be ignored, and what is wrong."""

    alerts: tuple[Alert, ...] = ()
    ignored: int = 0
    wrong: tuple[str, ...] = ()
