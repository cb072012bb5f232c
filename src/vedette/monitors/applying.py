"""A batch of checks or heartbeats: what is known of their monitors, moved on one by one, and written with all that follows."""

from collections.abc import Mapping

from vedette.monitors import dependencies, maintenance, signal, surroundings
from vedette.monitors.dependencies import Parent
from vedette.monitors.judging import After
from vedette.monitors.store import monitors, standings
from vedette.monitors.types import Monitor, Standing, State, Surroundings, Watched
from vedette.monitors.verdict import Around
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal

SHARED = "surroundings"
LIVE = "live:monitors"  # the bus topic of pages that show monitors: woken when one came into another state
MOVED = "monitors/moved"  # the KV key by which the other processes hear of it
_ALIVE = frozenset({State.UP, State.DEGRADED})


class Batch:
    """The monitors of one batch, with those they depend on; used and written in one transaction."""

    def __init__(self, found: Mapping[int, Monitor], now: float) -> None:
        parents = {parent for one in found.values() for parent in one.config.parents} - set(found)
        self._now = now
        self._watched = standings.load({**found, **(monitors.by_ids(parents) if parents else {})})
        self._touched: dict[int, None] = {}
        self._changes: list[tuple[int, Standing]] = []
        self._signals: list[Signal] = []
        self._moments: list[Moment] = []

    def get(self, monitor: int) -> Watched | None:
        """Return a monitor as it stands by now; None when it is gone."""
        return self._watched.get(monitor)

    def around(self, watched: Watched, at: float, shared: Surroundings, cause: str) -> Around:
        """Return what surrounds a check: maintenance, what is shared, what the monitor depends on."""
        config = watched.monitor.config
        hush = maintenance.in_force(config.maintenance, at)
        found = (self._watched.get(parent) for parent in config.parents)
        parents = [Parent(one.monitor.name, one.known.standing) for one in found if one is not None]
        return Around(
            blocked=surroundings.blocked(shared, cause) or dependencies.blocked(parents),
            waits=dependencies.waits(watched.known.standing, parents, at),
            hushed=hush.reason if hush else "",
        )

    def put(self, after: After) -> None:
        """Take a monitor as a check left it, with what is to be told."""
        monitor, known = after.watched.monitor, after.watched.known
        before = self._watched[monitor.id].known.standing
        self._watched[monitor.id] = after.watched
        self._touched[monitor.id] = None
        if known.standing.state is not before.state:
            self._changed(monitor, before.state, known.standing, hushed=self._is_hushed(after))
        if after.judged is not None and (sent := signal.of_verdict(monitor, after.judged, self._now)):
            self._signals.append(sent)
        if after.certificate is not None:
            self._signals.append(signal.of_certificate(monitor, after.certificate, self._now))

    def tell_surroundings(self, found: Surroundings) -> None:
        """Tell, once, that something shared is at fault, and once that it is over."""
        _, _, before = standings.mark(SHARED)
        if bool(before) == bool(found.reason):
            return
        told = signal.of_surroundings(found.reason or before, over=not found.reason, now=self._now)
        self._signals.append(told)
        standings.set_mark(SHARED, at=self._now, text=found.reason)

    def write(self) -> int:
        """Write what is known, changes, signals and the story, in the caller's transaction; return how many changed."""
        standings.save(self._watched[monitor] for monitor in self._touched)
        standings.add_changes(self._changes)
        signals.publish(self._signals, self._now)
        signals.record(self._moments)
        if self._changes:
            ports().kv.put(MOVED, repr(self._now).encode())
            on_commit(lambda: ports().bus.wake(LIVE))
        return len(self._changes)

    def _is_hushed(self, after: After) -> bool:
        return maintenance.in_force(after.watched.monitor.config.maintenance, self._now) is not None

    def _changed(self, monitor: Monitor, before: State, standing: Standing, *, hushed: bool) -> None:
        self._changes.append((monitor.id, standing))
        if before is State.WAITING and standing.state is State.UP:
            return
        self._moments.append(signal.moment(monitor, standing))
        if standing.state is State.DEGRADED and before in _ALIVE and not hushed:
            self._signals.append(signal.of_slowness(monitor, standing, self._now))
