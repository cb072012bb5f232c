"""Gathers what is kept about alerts: for an explanation, and for the list of what fires."""

import functools
from collections.abc import Mapping, Sequence

from vedette.alerts import (
    builtin,
    explaining,
    hearkening,
    inhibition,
    matching,
    paging,
    standing_out,
    whither,
)
from vedette.alerts.addressing import Addressee, Setting, addressees
from vedette.alerts.explaining import EscalationPart, Evidence, Kept, Recipient, Why
from vedette.alerts.governing import alert_of
from vedette.alerts.inhibition import Inhibition, Sources
from vedette.alerts.matching import Matcher
from vedette.alerts.setting import setting_of
from vedette.alerts.standing_out import Bundle, Listing
from vedette.alerts.store import alerts as store
from vedette.alerts.store import groups as group_store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.store import traces
from vedette.alerts.types import Alert, Group, Told
from vedette.notify import service as notify
from vedette.oncall import service as oncall

MOST_LISTED = 300
MOST_MATCHED = 1_000
MOST_LINES = 100
MOST_ESCALATIONS = 5


def why(alert_id: int, now: float) -> Why:
    """Return the whole way of an alert; raises `NotFound`."""
    alert, setting = alert_of(alert_id), setting_of(now)
    (told,) = told_of((alert,), MOST_LINES)
    groups = tuple(_kept(group, setting) for group in group_store.of_alert(alert.id))
    return explaining.why(
        Evidence(
            alert=alert,
            rules=setting.rules,
            table=setting.table,
            silences=setting.silences,
            sources=sources(),
            groups=groups,
            lines=told.lines,
            now=now,
            escalations=_escalations(alert),
        )
    )


def _escalations(alert: Alert) -> tuple[EscalationPart, ...]:
    found = oncall.escalations(alert.groups)[:MOST_ESCALATIONS]
    return tuple(
        EscalationPart(
            each.id, each.policy.name, each.state.value, each.why,
            tuple((line.at, line.text) for line in oncall.lines(each.id)),
        )
        for each in found
    )  # fmt: skip


def listing(now: float) -> Listing:
    """Return what fires (at most 300), sorted into open, acknowledged, silenced and inhibited, in its groups."""
    firing = store.firing(None, MOST_LISTED)
    in_force = (builtin.table(), silence_store.silences(now), sources(), now)
    return standing_out.listing(
        firing, {alert.id: hearkening.quietness(alert, *in_force) for alert in firing}
    )


def quiet_of(alerts: Sequence[Alert], now: float) -> Mapping[int, str]:
    """Return why each of the alerts that is kept quiet is, by their ids."""
    in_force = (builtin.table(), silence_store.silences(now), sources(), now)
    found = {alert.id: hearkening.quietness(alert, *in_force) for alert in alerts}
    return {number: quiet.reason for number, quiet in found.items() if quiet.by}


def named(bundles: Sequence[Bundle]) -> tuple[Bundle, ...]:
    """Return bundles with the ids and labels of their groups, and whom these tell."""
    return standing_out.named(bundles, group_store.by_key([each.alerts[0] for each in bundles]))


def firing_that_match(matchers: Sequence[Matcher]) -> tuple[Alert, ...]:
    """Return what fires (of at most 1,000, the worst first) and has labels the matchers hold for."""
    firing = store.firing(None, MOST_MATCHED)
    return tuple(alert for alert in firing if matching.matches(matchers, whither.seen_labels(alert)))


def would_mute(rule: Inhibition) -> tuple[tuple[Alert, Alert], ...]:
    """Return the alerts that fire (of at most 1,000, the worst first) and that a rule would mute, each with one that would mute it."""
    firing = {alert.fingerprint: alert for alert in store.firing(None, MOST_MATCHED)}
    seen = {name: whither.seen_labels(alert) for name, alert in firing.items()}
    return tuple((firing[name], firing[by]) for name, by in inhibition.would_mute(rule, seen).items())


def told_of(alerts: Sequence[Alert], n: int) -> tuple[Told, ...]:
    """Return each alert with its last `n` lines of why people were told of it or not, and what became of the notices."""
    lines_of = traces.of(alerts, n)
    keys = [t.idempotency_key for lines in lines_of.values() for t in lines if t.idempotency_key]
    became = notify.deliveries_of(keys)
    return tuple(
        Told(alert, tuple((line, became.get(line.idempotency_key)) for line in lines_of[alert.id]))
        for alert in alerts
    )


def sources() -> Sources:
    """Return who mutes whom now; each question is asked of the database once."""
    return functools.cache(silence_store.firing_sources)


def _kept(group: Group, setting: Setting) -> Kept:
    members = group_store.members(group.id)
    whom = addressees(group, [member.alert for member in members], setting)
    return Kept(
        group=group,
        members=members,
        entries=group_store.entries(group.id),
        recipients=(
            *(_recipient(each) for each in whom.told),
            *(
                Recipient(name=f"Policy {p.name}", channel=paging.place(p), enabled=True)
                for p in whom.policies
            ),
        ),
        quieted=whom.quieted,
    )


def _recipient(to: Addressee) -> Recipient:
    return Recipient(
        name=to.name, channel=to.channel.id, enabled=to.channel.enabled, why=to.why, alerts=to.alerts
    )
