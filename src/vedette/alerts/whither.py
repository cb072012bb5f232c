"""Into which groups does an alert go? Pure: by the rules that spoke of it, or by the tree of routes."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.alerts import routing
from vedette.alerts.routing import ALL_LABELS, DEFAULT_RECEIVER, ROOT, Destination, Timing
from vedette.alerts.types import Alert, Routing, Rule

BUILT_IN = "built-in"
RULE = "rule/"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A group an alert belongs to, and its route. `people` marks the first way: people hear of it once."""

    key: str
    labels: Mapping[str, str]
    destination: Destination
    people: bool


def ways(alert: Alert, table: Routing, rules: Sequence[Rule]) -> tuple[Way, ...]:
    """Return the groups of an alert, in order.

    A rule that names whom it tells goes its own way: each of its alerts is told alone and at once. What is left
    takes the tree; as long as nobody wrote one, errors and thresholds are told alone and at once as well, for they
    are no storm with one cause.
    """
    speaking = [rule for rule in rules if rule.id in alert.rules]
    alone = [rule for rule in speaking if _names_somebody(rule)]
    rest = [rule for rule in speaking if not _names_somebody(rule)]
    if rest and _is_told_alone(alert, table):
        alone.append(rest[0])
    by_tree = not speaking or (bool(rest) and not _is_told_alone(alert, table))
    labels = seen_labels(alert)
    found = [of_rule(rule) for rule in alone]
    if by_tree:
        found += routing.destinations(table.tree, labels, _origin(rest))
    return tuple(_ways(found, labels, alert))


def of_rule(rule: Rule) -> Destination:
    """Return the way of a rule that tells each alert alone."""
    return Destination(
        key=f"{RULE}{rule.id}",
        receiver=f"{RULE}{rule.id}" if _names_somebody(rule) else DEFAULT_RECEIVER,
        group_by=(ALL_LABELS,),
        timing=Timing(wait=0.0, interval=0.0, repeat=rule.repeat_minutes * 60.0),
        send_resolved=rule.send_resolved,
    )


def seen_labels(alert: Alert) -> dict[str, str]:
    """Return the labels routes and silences look at: the alert's own, and `severity` where it has none.

    Those of an alert pushed as to Alertmanager are as they were sent: its sender knows them so, and tries routes with
    them (`amtool`). What came by a hook is named after it, and has the severity its mapping made.
    """
    if alert.pushed and not alert.rule:
        return dict(alert.labels)
    return {"severity": alert.standing.severity.value, **alert.labels}


def _origin(rules: Sequence[Rule]) -> Destination:
    """Return what holds where no route says otherwise: what the first rule says of repeats and of ends."""
    if not rules:
        return ROOT
    timing = Timing(
        wait=ROOT.timing.wait, interval=ROOT.timing.interval, repeat=rules[0].repeat_minutes * 60.0
    )
    return msgspec.structs.replace(ROOT, timing=timing, send_resolved=rules[0].send_resolved)


def _names_somebody(rule: Rule) -> bool:
    return bool(rule.channels or rule.people or rule.assignee or rule.policy is not None)


def _is_told_alone(alert: Alert, table: Routing) -> bool:
    counted = "rule" in alert.labels and "series" in alert.labels
    return table.source == BUILT_IN and (counted or alert.labels.get("room") == "errors")


def _ways(found: Sequence[Destination], labels: Mapping[str, str], alert: Alert) -> Iterator[Way]:
    for index, destination in enumerate(found):
        named = routing.group_labels(destination, alert.labels if _all(destination) else labels)
        key = routing.group_key(destination, named) + destination.twin
        yield Way(key=key, labels=named, destination=destination, people=index == 0)


def _all(destination: Destination) -> bool:
    return ALL_LABELS in destination.group_by
