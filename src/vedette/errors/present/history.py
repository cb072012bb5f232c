"""Say what happened to an issue, line by line, with an icon and a tone."""

from collections.abc import Sequence

import msgspec

from vedette.errors.types import Entry

_MARKS = {
    "new": ("bug", "crit"), "regressed": ("triangle-alert", "crit"), "resolved": ("check", "ok"),
    "reopened": ("rotate-ccw", ""), "muted": ("bell-off", ""), "unmuted": ("bell", ""), "escalated": ("triangle-alert", "crit"), "assigned": ("user", ""),
    "unassigned": ("user", ""), "joined": ("corner-down-right", ""), "merged": ("corner-down-right", ""),
    "split": ("external-link", ""), "undone": ("undo-2", ""), "comment": ("message-square", ""),
}  # fmt: skip


class Line(msgspec.Struct, frozen=True):
    """One line of the timeline; a comment stands in `note`."""

    at: float
    who: str
    text: str
    icon: str
    tone: str
    note: str = ""


def lines(entries: Sequence[Entry]) -> tuple[Line, ...]:
    """Return the lines of a history in its own order."""
    return tuple(_line(entry) for entry in entries)


def escalated(entries: Sequence[Entry]) -> str:
    """Return why an issue escalated last, "" when it never did."""
    return next((entry.text for entry in entries if entry.kind == "escalated"), "")


def _line(entry: Entry) -> Line:
    icon, tone = _MARKS.get(entry.kind, ("history", ""))
    if entry.kind == "comment":
        return Line(entry.at, entry.who, "wrote", icon, tone, entry.text)
    return Line(entry.at, entry.who if entry.user is not None else "", entry.text, icon, tone)
