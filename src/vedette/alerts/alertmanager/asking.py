"""What fires now, as Alertmanager's API tells it: each alert with its receivers and what keeps it quiet."""

from collections.abc import Iterator, Sequence

from vedette.alerts import inhibition, ordering, processing, silencing, whither
from vedette.alerts.addressing import Setting
from vedette.alerts.alertmanager import shapes
from vedette.alerts.alertmanager.shapes import AlertGroup, AlertStatus, GettableAlert, Named, Wanted
from vedette.alerts.setting import setting_of
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import rules as rule_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.types import Alert
from vedette.plumbing.ports import ports
from vedette.signals.types import SignalState

_AT_ONCE = 500
_MOST_GROUPS = 100_000


def alerts(wanted: Wanted, now: float) -> list[GettableAlert]:
    """Return the alerts that fire and are asked for, by fingerprint."""
    setting = setting_of(now)
    found = []
    for alert in _firing():
        if not wanted.takes(alert.labels, told := _status(alert, setting)):
            continue
        ways = whither.ways(alert, setting.table, setting.rules)
        receivers = tuple(dict.fromkeys(way.destination.receiver for way in ways))
        if wanted.names(receivers):
            found.append(_shown(alert, receivers, told, now))
    return sorted(found, key=lambda each: each.fingerprint)


def groups(wanted: Wanted, now: float) -> list[AlertGroup]:
    """Return the groups in which something that is asked for fires, in Alertmanager's order of their labels."""
    setting = setting_of(now)
    found = []
    for group in group_store.page(_MOST_GROUPS):
        receiver = group.destination.receiver
        if not wanted.names([receiver]):
            continue
        members = [member.alert for member in group_store.members(group.id)]
        shown = tuple(_members(members, receiver, wanted, setting))
        if shown:
            found.append(AlertGroup(shown, group.labels, Named(receiver)))
    return sorted(found, key=lambda each: (ordering.key(each.labels), each.receiver.name))


def began() -> float:
    """Return the instant since which alerts are looked after without a stop."""
    return float(rule_store.mark(processing.BEGAN))


def _members(
    members: Sequence[Alert], receiver: str, wanted: Wanted, setting: Setting
) -> Iterator[GettableAlert]:
    for alert in sorted(members, key=lambda each: ordering.key(each.labels)):
        if alert.standing.state is SignalState.FIRING:
            told = _status(alert, setting)
            if wanted.takes(alert.labels, told):
                yield _shown(alert, [receiver], told, setting.now)


def _firing() -> Iterator[Alert]:
    last = 0
    while part := store.firing_after(last, _AT_ONCE):
        yield from part
        last = part[-1].id


def _status(alert: Alert, setting: Setting) -> AlertStatus:
    labels = whither.seen_labels(alert)
    muted = inhibition.muted(setting.table.inhibitions, labels, silence_store.firing_sources)
    silenced = silencing.holding(setting.silences, labels, setting.now)
    return shapes.status(silenced, () if muted is None else (muted.source,))


def _shown(alert: Alert, receivers: Sequence[str], told: AlertStatus, now: float) -> GettableAlert:
    return shapes.alert(alert, receivers, told, ports().settings.public_url, now)
