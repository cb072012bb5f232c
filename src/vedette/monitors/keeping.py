"""Making, changing, pausing and removing monitors; each with its audit entry and a new revision, in one transaction."""

from collections.abc import Mapping

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.monitors import dependencies, drafting, heartbeat, requesting, signal
from vedette.monitors.applying import LIVE
from vedette.monitors.locations import naming
from vedette.monitors.locations import store as locations
from vedette.monitors.store import monitors, standings
from vedette.monitors.types import (
    HEARTBEAT,
    REVISION,
    TOPIC,
    Config,
    Judged,
    Known,
    Monitor,
    MonitorDraft,
    Standing,
    Told,
    Watched,
)
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals

MOST = 20_000
_PURPOSE = "monitors.secrets"
_replace = msgspec.structs.replace


def create(actor: Actor, project: int, draft: MonitorDraft, now: float) -> Monitor:
    """Make a monitor of a project (0 for none); raises `Invalid` by field, `Conflict` for a slug that is taken."""
    requesting.require_kind(actor, draft.kind)
    draft = _fit(draft, {}, now)
    with transaction():
        if monitors.count() >= MOST:
            raise Invalid(
                f"There are {MOST:,} monitors, which is the most; remove one first.", {"name": "too many"}
            )
        _refuse_parents(0, draft)
        _refuse_locations(draft)
        _refuse_address(draft)
        slug = draft.slug or drafting.slug_of(draft.name, monitors.slugs(project))
        fresh = Monitor(
            id=0, key=draft.key or ids.new_id(), project=project, slug=slug, name=draft.name, kind=draft.kind, config=draft.config,
            paused=False, source=draft.source, created_at=now, updated_at=now,
        )  # fmt: skip
        made = monitors.add(fresh, _sealed(draft.secrets or {}))
        audit(actor, "monitor.create", made.slug, _shown(made), now)
        tell_changed(now)
    return made


def update(actor: Actor, monitor: Monitor, draft: MonitorDraft, now: float) -> Monitor:
    """Change a monitor; its kind and slug stay. Raises `Invalid` by field."""
    requesting.require_change(actor, monitor, draft)
    held = secrets(monitor)
    asked = _replace(draft, kind=monitor.kind, slug="")
    draft = _fit(asked, held, now)
    if asked.secrets is None:
        _refuse_elsewhere(monitor, asked, held)
    with transaction():
        _refuse_parents(monitor.id, draft)
        _refuse_locations(draft)
        made = _replace(monitor, name=draft.name, config=draft.config, source=draft.source, updated_at=now)
        monitors.change(made, None if draft.secrets is None else _sealed(draft.secrets))
        _expect(made)
        audit(actor, "monitor.update", made.slug, _shown(made), now)
        tell_changed(now)
    return made


def pause(actor: Actor, monitor: Monitor, now: float, *, paused: bool) -> Monitor:
    """Stop to watch a monitor, or go on; what was told of it is over. Saying so twice changes nothing."""
    require(actor, Verb.MONITOR_WRITE)
    if monitor.paused is paused:
        return monitor
    made = _replace(monitor, paused=paused, updated_at=now)
    with transaction():
        monitors.change(made)
        _forget(made, "It is paused." if paused else "It is watched again.", now)
        audit(actor, "monitor.pause" if paused else "monitor.resume", made.slug, {}, now)
        tell_changed(now)
    return made


def remove(actor: Actor, monitor: Monitor, now: float) -> None:
    """Remove a monitor with all that core.db keeps of it; raw results and pings go with their day."""
    require(actor, Verb.MONITOR_WRITE)
    with transaction():
        _forget(monitor, "It was removed.", now)
        monitors.remove([monitor.id])
        audit(actor, "monitor.remove", monitor.slug, _shown(monitor), now)
        tell_changed(now)


def forget_project(project: int) -> None:
    """Delete a project's monitors, in the caller's transaction."""
    monitors.remove(monitors.of_project(project))
    tell_changed(ports().clock.now())


def secrets(monitor: Monitor) -> Mapping[str, str]:
    """Return the secrets of a monitor, for its probe alone."""
    sealed = monitors.secrets(monitor.id)
    if not sealed:
        return {}
    return msgspec.json.decode(ports().seal.open(sealed, _PURPOSE), type=dict[str, str])


def draft_of(monitor: Monitor) -> MonitorDraft:
    """Return what would make a monitor again, with its secrets."""
    return MonitorDraft(
        name=monitor.name, kind=monitor.kind, config=monitor.config, slug=monitor.slug, secrets=secrets(monitor),
        source=monitor.source, key=monitor.key,
    )  # fmt: skip


def find(key: str) -> Monitor:
    """Return the monitor of an id, or of a slug that only one has; raises `NotFound`."""
    found = monitors.named(key)
    if len(found) == 1:
        return found[0]
    more = (
        f"{len(found)} monitors are called {key}: say which by its id."
        if found
        else f"There is no monitor {key}."
    )
    raise NotFound(more)


def config_of(body: bytes) -> Config:
    """Return the config that JSON holds; raises `Invalid` that names the place of what is wrong."""
    try:
        return drafting.decode(body)
    except ValueError as error:
        raise Invalid(f"The config cannot be used: {error}", {"config": str(error)}) from None


def _fit(draft: MonitorDraft, before: Mapping[str, str], now: float) -> MonitorDraft:
    """Return a draft as it is kept; raises `Invalid`. `before` are the secrets it has, which stay when none are named."""
    draft = _parted(_replace(draft, name=draft.name.strip(), slug=draft.slug.strip()), before)
    wrong = drafting.problems(draft if draft.secrets is not None else _replace(draft, secrets=before), now)
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    return draft


def _parted(draft: MonitorDraft, before: Mapping[str, str]) -> MonitorDraft:
    """Return a draft whose secrets are sealed, also those that were written among the options of its request."""
    if draft.kind == HEARTBEAT:
        return draft
    try:
        request, found = requesting.split(draft.kind, requesting.read(draft.config.request))
    except Invalid:
        return draft  # told by field with all else that is wrong
    if not found:
        return draft
    held = before if draft.secrets is None else draft.secrets
    config = _replace(draft.config, request=requesting.written(request))
    return _replace(draft, config=config, secrets={**held, **found})


def _refuse_elsewhere(monitor: Monitor, draft: MonitorDraft, held: Mapping[str, str]) -> None:
    """Raise `Invalid` when secrets that stay, for the draft names others or none, would go elsewhere."""
    if monitor.kind == HEARTBEAT or not held:
        return
    after = requesting.read(draft.config.request)
    if set(held) - set(requesting.split(monitor.kind, after)[1]):
        requesting.refuse_elsewhere(requesting.read(monitor.config.request), after)


def _refuse_parents(monitor: int, draft: MonitorDraft) -> None:
    """Raise `Invalid` for parents that are not there, and for what would depend on itself."""
    asked = draft.config.parents
    missing = [parent for parent in asked if parent not in monitors.by_ids(asked)] if asked else []
    if missing:
        raise Invalid(f"There is no monitor {missing[0]} to depend on.", {"parents": "not there"})
    if asked and dependencies.cycle({**monitors.parents(), monitor: asked}, monitor):
        raise Invalid(
            "A monitor cannot depend on itself, also not by way of others.", {"parents": "a circle"}
        )


def _refuse_locations(draft: MonitorDraft) -> None:
    """Raise `Invalid` for locations that are not there."""
    named = draft.config.locations
    if named and (wrong := naming.missing(named, locations.slugs())):
        raise Invalid(wrong, {"locations": wrong})


def _refuse_address(draft: MonitorDraft) -> None:
    """Raise `Conflict` for an address of heartbeats that another monitor has."""
    if draft.key and monitors.by_keys([draft.key]):
        raise Conflict(f"Another monitor has the address of {draft.name}; let it have a new one.")


def _expect(monitor: Monitor) -> None:
    """Reckon a heartbeat's deadline anew."""
    known = standings.load({monitor.id: monitor})[monitor.id].known
    rules = monitor.config.rhythm
    due = None if rules is None or monitor.paused else heartbeat.deadline(rules, known.beat).at
    if due != known.due:
        standings.save([Watched(monitor, _replace(known, due=due))])


def _forget(monitor: Monitor, reason: str, now: float) -> None:
    """Begin anew: nothing is known of it, and what people were told is over."""
    before = standings.load({monitor.id: monitor})[monitor.id].known.standing
    fresh = Standing(since=now, reason=reason)
    if before.told in {Told.DOWN, Told.FLAPPING}:
        over = signal.of_verdict(monitor, Judged(standing=fresh, tell=Told.UP, reason=reason), now)
        signals.publish([over] if over else [], now)
    standings.save([Watched(monitor, Known(standing=fresh))])
    standings.add_changes([(monitor.id, fresh)])


def _sealed(held: Mapping[str, str]) -> str:
    return ports().seal.seal(msgspec.json.encode(held).decode(), _PURPOSE) if held else ""


def _shown(monitor: Monitor) -> dict[str, str]:
    return {
        "name": monitor.name,
        "kind": monitor.kind,
        **({"source": monitor.source} if monitor.source else {}),
    }


def tell_changed(now: float) -> None:
    """Tell who watches monitors, here and in other processes, that one was changed; in the caller's transaction."""
    ports().kv.put(REVISION, repr(now).encode())
    on_commit(lambda: ports().bus.wake(TOPIC))
    on_commit(lambda: ports().bus.wake(LIVE))
