"""What a threshold rule sees: the series of the catalogue, summed over the rule's sliding window."""

from collections.abc import Mapping

from vedette.alerts import rules
from vedette.alerts.types import Observation, Rule
from vedette.signals import service as signals


def observations(rule: Rule, now: float) -> tuple[Observation, ...]:
    """Return the rule's series over its window for each issue or project; empty when nobody offers the series."""
    series = signals.catalogue().get(rule.params.series)
    if series is None or series.totals is None:
        return ()
    by = ("project", "issue") if rule.params.per == "issue" else ("project",)
    scope = {} if rule.project is None else {"project": str(rule.project)}
    start, end = rules.window(rule.params, now)
    oldest = {_key(labels, by): n for labels, n in series.totals(by, scope, start, start + rules.MINUTE)}
    return tuple(
        Observation(
            labels={name: labels.get(name, "") for name in by},
            value=rules.sliding_total(total, oldest.get(_key(labels, by), 0.0), now),
            at=now,
            annotations={name: value for name, value in labels.items() if name not in by},
        )
        for labels, total in series.totals(by, scope, start, end)
    )


def _key(labels: Mapping[str, str], by: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(labels.get(name, "") for name in by)
