"""What a check-in of an SDK says: a heartbeat, and perhaps how its monitor is to be watched. Pure.

Protocol: https://develop.sentry.dev/sdk/telemetry/check-ins/. Instants a client tells are not looked at: our clock counts.
"""

import re
from collections.abc import Mapping

import msgspec

from vedette.monitors import rhythm
from vedette.monitors.types import (
    HEARTBEAT,
    MINUTE,
    Config,
    Cron,
    Every,
    MonitorDraft,
    Ping,
    PingKind,
    Rhythm,
    Schedule,
    Tolerance,
)
from vedette.wire.tolerant import Json

_KINDS = {"ok": PingKind.SUCCESS, "error": PingKind.FAIL, "in_progress": PingKind.START}
_UNITS = {
    "minute": 60.0,
    "hour": 3_600.0,
    "day": 86_400.0,
    "week": 604_800.0,
    "month": 2_629_800.0,
    "year": 31_557_600.0,
}
_MARGIN, _LONGEST = 1.0, 30.0  # minutes, as the protocol has them
_MOST_MINUTES = 40_320.0
_MOST_SLUG = 50
_PLAIN = frozenset({"", "production"})


class CheckIn(msgspec.Struct, frozen=True):
    """A check-in: of which monitor (slug), the heartbeat, and how the monitor is to be watched (None when it does not say)."""

    slug: str
    ping: Ping
    draft: MonitorDraft | None


def read(said: Json, at: float) -> CheckIn | None:
    """Return a check-in that was received at an instant; None for what is none.

    Environments are told apart: one other than production has a monitor of its own.
    """
    if not isinstance(said, dict):
        return None
    name, kind = said.get("monitor_slug"), _KINDS.get(str(said.get("status")))
    if not isinstance(name, str) or kind is None:
        return None
    environment = said.get("environment")
    slug = slug_of(name, environment if isinstance(environment, str) else "")
    run = said.get("check_in_id")
    ping = Ping(kind=kind, at=at, run=run[:64] if isinstance(run, str) else "")
    return CheckIn(slug, ping, _draft(name, slug, said.get("monitor_config"), at)) if slug else None


def slug_of(name: str, environment: str) -> str:
    """Return the slug of a job in an environment; empty when nothing of its name can stand in one."""
    whole = name if environment in _PLAIN else f"{name}-{environment}"
    return re.sub(r"[^a-z0-9]+", "-", whole.lower()).strip("-")[:_MOST_SLUG].strip("-")


def _draft(name: str, slug: str, told: Json, now: float) -> MonitorDraft | None:
    if not isinstance(told, dict):
        return None
    schedule = _schedule(told.get("schedule"), told.get("timezone"))
    if schedule is None or rhythm.problem(schedule, now):
        return None
    rules = Rhythm(
        schedule=schedule,
        grace=_minutes(told, "checkin_margin", _MARGIN),
        longest=_minutes(told, "max_runtime", _LONGEST),
    )
    tolerance = Tolerance(
        failures=_count(told, "failure_issue_threshold"), successes=_count(told, "recovery_threshold")
    )
    config = Config(rhythm=rules, tolerance=tolerance)
    return MonitorDraft(name=name.strip()[:120] or slug, kind=HEARTBEAT, config=config, slug=slug)


def _schedule(told: Json, zone: Json) -> Schedule | None:
    if not isinstance(told, dict):
        return None
    value = told.get("value")
    if told.get("type") == "crontab" and isinstance(value, str):
        return Cron(expression=value, zone=zone if isinstance(zone, str) and zone else "UTC")
    unit = _UNITS.get(str(told.get("unit")))
    if told.get("type") == "interval" and isinstance(value, int | float) and unit:
        return Every(seconds=value * unit)
    return None


def _minutes(told: Mapping[str, Json], name: str, default: float) -> float:
    """Return a setting in minutes as seconds, within bounds."""
    value = told.get(name)
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _MOST_MINUTES
    return float(value) * MINUTE if fits else default * MINUTE  # type: ignore[arg-type]  # it fits


def _count(told: Mapping[str, Json], name: str) -> int:
    value = told.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 100 else 1
