"""Who hears of it: one person's preferences against what something is to them. Pure; the reason is fit to be shown."""

import re

import msgspec

from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.notify import hours
from vedette.notify.types import Concern, Hearing, Preferences

SEVERITIES = ("info", "low", "high", "critical")
LONGEST_QUIET = 90 * 86_400.0


def hears(wants: Preferences, concern: Concern, now: float) -> Hearing:
    """Decide whether a person is told; the quiet keeps everything from them, also what names them; what is critical passes quiet hours, not the quiet."""
    if concern.own:
        return Hearing(False, "They did it themselves.")
    heard = _wanted(wants, concern)
    if heard.tell and wants.quiet_until is not None and now < wants.quiet_until:
        return Hearing(False, f"They want quiet until {iso(wants.quiet_until)}.", quieted=True)
    return _by_hours(wants, concern, now) or heard if heard.tell else heard


def mentioned(text: str, name: str, email: str) -> bool:
    """Tell whether a comment names a person: @ with the whole name, the first name, or what the e-mail begins with."""
    called = {name, name.partition(" ")[0], email.partition("@")[0]} - {""}
    return any(re.search(rf"(?<![\w@])@{re.escape(one)}(?!\w)", text, re.IGNORECASE) for one in called)


def checked(wants: Preferences, projects: frozenset[int], now: float) -> Preferences:
    """Return preferences fit to be kept, a quiet that is over left out; raises `Invalid` naming the wrong field."""
    wrong = {}
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


def _by_hours(wants: Preferences, concern: Concern, now: float) -> Hearing | None:
    quiet = wants.hours
    if quiet is None or (concern.severity == "critical" and not quiet.critical):
        return None
    end = hours.until(quiet, now)
    if end is None:
        return None
    return Hearing(False, f"They have quiet hours until {iso(end)}.", quieted=True)


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
