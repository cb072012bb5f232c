"""What the page of findings says first: what must be fixed this week, and the worst of it."""

from collections.abc import Mapping

import msgspec

from vedette.scans.types import Known, Life, Week
from vedette.wire.finding import Severity


class Verdict(msgspec.Struct, frozen=True):
    """A sentence, what is said beside it, its tone and icon."""

    title: str
    text: str
    tone: str
    icon: str


TONES = {
    Severity.CRITICAL: "crit",
    Severity.HIGH: "crit",
    Severity.MEDIUM: "warn",
    Severity.LOW: "warn",
    Severity.INFO: "off",
}
LIVES = {
    Life.OPEN: ("crit", "Open"),
    Life.FIXED: ("ok", "Fixed"),
    Life.ACCEPTED: ("warn", "Accepted"),
    Life.FALSE: ("off", "No weakness"),
}


def of_list(week: Week, states: Mapping[str, int], *, scanned: bool) -> Verdict:
    """Return what the list of findings says first; `states` are how many there are in each, `scanned`: there is a target."""
    still = states.get(Life.OPEN, 0)
    if week.count:
        title = f"{week.count:,} must be fixed this week; the worst: {name(week.findings[0])}"
        late = f"{week.late:,} {'is' if week.late == 1 else 'are'} late. " if week.late else ""
        return Verdict(
            title,
            f"{late}{still:,} {_are(still)} open in all.",
            "crit" if week.late else "warn",
            "octagon-alert",
        )
    if still:
        return Verdict(
            "Nothing must be fixed this week",
            f"{still:,} {_are(still)} open, with time left.",
            "ok",
            "shield-check",
        )
    if not scanned:
        return Verdict(
            "Nothing was scanned yet",
            "Nobody can say what is weak before something was looked at.",
            "off",
            "octagon-alert",
        )
    return Verdict("No weakness is open", f"{states.get(Life.FIXED, 0):,} were fixed.", "ok", "shield-check")


def name(one: Known) -> str:
    """Return what a finding is called: its title, and in what where that does not say so."""
    found = one.finding
    return (
        f"{found.title} in {found.subject}"
        if found.subject and found.subject not in found.title
        else found.title
    )


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
