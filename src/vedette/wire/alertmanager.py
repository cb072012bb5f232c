"""Alerts as Alertmanager's API v2 takes them (`POST /api/v2/alerts`), told apart into what can be used and what cannot.

Source: Alertmanager's OpenAPI document (api/v2/openapi.yaml, version 0.25) and what that version answers to broken
bodies, which `tests/unit/wire/test_alertmanager.py` has recorded. As there: a label without a value is no label; an
alert without a start begins now, one without an end is over `resolve_timeout` later; what is fit is taken even
where something beside it is not.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid

RESOLVE_TIMEOUT = 300.0
MOST_ALERTS = 10_000
MOST_LABELS = 64
MOST_ANNOTATIONS = 64
LONGEST_LABELS = 8_192  # characters of all names and values of an alert together
LONGEST_ANNOTATIONS = 65_536
LONGEST_LINK = 2_000
NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
LATEST = 253_402_300_799.0  # 9999-12-31T23:59:59Z, the last second that can be written
NO_YEAR = 1  # Go writes an instant that was never set as 0001-01-01T00:00:00Z


class PostedAlert(msgspec.Struct, frozen=True, rename="camel"):
    """One alert as it is posted."""

    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    generator_url: str | None = msgspec.field(name="generatorURL", default=None)


class PushedAlert(msgspec.Struct, frozen=True, array_like=True):
    """One alert that is fit to be used; instants in seconds, UTC. It is over when `ends` has come.

    `hook` names the hook it came by, if any; only such a one may say how bad it is (`severity`) beside its labels.
    """

    labels: dict[str, str]
    annotations: dict[str, str]
    starts: float
    ends: float
    link: str = ""
    severity: str = ""
    hook: str = ""


class Posted(msgspec.Struct, frozen=True):
    """What a body holds: the alerts that are fit, and in words what is wrong with each of the others."""

    alerts: tuple[PushedAlert, ...]
    wrong: tuple[str, ...] = ()


class BadAlerts(Invalid):
    """The body holds no alerts that could be read. `status` and `code` are those Alertmanager answers with."""

    def __init__(self, message: str, status: int, code: int) -> None:
        super().__init__(message)
        self.status, self.code = status, code


_POSTED = msgspec.json.Decoder(list[PostedAlert])
_PUSHED = msgspec.msgpack.Decoder(tuple[PushedAlert, ...])
_ENCODER = msgspec.msgpack.Encoder()


def read(body: bytes | bytearray, now: float) -> Posted:
    """Return what a posted body holds; raises `BadAlerts`."""
    try:
        found = _POSTED.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadAlerts(f'parsing alerts body from "" failed, because {error}', 400, 400) from None
    if len(found) > MOST_ALERTS:
        raise BadAlerts(f"{len(found)} alerts in one request; at most {MOST_ALERTS} are taken.", 413, 413)
    good: list[PushedAlert] = []
    wrong: list[str] = []
    for index, posted in enumerate(found):
        made = _pushed(posted, index, now)
        told = problem(made)
        if told:
            wrong.append(told)
        else:
            good.append(made)
    return Posted(tuple(good), tuple(wrong))


def encode(alerts: Sequence[PushedAlert]) -> bytes:
    """Return alerts as they stand in a delivery."""
    return _ENCODER.encode(alerts)


def decode(payload: bytes) -> tuple[PushedAlert, ...]:
    """Return the alerts of a delivery; raises `msgspec.DecodeError` on anything else."""
    return _PUSHED.decode(payload)


def _pushed(posted: PostedAlert, index: int, now: float) -> PushedAlert:
    if posted.labels is None:
        raise BadAlerts(f"{index}.labels in body is required", 422, 602)
    starts, ends = _instant(posted.starts_at), _instant(posted.ends_at)
    return PushedAlert(
        labels={name: value for name, value in posted.labels.items() if value},
        annotations=posted.annotations or {},
        starts=starts if starts is not None else (now if ends is None else ends),
        ends=now + RESOLVE_TIMEOUT if ends is None else ends,
        link=posted.generator_url or "",
    )


def _instant(text: str | None) -> float | None:
    """Return an instant, None for one that was not set; raises `BadAlerts`."""
    if not text:
        return None
    try:
        moment = msgspec.convert(text, dt.datetime)
    except msgspec.ValidationError:
        raise BadAlerts(
            f'parsing alerts body from "" failed, because {text[:60]!r} is no instant: write 2026-11-25T12:00:00Z',
            400,
            400,
        ) from None
    if moment.year == NO_YEAR:
        return None
    return min(LATEST, (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


def problem(alert: PushedAlert) -> str:
    """Return what is wrong with an alert, in Alertmanager's words where it has some; empty when nothing is."""
    if alert.ends < alert.starts:
        return "start time must be before end time"
    bad = _bad_name(alert.labels)
    if bad is not None:
        return f"invalid label set: invalid name {_quoted(bad)}"
    if not alert.labels:
        return "at least one label pair required"
    bad = _bad_name(alert.annotations)
    if bad is not None:
        return f"invalid annotations: invalid name {_quoted(bad)}"
    return _too_much(alert)


def _too_much(alert: PushedAlert) -> str:
    if len(alert.labels) > MOST_LABELS:
        return f"an alert has at most {MOST_LABELS} labels, this one has {len(alert.labels)}"
    if _size(alert.labels) > LONGEST_LABELS:
        return f"the labels of an alert have at most {LONGEST_LABELS} characters together"
    if len(alert.annotations) > MOST_ANNOTATIONS:
        return f"an alert has at most {MOST_ANNOTATIONS} annotations, this one has {len(alert.annotations)}"
    if _size(alert.annotations) > LONGEST_ANNOTATIONS:
        return f"the annotations of an alert have at most {LONGEST_ANNOTATIONS} characters together"
    if len(alert.link) > LONGEST_LINK:
        return f"generatorURL has at most {LONGEST_LINK} characters"
    return ""


def _bad_name(pairs: Mapping[str, str]) -> str | None:
    return next((name for name in pairs if NAME.fullmatch(name) is None), None)


def _quoted(name: str) -> str:
    return msgspec.json.encode(name[:100]).decode()


def _size(pairs: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) for name, value in pairs.items())
