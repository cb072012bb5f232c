"""`vedette monitors …`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vedette.cli.out import emit, table
from vedette.core.clock import iso
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette.monitors.types import Config, Monitor, Schedule

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)?")
_UNITS = {None: 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


def list_monitors(*, project: str = "", json: bool = False) -> None:
    """List monitors and where they stand.

    Parameters
    ----------
    project
        Only this project (slug or id).
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened():
        from vedette.monitors import service
        from vedette.projects import service as projects

        owner = projects.project(project).id if project else None
        found = service.watched([one for one in service.every() if owner in {None, one.project}])
    rows = [
        {"id": str(one.monitor.id), "slug": one.monitor.slug, "kind": one.monitor.kind,
         "state": "paused" if one.monitor.paused else str(one.known.standing.state),
         "since": iso(one.known.standing.since) if one.known.standing.since else "", "name": one.monitor.name}
        for one in found
    ]  # fmt: skip
    emit(
        rows,
        table(
            rows,
            'No monitor yet: `vedette monitors add https://shop.example`, or "Nightly backup" --every 1d --grace 1h.',
        ),
        json=json,
    )


def show_monitor(monitor: str, *, json: bool = False) -> None:
    """Show a monitor: where it stands and why, what is expected of it, how it did in the last 30 days.

    Parameters
    ----------
    monitor
        Its slug or id.
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.monitors import service
        from vedette.monitors.types import DAY, HEARTBEAT

        (found,) = service.watched([service.find(monitor)])
        now = ports.clock.now()
        up = service.uptime(found.monitor, now - 30 * DAY, now)
        address = service.ping_url(found.monitor) if found.monitor.kind == HEARTBEAT else ""
    one, known = found.monitor, found.known
    value = {
        "id": one.id, "slug": one.slug, "name": one.name, "kind": one.kind, "paused": one.paused,
        "state": str(known.standing.state), "since": iso(known.standing.since) if known.standing.since else None,
        "reason": known.standing.reason, "due_at": None if known.due is None else iso(known.due),
        "uptime": up.share, "ping_url": address or None,
    }  # fmt: skip
    lines = [f"{one.name} ({one.kind}, {one.slug}) is {'paused' if one.paused else known.standing.state}"]
    lines += (
        [f"  since {value['since']}: {known.standing.reason or 'nothing more is known'}"]
        if value["since"]
        else []
    )
    lines += [f"  the next heartbeat must come by {value['due_at']}"] if value["due_at"] else []
    lines += [f"  of the last 30 days: {up.reason}"] if up.share is not None else []
    lines += [f"  ping it at {address}"] if address else []
    emit(value, "\n".join(lines), json=json)


def add_monitor(
    *names: str, interval: str = "1m", expect: tuple[str, ...] = (), option: tuple[str, ...] = (),
    slow: str = "", every: str = "", cron: str = "", on_calendar: str = "", zone: str = "UTC",
    grace: str = "1h", longest: str = "", kind: str = "", config: Path | None = None, project: str = "",
    slug: str = "", json: bool = False,
) -> None:  # fmt: skip
    """Add a monitor: a URL that is checked, or a heartbeat by one of --every, --cron and --on-calendar.

    Parameters
    ----------
    names
        A URL that is checked, a name that people call it by, or both.
    interval
        How often it is checked: 30s, 1m, 1h.
    expect
        An assertion that must hold, such as '[STATUS] == 200'; may be repeated (docs/monitors.md).
    option
        Any option of the probe, name=value; those that are secret are sealed; may be repeated.
    slow
        What is slower than that (800ms, 2s) is degraded.
    every
        Period of a heartbeat: 90s, 5m, 1h, 1d.
    cron
        Its schedule as five fields of cron.
    on_calendar
        Its schedule as systemd's timers are written.
    zone
        The time zone of the schedule.
    grace
        How late it may be.
    longest
        How long a run may take; as long as the grace without this.
    kind
        What it is; for kinds without a URL --config says how it is checked.
    config
        A file with its config as JSON.
    project
        The project it belongs to (slug or id).
    slug
        Its human key; the name makes one without this.
    json
        Print JSON.
    """
    name, url = _named(names)
    if config is not None or not url:
        heard = every, cron, on_calendar, zone, grace, longest
        asked: Config | bytes = _heartbeat(*heard) if config is None else _bytes(config)
    else:
        kind, asked = _checked(url, kind, interval, expect, option, slow)
    _tell(*_made(name, kind or "heartbeat", slug, project, asked), json=json)


def _tell(made: "Monitor", address: str, *, json: bool) -> None:
    value = {
        "id": made.id,
        "slug": made.slug,
        "name": made.name,
        "kind": made.kind,
        "ping_url": address or None,
    }
    emit(value, f"{made.name} is watched{f'; ping it at {address}' if address else ''}", json=json)


def _named(names: tuple[str, ...]) -> tuple[str, str]:
    """Return name and URL of what was named, in any order."""
    urls = [text for text in names if _URL.match(text)]
    called = [text for text in names if not _URL.match(text)]
    if len(urls) > 1 or len(called) > 1 or not (urls or called):
        raise ConfigError("Name one URL, one name, or both: vedette monitors add https://shop.example Shop")
    if called:
        return called[0], urls[0] if urls else ""
    return urls[0].partition("//")[2].partition("@")[2] or urls[0].partition("//")[2].rstrip("/")[:120], urls[
        0
    ]


def _checked(  # noqa: PLR0917 - the options, in order
    url: str,
    kind: str,
    interval: str,
    expect: tuple[str, ...],
    option: tuple[str, ...],
    slow: str,
) -> "tuple[str, Config]":
    """Return kind and config of a check of a URL; raises `ConfigError` for what can never work."""
    from vedette.cli.probing import request_of
    from vedette.instruments.probe.running import check
    from vedette.monitors.types import Config

    asked = request_of(url, {}, option, {"expect": expect})
    most = (
        _seconds(slow.removesuffix("ms"), "--slow") * (1 if slow.endswith("ms") else 1_000) if slow else None
    )
    told = {"url": url, "expect": expect, "options": asked.options}
    request = msgspec.Raw(msgspec.json.encode(told))
    return kind or check(asked).kind, Config(
        interval=_seconds(interval, "--interval"), slow=most, request=request
    )


def _made(name: str, kind: str, slug: str, project: str, asked: "Config | bytes") -> "tuple[Monitor, str]":
    """Make a monitor and return it with the address of its heartbeats, empty for one that has none."""
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools
    from vedette.monitors.types import HEARTBEAT, MonitorDraft

    with tools.opened() as ports:
        from vedette.monitors import service
        from vedette.projects import service as projects

        config = service.config_of(asked) if isinstance(asked, bytes) else asked
        draft = MonitorDraft(name=name, kind=kind, slug=slug, config=config)
        owner = projects.project(project).id if project else 0
        made = service.create(SYSTEM, owner, draft, ports.clock.now())
        tools.tell_server(ports)
        return made, service.ping_url(made) if made.kind == HEARTBEAT else ""


def _bytes(path: Path | None) -> bytes:
    try:
        return b"" if path is None else path.read_bytes()
    except OSError as error:
        raise ConfigError(f"--config {path}: {error.strerror or error}.") from None


def _heartbeat(  # noqa: PLR0917 - the options, in order
    every: str, cron: str, on_calendar: str, zone: str, grace: str, longest: str
) -> "Config":
    from vedette.monitors.types import Config, Rhythm

    schedule = _schedule(every, cron, on_calendar, zone)
    most = _seconds(longest, "--longest") if longest else None
    return Config(rhythm=Rhythm(schedule=schedule, grace=_seconds(grace, "--grace"), longest=most))


def _schedule(every: str, cron: str, on_calendar: str, zone: str) -> "Schedule":
    from vedette.monitors.types import Cron, Every, OnCalendar

    if sum(bool(one) for one in (every, cron, on_calendar)) != 1:
        raise ConfigError("Say when it is due, by one of --every, --cron and --on-calendar (or --config).")
    if every:
        return Every(seconds=_seconds(every, "--every"))
    if cron:
        return Cron(expression=cron, zone=zone)
    return OnCalendar(expression=on_calendar, zone=zone)


def _seconds(text: str, option: str) -> float:
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise ConfigError(f"{option} {text}: write a span such as 90s, 5m, 1h or 1d.")
    return float(found[1]) * _UNITS[found[2]]
