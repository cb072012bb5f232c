"""What is said first of findings: what must be fixed this week, the worst of it, and what nobody knows."""

from collections.abc import Mapping, Sequence

from vedette.scans.types import Life, Outcome, Verdict, Week
from vedette.wire.finding import Severity

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


def of_list(week: Week, states: Mapping[str, int], outcomes: Sequence[Outcome | None]) -> Verdict:
    """Return what the list of findings says first.

    `states` are how many findings there are in each, `outcomes` what the last scan of each target came to, None where there
    was none. What could not be known or was not looked at is never called clean.
    """
    still, beside = states.get(Life.OPEN, 0), _beside(outcomes)
    if week.count:
        title = f"{week.count:,} must be fixed this week; the worst: {week.findings[0].name}"
        late = f"{week.late:,} {_are(week.late)} late. " if week.late else ""
        text = f"{late}{still:,} {_are(still)} open in all.{beside}"
        return Verdict(title, text, "crit" if week.late else "warn", "octagon-alert")
    if Outcome.BLIND in outcomes:
        return Verdict(
            beside.strip(), f"{still:,} {_are(still)} open of what was seen.", "crit", "octagon-alert"
        )
    tone, icon = ("off", "octagon-alert") if beside else ("ok", "shield-check")
    if still:
        text = f"{still:,} {_are(still)} open, with time left.{beside}"
        return Verdict("Nothing must be fixed this week", text, tone, icon)
    if not states and set(outcomes) <= {None}:
        text = "Nobody can say what is weak before something was looked at."
        return Verdict("Nothing was scanned yet", text, "off", "octagon-alert")
    return Verdict("No weakness is open", f"{states.get(Life.FIXED, 0):,} were fixed.{beside}", tone, icon)


def _beside(outcomes: Sequence[Outcome | None]) -> str:
    """Return what is not known, as sentences to follow another; nothing where every scan could look."""
    blind, waiting = outcomes.count(Outcome.BLIND), outcomes.count(None)
    told = f" {blind:,} {'scan' if blind == 1 else 'scans'} could not know." if blind else ""
    return (
        f"{told} {waiting:,} {'target was' if waiting == 1 else 'targets were'} not scanned yet."
        if waiting
        else told
    )


def _are(n: int) -> str:
    return "is" if n == 1 else "are"
