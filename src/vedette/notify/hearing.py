"""Who hears of it: one person's preferences against what something is to them. Pure; the reason is fit to be shown."""

import re

import msgspec

from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.notify import hours, steps
from vedette.notify.types import SEVERITIES, Concern, Hearing, Preferences, QuietHours

LONGEST_QUIET = 90 * 86_400.0


def hears(wants: Preferences, concern: Concern, now: float) -> Hearing:
    """Decide whether a person is told; the quiet keeps everything from them, also what names them; what is critical passes quiet hours, not the quiet."""
    if concern.own:
        return Hearing(False, "They did it themselves.")
    heard = _wanted(wants, concern)
    why = hushed(wants, concern.severity, now) if heard.tell else ""
    return Hearing(False, why, quieted=True) if why else heard


def hushed(wants: Preferences, severity: str, now: float) -> str:
    """Return what keeps something of a severity from a person at `now`: their quiet or quiet hours; "" when nothing does."""
    if wants.quiet_until is not None and now < wants.quiet_until:
        return f"They want quiet until {iso(wants.quiet_until)}."
    if wants.hours is None or _passes(wants, wants.hours, severity):
        return ""
    end = hours.until(wants.hours, now)
    return "" if end is None else f"They have quiet hours until {iso(end)}."


def mentioned(text: str, name: str, email: str) -> bool:
    """Tell whether a comment names a person: @ with the whole name, the first name, or what the e-mail begins with."""
    called = {name, name.partition(" ")[0], email.partition("@")[0]} - {""}
    return any(re.search(rf"(?<![\w@])@{re.escape(one)}(?!\w)", text, re.IGNORECASE) for one in called)


def checked(wants: Preferences, projects: frozenset[int], own: frozenset[int], now: float) -> Preferences:
    """Return preferences fit to be kept, a quiet that is over left out; raises `Invalid` naming the wrong field.

    `projects` and `own` are the ids of the projects there are, and of the person's own channels.
    """
    wrong = steps.problems(wants, own)
    if wants.severity is not None and wants.severity not in SEVERITIES:
        wrong["severity"] = f"One of {', '.join(SEVERITIES)}."
    if not set(wants.projects) <= projects:
        wrong["projects"] = "One of these projects does not exist."
    if wants.quiet_until is not None and wants.quiet_until > now + LONGEST_QUIET:
        wrong["quiet_until"] = "At most 90 days ahead."
    if wants.hours is not None:
        wrong |= hours.problems(wants.hours)
    if wrong:
        raise Invalid("These preferences cannot be kept.", wrong)
    over = wants.quiet_until is not None and wants.quiet_until <= now
    return msgspec.structs.replace(wants, quiet_until=None) if over else wants


def _passes(wants: Preferences, quiet: QuietHours, severity: str) -> bool:
    if severity == "critical":
        return not quiet.critical
    return quiet.important and steps.which(wants, severity) == steps.IMPORTANT


def _wanted(wants: Preferences, concern: Concern) -> Hearing:
    theirs = (
        (concern.named, "The rule names them."),
        (concern.mentioned and wants.followed, "The comment mentions them."),
        (concern.assigned and wants.assigned, "It is assigned to them."),
        (concern.followed and wants.followed, "They follow it."),
    )
    why = next((reason for so, reason in theirs if so), "")
    if why:
        return Hearing(True, why)
    return Hearing(False, "It is not theirs.") if concern.personal else _by_severity(wants, concern)


def _by_severity(wants: Preferences, concern: Concern) -> Hearing:
    if wants.severity is None:
        return Hearing(False, "They want only what is theirs.")
    if wants.projects and concern.project not in wants.projects:
        return Hearing(False, "It is of a project they did not choose.")
    if SEVERITIES.index(concern.severity) < SEVERITIES.index(wants.severity):
        return Hearing(False, f"Severity {concern.severity} is below {wants.severity}.")
    return Hearing(True, f"They want everything from {wants.severity} on.")
