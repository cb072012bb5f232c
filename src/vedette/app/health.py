"""How Vedette itself is: `/-/ready` for load balancers, `/metrics` for Prometheus. (`/-/health` never leaves `asgi`.)"""

import ipaddress
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from vedette.accounts.permissions import Verb, require
from vedette.app import house
from vedette.app.house import House
from vedette.app.wiring import GROUPS
from vedette.core.clock import monotonic
from vedette.core.errors import VedetteError
from vedette.monitors.rounds.types import LATE, MOST_WAITING
from vedette.plumbing.db import files, sql
from vedette.plumbing.disk import DiskWatch, file_size, folder_size
from vedette.plumbing.log.port import Lag
from vedette.plumbing.log.sqlite import SqliteEventLog

LAG_SECONDS = 60.0
HANDOVER_SECONDS = 10.0
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Check(msgspec.Struct, frozen=True):
    """One part's answer."""

    name: str
    ok: bool
    detail: str


def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Answer 200 while requests can be served and events kept, else 503 and which part cannot."""
    opened = house.current()
    if opened is None:
        return JsonResponse({"ready": False, "checks": {}}, status=503)
    found = (_database(), _writer(opened), _lag(opened), _disk(opened), _crew(opened), _checks(opened))
    fine = all(check.ok for check in found)
    body = {"ready": fine, "checks": {c.name: {"ok": c.ok, "detail": c.detail} for c in found}}
    return JsonResponse(body, status=200 if fine else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Return figures in Prometheus' text format, to this machine itself or to a token that may read metrics."""
    if not _is_local(request):
        require(request.actor, Verb.METRICS_READ)  # type: ignore[attr-defined]  # set by ActorMiddleware
    opened = house.current()
    lines = _lines(opened) if opened is not None else iter(())
    return HttpResponse("".join(lines), content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local(request: HttpRequest) -> bool:
    """Tell whether the request came from this machine and not through a proxy on it."""
    if any(name in request.META for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _database() -> Check:
    try:
        sql.query_one("SELECT 1")
    except VedetteError as error:
        return Check("database", False, str(error))
    return Check("database", True, "core.db answers")


def _writer(opened: House) -> Check:
    log = opened.ports.log
    if isinstance(log, SqliteEventLog) and not log.wait_open(0.0):
        young = monotonic() - opened.opened_at < HANDOVER_SECONDS  # what is sent meanwhile waits, and is kept
        return Check("writer", young, "The process before still holds the journal.")
    return Check("writer", True, "the journal is open")


def _lag(opened: House) -> Check:
    lags, now = [opened.ports.log.lag(group) for group in GROUPS], opened.ports.clock.now()
    waiting = sum(lag.waiting for lag in lags)
    age = max(_age(lag, now) for lag in lags)
    return Check("lag", age < LAG_SECONDS, f"{waiting} waiting, the oldest for {age:.1f} s")


def _age(lag: Lag, now: float) -> float:
    return 0.0 if lag.oldest is None else now - lag.oldest


def _disk(opened: House) -> Check:
    settings = opened.ports.settings
    free = DiskWatch(settings.data, settings.min_free_disk_bytes).free(opened.ports.clock.now())
    return Check("disk", free >= settings.min_free_disk_bytes, f"{free} bytes free")


def _crew(opened: House) -> Check:
    bad = opened.crew.unwell()
    return Check("roles", not bad, f"not running well: {', '.join(bad)}" if bad else "all run")


def _checks(opened: House) -> Check:
    """Tell whether what checks find is recorded: results that nobody takes mean that monitors stand still."""
    prober = opened.prober
    waiting = prober.figures.waiting
    return Check(
        "checks", waiting < MOST_WAITING // 2, f"{prober.checked} monitors, {waiting} results not recorded"
    )


def _lines(opened: House) -> Iterator[str]:
    now, ports = opened.ports.clock.now(), opened.ports
    yield from _metric("vedette_items_total", "counter", "Items by type and what became of them.")
    for (item_type, outcome), n in sorted(opened.carrier.since_start().items()):
        yield f'vedette_items_total{{type="{_label(item_type)}",outcome="{_label(outcome)}"}} {n}\n'
    lag, pushed, pinged = (ports.log.lag(group) for group in ("errors", "alerts", "monitors"))
    due = ports.outbox.next_due()
    figures = [
        ("vedette_digest_waiting", "Accepted items that are not digested yet.", lag.waiting),
        ("vedette_digest_lag_seconds", "Age of the oldest of them.", _age(lag, now)),
        ("vedette_pushed_waiting", "Deliveries of pushed alerts that are not taken in yet.", pushed.waiting),
        ("vedette_pushed_lag_seconds", "Age of the oldest of them.", _age(pushed, now)),
        ("vedette_heartbeats_waiting", "Heartbeats that are not taken in yet.", pinged.waiting),
        ("vedette_heartbeats_lag_seconds", "Age of the oldest of them.", _age(pinged, now)),
        ("vedette_outbox_overdue_seconds", "How long the oldest notice is overdue.", max(0, now - due) if due else 0),
        ("vedette_core_db_bytes", "Size of core.db.", file_size(files.path())),
        ("vedette_core_db_wal_bytes", "Size of its write-ahead log.", files.wal_bytes(files.path())),
        ("vedette_telemetry_bytes", "Size of the stored events.", folder_size(ports.settings.data / "telemetry")),
        ("vedette_journal_bytes", "Size of the journal.", folder_size(ports.settings.data / "journal")),
        ("vedette_live_keys", "DSN keys that may send.", opened.keyring.active()),
        ("process_resident_memory_bytes", "Resident memory of this process.", _resident()),
        ("process_cpu_seconds_total", "CPU time of this process.", sum(os.times()[:2])),
        ("process_open_fds", "Open files of this process.", sum(1 for _ in Path("/proc/self/fd").iterdir())),
        *_probing(opened),
    ]  # fmt: skip
    for name, text, value in figures:
        yield from _metric(name, "counter" if name.endswith("_total") else "gauge", text)
        yield f"{name} {value}\n"
    yield from _lateness(opened)
    yield from _metric("vedette_role_up", "gauge", "Whether a role's thread runs.")
    for thread in opened.crew.threads:
        yield f'vedette_role_up{{role="{thread.role.name}"}} {int(thread.alive)}\n'


def _probing(opened: House) -> list[tuple[str, str, float]]:
    """Return how the checking goes, as of what was last handed over."""
    prober = opened.prober
    seen = prober.figures
    return [
        ("vedette_checked_monitors", "Monitors that are checked.", prober.checked),
        ("vedette_checks_begun_total", "Checks begun since the process that checks started.", seen.begun),
        ("vedette_checks_late_seconds_total", "How late they began, together.", seen.late_seconds),
        ("vedette_checks_running", "Checks that run.", seen.running),
        ("vedette_checks_waiting", "Results that are not recorded yet.", seen.waiting),
        ("vedette_checks_lost_total", "Results that found no room because they could not be recorded.", seen.lost),
        ("vedette_checks_broken_total", "Checks that ended by a fault of Vedette.", seen.broken),
    ]  # fmt: skip


def _lateness(opened: House) -> Iterator[str]:
    """Yield how many checks began how late, as a histogram."""
    seen, total = opened.prober.figures, 0
    yield from _metric(
        "vedette_check_lateness_seconds", "histogram", "How late checks began after their slots."
    )
    for most, n in zip((*LATE, "+Inf"), seen.late, strict=True):
        total += n
        yield f'vedette_check_lateness_seconds_bucket{{le="{most}"}} {total}\n'
    yield f"vedette_check_lateness_seconds_sum {seen.late_seconds}\nvedette_check_lateness_seconds_count {total}\n"


def _metric(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
