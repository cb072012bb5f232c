"""What may stand in a file of monitors: names as people write them. Pure.

Files name projects and other monitors by slug; ids are this installation's own. Secrets do not stand in files.
"""

import datetime
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.probe.types import Request
from vedette.monitors.types import Config, Tolerance
from vedette.wire.ascode import lengths
from vedette.wire.ascode.lengths import Length, Wall

_T, _C, _R = Tolerance(), Config(), Request(url="")
Span = Length | Annotated[float, msgspec.Meta(description="seconds")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Slug = Annotated[
    str,
    msgspec.Meta(max_length=101, description="the slug of a monitor, or project/slug of another project's"),
]
Place = Annotated[
    str, msgspec.Meta(max_length=30, description="the slug of a location; `here` is this installation")
]


class MaintenanceText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Once (`starts`, `ends`), every week (`days`, `start`, `length`) or as `cron` says (`length`), by the clock of `zone`."""

    starts: datetime.datetime | None = None
    ends: datetime.datetime | None = None
    days: tuple[str, ...] = ()
    start: Wall | None = None
    cron: str = ""
    length: Length | None = None
    zone: str = "UTC"
    why: str = ""


class ToleranceText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is borne before it is down, up again, or degraded (docs/heartbeats.md, Verdicts)."""

    failures: int = _T.failures
    successes: int = _T.successes
    slow: int = _T.slow
    retry: Span = _T.retry
    window: Span = _T.window


class ObjectiveText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of a window that it shall be up."""

    target: float
    days: int = 30


class MonitorText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A monitor: a `url` that is checked, or the rhythm of a heartbeat (one of `every`, `cron`, `on_calendar`).

    A secret among `options` is `{ env = "NAME" }` or `{ file = "/path" }`. `slow` is in milliseconds.
    """

    name: Name
    slug: str = ""
    project: str = ""
    kind: str = ""
    url: str = ""
    interval: Span = _C.interval
    timeout: Span = _R.deadline
    expect: tuple[str, ...] = ()
    family: str = _R.family.value
    name_server: str = ""
    pins: tuple[str, ...] = ()
    options: Mapping[str, Any] = {}  # Any: the probe of its kind says what
    every: Span | None = None
    cron: str = ""
    on_calendar: str = ""
    zone: str = "UTC"
    grace: Span | None = None
    longest: Span | None = None
    address: str = ""
    tags: tuple[str, ...] = ()
    parents: tuple[Slug, ...] = ()
    slow: float | None = None
    agree: int = _C.agree
    locations: tuple[Place, ...] = ()
    canary: bool = _C.canary
    paused: bool | None = None
    tolerance: ToleranceText | None = None
    objective: ObjectiveText | None = None
    maintenance: tuple[MaintenanceText, ...] = ()


class MonitorFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file says of monitors."""

    monitor: tuple[MonitorText, ...] = ()


SECTIONS: dict[str, type[msgspec.Struct]] = {"monitor": MonitorText}
INNER: dict[str, type[msgspec.Struct]] = {
    **SECTIONS,
    "maintenance": MaintenanceText,
    "tolerance": ToleranceText,
    "objective": ObjectiveText,
}


def bare(found: msgspec.Struct) -> dict[str, Any]:
    """Return what a struct of a file says, by key, without what is as usual. Any: values of TOML."""
    return {
        field.encode_name: _value(value)
        for field in msgspec.structs.fields(found)
        if (value := getattr(found, field.name)) != _usual(field)
    }


def _usual(field: msgspec.structs.FieldInfo) -> object:
    factory = field.default_factory
    return field.default if factory is msgspec.NODEFAULT else factory()


def _value(value: object) -> object:
    if isinstance(value, msgspec.Struct):
        return bare(value)
    return [_value(each) for each in value] if isinstance(value, tuple | list) else value


def seconds(span: Span) -> float:
    """Return the seconds of a length of time, or of a number of them; raises `Invalid`."""
    if isinstance(span, str):
        return lengths.seconds(span)
    if not 0 <= span < 1e11:
        raise Invalid(f"{span!r} is no length of time: write 30s, 5m, 1h30m or 1d.")
    return float(span)


def span(found: float) -> Span:
    """Return seconds as people write them: a length of time where they are whole, else a number."""
    return lengths.written(found) if found >= 1 and found.is_integer() else found
