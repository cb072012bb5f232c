"""One monitor with all that is known of it: what its page shows."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.deploys import service as deploys
from vedette.instruments.probe.types import Evidence
from vedette.monitors import faring, hearing, maintenance, overseeing, phasing, service
from vedette.monitors.faring import Faring
from vedette.monitors.locations import store as locations
from vedette.monitors.maintenance import Hush
from vedette.monitors.phasing import Phased
from vedette.monitors.store import monitors, results, stories
from vedette.monitors.store.results import DAYS
from vedette.monitors.store.stories import Turn
from vedette.monitors.types import (
    DAY,
    HEARTBEAT,
    HOUR,
    Budget,
    CheckResult,
    Glance,
    Monitor,
    Uptime,
    Watched,
)
from vedette.plumbing.telemetry.port import Span
from vedette.signals import service as signals
from vedette.ui.charts import Mark

MOST_TURNS, MOST_PINGS, MOST_MARKS = 20, 15, 6
_ALERTS = "alerts"  # the room above whose notices are drawn into charts
_HALF = HOUR / 2


class Spanned(msgspec.Struct, frozen=True):
    """A range that charts can be looked at in: its seconds, the seconds of one bucket, and in words."""

    key: str
    seconds: float
    step: float
    words: str


RANGES = (
    Spanned("24h", DAY, _HALF, "24 hours"),
    Spanned("30d", 30 * DAY, DAY, "30 days"),
    Spanned("1y", 364 * DAY, 7 * DAY, "year"),
)


class Failure(msgspec.Struct, frozen=True):
    """The last failure that is kept: its result, and what was seen; None for evidence that cannot be read."""

    result: CheckResult
    evidence: Evidence | None


class Portrait(msgspec.Struct, frozen=True, kw_only=True):
    """All that a monitor's page shows. `spans` are uptimes by the words of their time."""

    watched: Watched
    glance: Glance
    hush: Hush | None
    phased: Phased
    marks: tuple[Mark, ...]
    turns: tuple[Turn, ...]
    spans: Mapping[str, Uptime]
    budget: Budget | None
    parents: tuple[Watched, ...]
    places: tuple[Faring, ...] = ()
    failure: Failure | None = None
    pings: tuple[hearing.HeardPing, ...] = ()


def portrait(watched: Watched, span: Spanned, now: float) -> Portrait:
    """Return a monitor with what its charts show of a range."""
    monitor = watched.monitor
    phased = _phased(monitor, span, now)
    (glance,) = overseeing.glances([watched], now)
    is_heard = monitor.kind == HEARTBEAT
    return Portrait(
        watched=watched, glance=glance, hush=maintenance.in_force(monitor.config.maintenance, now), phased=phased,
        marks=_marks(monitor, phased.start, phased.start + phased.step * len(phased.buckets)),
        turns=stories.turns(monitor.id, MOST_TURNS), spans=_spans(monitor, glance, now), budget=service.budget(monitor, now),
        parents=service.watched(list(monitors.by_ids(monitor.config.parents).values())) if monitor.config.parents else (),
        places=_places(watched, now), failure=None if is_heard else failure(monitor, now), pings=_pings(monitor, now) if is_heard else (),
    )  # fmt: skip


def _phased(monitor: Monitor, span: Spanned, now: float) -> Phased:
    n = round(span.seconds / span.step)
    start = (now // span.step + 1) * span.step - n * span.step
    if monitor.kind == HEARTBEAT:
        return phasing.of_checks((), start, span.step, n)
    if span.step < DAY:
        return phasing.of_checks(service.checks(monitor, Span(start, now + 1)), start, span.step, n)
    days = results.tallies(DAYS, monitor.id, start, now)
    if span.step > DAY:
        return phasing.of_tallies(phasing.gathered(days, start, span.step), start, span.step, n)
    return phasing.of_tallies(days, start, span.step, n)


def _places(watched: Watched, now: float) -> tuple[Faring, ...]:
    if not watched.monitor.config.locations:
        return ()
    names = {one.slug: one.name for one in locations.every()}
    checks = service.checks(watched.monitor, Span(now - DAY - _HALF, now + 1))
    return faring.fared(watched, names, checks, now)


def _spans(monitor: Monitor, glance: Glance, now: float) -> Mapping[str, Uptime]:
    week, quarter = (service.uptime(monitor, now - days * DAY, now) for days in (7, 90))
    return {"24 h": glance.day, "7 d": week, "30 d": glance.month, "90 d": quarter}


def failure(monitor: Monitor, now: float) -> Failure | None:
    """Return the last failure of a monitor that is kept; None when there is none."""
    found = service.evidence(monitor, Span(now - 90 * DAY, now + 1), 1)
    if not found:
        return None
    try:
        return Failure(found[0], msgspec.json.decode(found[0].evidence, type=Evidence))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Failure(found[0], None)


def _pings(monitor: Monitor, now: float) -> tuple[hearing.HeardPing, ...]:
    found, _ = service.pings(monitor, Span(now - 90 * DAY, now + DAY), MOST_PINGS)
    return found


def _marks(monitor: Monitor, start: float, end: float) -> tuple[Mark, ...]:
    """Return the deploys of its project, and the notices that people got of it."""
    out = deploys.marks(start, end, monitor.project, n=MOST_MARKS) if monitor.project else ()
    told = signals.moments(start, end, project=monitor.project or None, room=_ALERTS, n=50)
    ours = [one for one in told if monitor.name in one.text][:MOST_MARKS]
    return (*out, *(Mark((one.at - start) / (end - start), "alert", "crit", one.text) for one in ours))


def span_of(key: str) -> Spanned:
    """Return the range of a key, the day for one there is not."""
    return next((one for one in RANGES if one.key == key), RANGES[0])


def names(phased: Phased) -> Sequence[tuple[str, Sequence[float]]]:
    """Return the layers of a chart of phases, each with its name."""
    return [(phasing.SAID[name], values) for name, values in zip(phased.names, phased.layers, strict=True)]
