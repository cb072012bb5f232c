"""Is a rule fit to be kept? Pure."""

import difflib
from collections.abc import Collection, Iterator, Mapping

from vedette.alerts.conditions import registry
from vedette.alerts.conditions.kind import LONGEST_WINDOW, Condition
from vedette.alerts.conditions.threshold import MOST as MOST_EVENTS
from vedette.alerts.matching import Operator
from vedette.alerts.types import Per, RuleDraft
from vedette.signals.types import Series

__all__ = ["LONGEST_HOLD", "LONGEST_REPEAT", "LONGEST_WINDOW", "MOST_EVENTS", "problems"]
LONGEST_REPEAT = 60 * 24 * 30
LONGEST_HOLD = 1_440
_TOLD_APART_BY_FEW = {Per.ENVIRONMENT, Per.RELEASE, Per.PAGE}


def problems(
    draft: RuleDraft,
    channels: Collection[int],
    projects: Collection[int],
    people: Collection[int],
    catalogue: Mapping[str, Series],
    *,
    policies: Collection[int] = (),
) -> dict[str, str]:
    """Return what is wrong with each field, given the ids and the series there are; empty when fit."""
    wrong = {}
    if not 1 <= len(draft.name.strip()) <= 80:
        wrong["name"] = "Give the rule a name of at most 80 characters."
    if draft.project is not None and draft.project not in projects:
        wrong["project"] = "There is no such project."
    if not set(draft.channels) <= set(channels):
        wrong["channels"] = "One of these channels does not exist."
    if not set(draft.people) <= set(people):
        wrong["people"] = "One of these people does not exist."
    if draft.policy is not None and draft.policy not in policies:
        wrong["policy"] = "There is no such escalation policy."
    if not 1 <= draft.repeat_minutes <= LONGEST_REPEAT:
        wrong["repeat_minutes"] = f"From 1 to {LONGEST_REPEAT} minutes."
    return wrong | _kind(draft, catalogue)


def _kind(draft: RuleDraft, catalogue: Mapping[str, Series]) -> dict[str, str]:
    kinds = registry.kinds()
    if draft.kind not in kinds:
        near = difflib.get_close_matches(draft.kind, kinds, 1)
        hint = f" Did you mean {near[0]!r}?" if near else f" It is one of {', '.join(kinds)}."
        return {"kind": f"There is no kind {draft.kind!r}.{hint}"}
    condition = kinds[draft.kind]
    wrong = condition.problems(draft.params, catalogue)
    if "hold" in condition.fields and not 0 <= draft.params.hold <= LONGEST_HOLD:
        wrong["hold"] = f"From 0 to {LONGEST_HOLD} minutes."
    if condition.windows is not None and not wrong:
        wrong |= _counted(draft, condition, catalogue) | _matchers(draft, condition, catalogue)
    return wrong


def _counted(draft: RuleDraft, condition: Condition, catalogue: Mapping[str, Series]) -> dict[str, str]:
    """Return what is wrong with what a rule counts for: each environment or release, which few series tell apart."""
    if "per" not in condition.fields or draft.params.per not in _TOLD_APART_BY_FEW:
        return {}
    by = set(condition.by(draft.params))
    windows = condition.windows(draft.params, 0.0) if condition.windows else ()
    for one in (catalogue[window.series] for window in windows if window.series in catalogue):
        if not by <= set(one.labels):
            there = [
                each.name for each in catalogue.values() if each.unit == one.unit and by <= set(each.labels)
            ]
            hint = f" Take {' or '.join(sorted(there))}." if there else ""
            return {"per": f"{one.name} does not tell one {draft.params.per} from another.{hint}"}
    return {}


def _matchers(draft: RuleDraft, condition: Condition, catalogue: Mapping[str, Series]) -> dict[str, str]:
    """Return what is wrong with matchers on a series: it must have the label, and count by it unless `=` asks."""
    windows = condition.windows(draft.params, 0.0) if condition.windows else ()
    by = condition.by(draft.params)
    for labels in (catalogue[window.series].labels for window in windows if window.series in catalogue):
        for told in _misplaced(draft, labels, by):
            return {"matchers": told}
    return {}


def _misplaced(draft: RuleDraft, labels: Collection[str], by: Collection[str]) -> Iterator[str]:
    for each in draft.matchers:
        if each.name not in labels:
            yield f"{each}: the series has no such label; it has {', '.join(labels)}."
        elif each.op is not Operator.EQUAL and each.name not in by:
            yield f"{each}: on a label it is not counted by only = is taken."
