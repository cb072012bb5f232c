"""Is a rule fit to be kept? Pure."""

from collections.abc import Collection

from vedette.alerts.types import RuleDraft

LONGEST_WINDOW = 1_440
MOST_EVENTS = 1_000_000_000
LONGEST_REPEAT = 60 * 24 * 30


def problems(
    draft: RuleDraft, channels: Collection[int], projects: Collection[int], people: Collection[int]
) -> dict[str, str]:
    """Return what is wrong with each field, given the ids of what there is; empty when fit."""
    wrong = {}
    if not 1 <= len(draft.name.strip()) <= 80:
        wrong["name"] = "Give the rule a name of at most 80 characters."
    if draft.project is not None and draft.project not in projects:
        wrong["project"] = "There is no such project."
    if not set(draft.channels) <= set(channels):
        wrong["channels"] = "One of these channels does not exist."
    if not set(draft.people) <= set(people):
        wrong["people"] = "One of these people does not exist."
    if not 1 <= draft.repeat_minutes <= LONGEST_REPEAT:
        wrong["repeat_minutes"] = f"From 1 to {LONGEST_REPEAT} minutes."
    return wrong | _threshold(draft)


def _threshold(draft: RuleDraft) -> dict[str, str]:
    wrong = {}
    if not 0 <= draft.params.count <= MOST_EVENTS:
        wrong["count"] = "A whole number, 0 or more."
    if not 1 <= draft.params.minutes <= LONGEST_WINDOW:
        wrong["minutes"] = f"From 1 to {LONGEST_WINDOW} minutes."
    return wrong
