"""The verbs of monitors: keep them, hear heartbeats, record checks, tell how they did."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.accounts.permissions import Actor
from vedette.instruments.probe.types import Result
from vedette.monitors import (
    attempting,
    attending,
    hearing,
    keeping,
    maintenance,
    measuring,
    objectives,
    overseeing,
    packing,
    recording,
)
from vedette.monitors.locations.types import Location
from vedette.monitors.outposts import service as outposts
from vedette.monitors.rounds import ordering
from vedette.monitors.rounds.types import Orders
from vedette.monitors.store import lists, standings
from vedette.monitors.store import monitors as store
from vedette.monitors.types import (
    DAY,
    HEARTBEAT,
    Blind,
    Budget,
    Change,
    CheckResult,
    Config,
    Glance,
    Judged,
    Monitor,
    MonitorDraft,
    Uptime,
    Watched,
)
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Span
from vedette.projects import service as projects
from vedette.ui import pager
from vedette.wire.ascode import filed

if TYPE_CHECKING:
    from vedette.monitors.ascode.exporting import Written
    from vedette.monitors.importing.running import Imported


def create(actor: Actor, project: int, draft: MonitorDraft, now: float) -> Monitor:
    """Make a monitor of a project (0 for none); raises `Invalid` by field, `Conflict` for a slug that is taken."""
    return keeping.create(actor, project, draft, now)


def update(actor: Actor, monitor: Monitor, draft: MonitorDraft, now: float) -> Monitor:
    """Change a monitor; its kind and slug stay. Raises `Invalid` by field, `Conflict` for one that is written in a file."""
    filed.refuse(f"The monitor {monitor.name} is", monitor.source)
    return keeping.update(actor, monitor, draft, now)


def pause(actor: Actor, monitor: Monitor, now: float, *, paused: bool) -> Monitor:
    """Stop to watch a monitor, or go on; what was told of it is over. Saying so twice changes nothing."""
    return keeping.pause(actor, monitor, now, paused=paused)


def remove(actor: Actor, monitor: Monitor, now: float) -> None:
    """Remove a monitor with all that is kept of it; raw results and pings go with their day.

    Raises `Conflict` for one that is written in a file.
    """
    filed.refuse(f"The monitor {monitor.name} is", monitor.source)
    keeping.remove(actor, monitor, now)


def config_of(body: bytes) -> Config:
    """Return the config that JSON holds; raises `Invalid` that names the place of what is wrong."""
    return keeping.config_of(body)


def find(key: str) -> Monitor:
    """Return the monitor of an id, or of a slug that only one has; raises `NotFound`."""
    return keeping.find(key)


def secrets(monitor: Monitor) -> Mapping[str, str]:
    """Return the secrets of a monitor, for its probe alone."""
    return keeping.secrets(monitor)


def export_files(actor: Actor, owner: int | None = None) -> "Written":
    """Return the monitors that were made by hand as a file, those of a project (0: of none) alone where it is named."""
    from vedette.monitors.ascode import applying

    return applying.export_files(actor, owner)


def read_foreign(
    actor: Actor, paths: Sequence[Path], now: float, *, name: str = "", project: str = ""
) -> "Imported":
    """Return what files of another program would become, and everything that is not carried; raises `Invalid`."""
    from vedette.monitors.importing import running

    return running.read(actor, paths, now, name=name, project=project)


def make_imported(actor: Actor, found: "Imported", now: float) -> "Imported":
    """Make the monitors that were read, all in one transaction; return what came of it."""
    from vedette.monitors.importing import running

    return running.make(actor, found, now)


def every() -> tuple[Monitor, ...]:
    """Return every monitor, by name."""
    return store.every()


def some(ids: Collection[int]) -> Mapping[int, Monitor]:
    """Return monitors by their ids, as far as they exist."""
    return store.by_ids(ids)


def hushed_until(monitor: Monitor, now: float) -> float | None:
    """Return until when a monitor is being worked on by its maintenance windows; None when it is not."""
    hush = maintenance.in_force(monitor.config.maintenance, now)
    return hush.until if hush is not None else None


def coming_work(monitor: Monitor, now: float, until: float) -> tuple[tuple[float, float], ...]:
    """Return from when to when a monitor will be worked on: the next time before `until` of each of its maintenances."""
    found = maintenance.coming(monitor.config.maintenance, now, until)
    return tuple((span.starts, span.ends) for span in found)


def watched(monitors: Sequence[Monitor]) -> tuple[Watched, ...]:
    """Return monitors with what is known of them, in the same order."""
    found = standings.load({one.id: one for one in monitors})
    return tuple(found[one.id] for one in monitors)


def page(
    cursor: str | None, n: int, project: int | None = None, kind: str | None = None
) -> tuple[tuple[Watched, ...], str | None]:
    """Return a page of monitors by slug and the cursor of the next; raises `Invalid` for a cursor nobody gave out."""
    place = pager.decode(cursor, tuple[str, int]) if cursor else None
    found = store.page(place, n + 1, project, kind)
    last = found[n - 1] if len(found) > n else None
    return watched(found[:n]), pager.encode(last.slug, last.id) if last else None


def states() -> Mapping[str, int]:
    """Return how many monitors are in each state, as far as anything was heard of them."""
    return standings.states()


def worst(now: float, n: int) -> tuple[Glance, ...]:
    """Return up to `n` monitors at a glance, worst first, those that are paused left out."""
    return overseeing.worst(now, n)


def ping_url(monitor: Monitor) -> str:
    """Return the address of a monitor's heartbeats; who knows it can ping it."""
    return f"{ports().settings.public_url}/ping/{uuid.UUID(monitor.key)}"


def ping_keys() -> Mapping[str, int]:
    """Return the project (0 for none) of each heartbeat by its key, for the front door."""
    return dict(store.ping_keys(HEARTBEAT))


def digest(messages: Sequence[Message], now: float) -> int:
    """Digest heartbeats and check-ins of the journal, each once; return how many counted. Raises `Unavailable`."""
    return hearing.digest(messages, now)


def look(heard: float, now: float, blind: Blind | None = None) -> int:
    """Judge heartbeats whose deadline is over; `heard` is the instant up to which all that was received is digested."""
    return hearing.look(heard, now, blind)


def settle(now: float) -> int:
    """Tell what is different after a maintenance or a flapping although nothing came; return how many were told of."""
    return hearing.settle(now)


def next_due() -> float | None:
    """Return when the next heartbeat must have come, None when none is expected."""
    return standings.next_due()


def attend(now: float) -> Blind | None:
    """Remember that Vedette listens now; return the last time in which it did not, None when it always has."""
    return attending.attend(now)


def pings(
    monitor: Monitor, span: Span, n: int = 50, cursor: str | None = None
) -> tuple[tuple[hearing.HeardPing, ...], str | None]:
    """Return a page of a heartbeat's log, newest first, and the cursor of the next."""
    return hearing.pings(monitor, span, n, cursor)


def try_now(
    actor: Actor,
    project: int,
    asked: Monitor | MonitorDraft,
    on_step: attempting.Step = lambda _phase, _ms: None,
) -> Result:
    """Look once, now, for at most 30 seconds, and keep nothing of it; `on_step` hears of each phase as it begins and ends.

    `project` is that of the draft, 0 for none. Raises `Invalid` by field, `NotFound`, and `Throttled` when too many wait.
    """
    if project:
        projects.project(project)
    return attempting.try_now(actor, asked, on_step)


def record(results: Sequence[CheckResult], now: float) -> Mapping[int, Judged]:
    """Judge results of checks and keep them; return the verdict on each monitor."""
    return recording.record(results, now)


def orders(
    known: Mapping[int, float], place: str = "", most: int | None = None
) -> tuple[Orders, Mapping[int, float]]:
    """Return what changed of what is checked since `known` (when each monitor was last changed), and what is known now.

    `place` is the slug of a location, empty for here; of more than `most` the rest comes the next time.
    """
    return ordering.orders(known, place, most)


def take(findings: bytes, now: float, place: str = "") -> Mapping[int, float]:
    """Record the findings of a prober, once; return in how many seconds which monitors are checked again, early.

    `place` is the slug of the location they come from, empty for here.
    """
    return ordering.take(findings, now, place)


def evidence(monitor: Monitor, span: Span, n: int = 20) -> tuple[CheckResult, ...]:
    """Return what is kept of a monitor's failures, newest first: sentence, phases and evidence."""
    return recording.evidence(monitor, span, n)


def checks(monitor: Monitor, span: Span) -> tuple[CheckResult, ...]:
    """Return the single results of a time, oldest first, as far as they are kept."""
    return packing.checks(monitor, span)


def pack(now: float) -> int:
    """Pack some results of hours that are over; return how many hours of monitors, 0 when nothing is left."""
    return packing.pack(now)


def drop_old(now: float) -> int:
    """Delete minutes and hours that are kept no longer, some at a time; return how many went."""
    return packing.drop_old(now)


def changes(monitor: Monitor, start: float, end: float) -> tuple[Change, ...]:
    """Return a monitor's changes up to an instant, oldest first, with the last one before `start`."""
    return standings.changes(monitor.id, start, end)


def changes_of(ids: Collection[int], start: float, end: float) -> Mapping[int, tuple[Change, ...]]:
    """Return the changes of some hundred monitors (ids) as `changes` does; one that never changed is not there."""
    return lists.changes(ids, start, end, most=-1)


def uptime(monitor: Monitor, start: float, end: float) -> Uptime:
    """Return how long a monitor was up between two instants."""
    return objectives.uptime(changes(monitor, start, end), start, end)


def budget(monitor: Monitor, now: float) -> Budget | None:
    """Return the error budget of a monitor's objective, None when it has none."""
    aim = monitor.config.objective
    if aim is None:
        return None
    window = aim.days * DAY
    return objectives.budget(aim.target, window, uptime(monitor, now - window, now))


def add_location(actor: Actor, name: str, slug: str, now: float) -> tuple[str, Location]:
    """Add a location and return its token, shown once, with it; raises `Invalid` by field, `Conflict`."""
    return outposts.add(actor, name, slug, now)


def remove_location(actor: Actor, slug: str, now: float) -> int:
    """Remove a location, also from the monitors that are checked from it; return how many. Raises `NotFound`."""
    return outposts.remove(actor, outposts.find(slug), now)


def locations() -> tuple[tuple[Location, int], ...]:
    """Return every location by name, each with how many monitors are checked from it."""
    counts = outposts.counts()
    return tuple((one, counts.get(one.slug, 0)) for one in outposts.every())


projects.on_delete(keeping.forget_project)
measuring.register()
