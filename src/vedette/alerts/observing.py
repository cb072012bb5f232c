"""What a rule sees: the series of the catalogue, summed over the rule's windows, for each set of labels."""

from collections.abc import Mapping, Sequence

from vedette.alerts import rules
from vedette.alerts.conditions import registry
from vedette.alerts.matching import Operator
from vedette.alerts.types import Observation, Rule, Window
from vedette.signals import service as signals
from vedette.signals.types import Series

Key = tuple[str, ...]
Sums = Mapping[Key, tuple[Mapping[str, str], float]]


def observations(rule: Rule, now: float) -> tuple[Observation, ...]:
    """Return the sums of the rule's windows for each set of labels; empty when nobody offers one of the series."""
    condition = registry.of(rule.kind)
    windows = condition.windows(rule.params, now) if condition.windows else ()
    found = [signals.catalogue().get(window.series) for window in windows]
    offered = [series for series in found if series is not None]
    if not windows or len(offered) < len(windows):
        return ()
    by = labels_of(rule, offered)
    sums = [_sums(series, window, by, rule, now) for series, window in zip(offered, windows, strict=True)]
    keys = dict.fromkeys(key for each in sums for key in each) if by else {(): None}
    if any(series.level for series in offered):  # a level of nothing is unknown, where an amount is 0
        keys = {key: None for key in keys if all(key in each for each in sums)}
    return tuple(_observed(key, by, sums, now) for key in keys)


def labels_of(rule: Rule, offered: Sequence[Series]) -> tuple[str, ...]:
    """Return the labels the rule counts by, as far as all of its series have them."""
    wanted = registry.of(rule.kind).by(rule.params)
    return tuple(name for name in wanted if all(name in series.labels for series in offered))


def scope_of(rule: Rule) -> dict[str, str]:
    """Return the labels that must have one value: the rule's project, and what its matchers ask to be equal."""
    project = {} if rule.project is None else {"project": str(rule.project)}
    return {each.name: each.value for each in rule.matchers if each.op is Operator.EQUAL} | project


def _observed(key: Key, by: tuple[str, ...], sums: Sequence[Sums], now: float) -> Observation:
    values = [each[key][1] if key in each else 0.0 for each in sums]
    told = next((each[key][0] for each in sums if key in each), {})
    return Observation(
        labels=dict(zip(by, key, strict=True)),
        value=values[0],
        others=tuple(values[1:]),
        at=now,
        annotations={name: value for name, value in told.items() if name not in by},
    )


def _sums(series: Series, window: Window, by: tuple[str, ...], rule: Rule, now: float) -> Sums:
    scope = scope_of(rule) | dict(window.scope)
    found = _totals(series, by, scope, window.start, window.end)
    if not window.sliding or series.level:
        return found
    oldest = _totals(series, by, scope, window.start, window.start + rules.MINUTE)
    return {
        key: (labels, rules.sliding_total(n, oldest[key][1] if key in oldest else 0.0, now))
        for key, (labels, n) in found.items()
    }


def _totals(series: Series, by: tuple[str, ...], scope: Mapping[str, str], start: float, end: float) -> Sums:
    if series.totals is None:
        return _whole(series, by, scope, start, end)
    rows = series.totals(by, scope, start, end)
    return {tuple(labels.get(name, "") for name in by): (labels, n) for labels, n in rows}


def _whole(series: Series, by: tuple[str, ...], scope: Mapping[str, str], start: float, end: float) -> Sums:
    """Return what a series that is drawn only comes to in a time: nothing, where labels are to be told apart."""
    values = () if by else series.read(scope, start, end, end - start)
    return {(): ({}, float(values[0]))} if values else {}
