"""`vedette monitors …`."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit, table
from vedette.core.clock import iso
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette.monitors.types import Config, Monitor, Schedule

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
        table(rows, 'No monitor yet: `vedette monitors add "Nightly backup" --every 1d --grace 1h`.'),
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
    name: str, *, every: str = "", cron: str = "", on_calendar: str = "", zone: str = "UTC", grace: str = "1h",
    longest: str = "", config: Path | None = None, project: str = "", slug: str = "",
    json: bool = False,
) -> None:  # fmt: skip
    """Add a heartbeat; it needs one of --every, --cron and --on-calendar, or --config. Its address is printed.

    Parameters
    ----------
    name
        What people call it.
    every
        Its period: 90s, 5m, 1h, 1d.
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
    config
        A file with its config as JSON.
    project
        The project it belongs to (slug or id).
    slug
        Its human key; the name makes one without this.
    json
        Print JSON.
    """
    asked = None if config is not None else _heartbeat(every, cron, on_calendar, zone, grace, longest)
    made, address = _made(name, slug, project, asked or _bytes(config))
    value = {
        "id": made.id,
        "slug": made.slug,
        "name": made.name,
        "kind": made.kind,
        "ping_url": address,
    }
    emit(value, f"{made.name} is watched; ping it at {address}", json=json)


def _made(name: str, slug: str, project: str, asked: "Config | bytes") -> "tuple[Monitor, str]":
    """Make a heartbeat and return it with its address."""
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools
    from vedette.monitors.types import HEARTBEAT, MonitorDraft

    with tools.opened() as ports:
        from vedette.monitors import service
        from vedette.projects import service as projects

        config = service.config_of(asked) if isinstance(asked, bytes) else asked
        draft = MonitorDraft(name=name, kind=HEARTBEAT, slug=slug, config=config)
        owner = projects.project(project).id if project else 0
        made = service.create(SYSTEM, owner, draft, ports.clock.now())
        tools.tell_server(ports)
        return made, service.ping_url(made)


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
