"""From what was seen to alerts in their groups; everything here runs in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.alerts import flapping, grouping, identity, inhibition, life, paging, whither
from vedette.alerts.becoming import Seen, become
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.types import Alert, Group, Routing, Rule
from vedette.signals.types import Severity, SignalState


def receive(seen: Sequence[Seen], table: Routing, rules: Sequence[Rule], now: float) -> tuple[Alert, ...]:
    """Take in what was seen; return the alerts that changed, in order, each once."""
    latest = {identity.fingerprint(each.story.labels): each for each in seen}
    before = store.find(list(latest))
    changed, refreshed = [], []
    for fingerprint, each in latest.items():
        known = before.get(fingerprint)
        made = become(fingerprint, each, known, now)
        if made is None:
            continue
        if known is None or known.standing.change != made.standing.change:
            changed.append(made)
        elif (known.standing, known.annotations) != (made.standing, made.annotations):
            refreshed.append(made)
    store.refresh(refreshed)
    return place(changed, table, rules, now)


def over(alerts: Iterable[Alert], why: str, now: float) -> tuple[Alert, ...]:
    """Let firing alerts be over now, and their groups look; return the ones that were not already."""
    ended = []
    for alert in alerts:
        standing = life.over(msgspec.structs.replace(alert.standing, ends=now), now)
        if standing is not None:
            flips = flapping.flipped(alert.flips, now)
            ended.append(
                msgspec.structs.replace(
                    alert, standing=standing, updated_at=now, why=why, flips=flips, acked_at=None
                )
            )
    saved = store.save(ended)
    silence_store.set_sources([alert.id for alert in saved], ())
    _touch(saved, now)
    return saved


def place(alerts: Sequence[Alert], table: Routing, rules: Sequence[Rule], now: float) -> tuple[Alert, ...]:
    """Save alerts, put them into their groups, and let these look when it is time."""
    if not alerts:
        return ()
    routed = [(alert, whither.ways(alert, table, rules)) for alert in alerts]
    saved = store.save(
        [
            msgspec.structs.replace(alert, groups=tuple(way.key for way in way_list))
            for alert, way_list in routed
        ]
    )
    _remember_sources(saved, table)
    lasting = [alert for alert in saved if alert.standing.state is not SignalState.RESOLVED]
    there = group_store.ensure(
        [way for alert, found in routed if alert.standing.state is not SignalState.RESOLVED for way in found]
    )
    group_store.join([(there[key].id, alert.id) for alert in lasting for key in alert.groups])
    group_store.leave_others(lasting)
    group_store.schedule(_when(lasting, there, now))
    _touch([alert for alert in saved if alert.standing.state is SignalState.RESOLVED], now)
    return saved


def _remember_sources(alerts: Sequence[Alert], table: Routing) -> None:
    if not table.inhibitions:
        return
    firing = [alert for alert in alerts if alert.standing.state is SignalState.FIRING]
    found = [
        (alert.id, each)
        for alert in firing
        for each in inhibition.sources(table.inhibitions, whither.seen_labels(alert))
    ]
    silence_store.set_sources([alert.id for alert in alerts], found)


def _touch(ended: Sequence[Alert], now: float) -> None:
    keys: set[str] = set()
    for alert in ended:
        there = {group.key: group for group in group_store.of_alert(alert.id)}
        group_store.schedule(_when([msgspec.structs.replace(alert, groups=tuple(there))], there, now))
        keys |= set(there)
    paging.over(sorted(keys), now)


def _when(alerts: Iterable[Alert], there: Mapping[str, Group], now: float) -> dict[int, float]:
    """Return for each group of the alerts the instant at which it looks next."""
    at: dict[int, float] = {}
    for alert in alerts:
        firing = alert.standing.state is not SignalState.RESOLVED
        critical = firing and alert.standing.severity is Severity.CRITICAL
        for key in alert.groups:
            group = there[key]
            timing, starts = group.destination.timing, alert.standing.starts
            when = grouping.arrival(group.pulse, timing, starts, now, critical=critical)
            at[group.id] = min(when.at, at.get(group.id, when.at))
    return at
