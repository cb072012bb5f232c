"""What a pushed alert tells a person: its title, how bad it is, where it leads. Pure; nothing of it is trusted.

Whoever pushes says in free words what Vedette has words of its own for: `severity: warning` is low here. The label
itself stays as it was sent, for routes and silences look at it.
"""

from collections.abc import Mapping

from vedette.alerts.telling import Story
from vedette.alerts.types import Standing
from vedette.signals.types import Severity, SignalState
from vedette.wire.alertmanager import PushedAlert

LONGEST_TITLE = 300
LONGEST_TEXT = 4_000
LONGEST_LINK = 500
NOWHERE = "/alerts/"
HOOK = "Hook "  # before its name, in the place of a rule's
_WORDS: Mapping[Severity, str] = {
    Severity.INFO: "info information informational notice debug none ok p5 sev5",
    Severity.LOW: "low warning warn minor average p3 p4 sev3 sev4",
    Severity.HIGH: "high error err major severe p2 sev2",
    Severity.CRITICAL: "critical crit page emergency emerg fatal disaster p0 p1 sev0 sev1",
}
_SEVERITIES = {word: severity for severity, words in _WORDS.items() for word in words.split()}


def story(alert: PushedAlert, project: int | None, now: float) -> Story:
    """Return the story of a pushed alert as it stood when it came, at `now`."""
    labels, told = alert.labels, alert.annotations
    name = labels.get("alertname", "")
    return Story(
        labels=labels,
        annotations=told,
        seen=_standing(alert, now),
        title=_line(told.get("summary", "")) or _line(name) or _line(_written(labels)),
        text=told.get("description", told.get("message", ""))[:LONGEST_TEXT],
        link=link(alert.link),
        subject=_line(name)[:200],
        project=project,
        hook=f"{HOOK}{alert.hook}" if alert.hook else "",
    )


def severity(word: str) -> Severity:
    """Return what a sender's word means here; a word nobody knows, or none, is high."""
    return _SEVERITIES.get(word.strip().lower(), Severity.HIGH)


def link(address: str) -> str:
    """Return an address a person may be led to: http or https, else the page of alerts."""
    fit = address.lower().startswith(("http://", "https://")) and len(address) <= LONGEST_LINK
    return address if fit and address.isprintable() and " " not in address else NOWHERE


def _standing(alert: PushedAlert, now: float) -> Standing:
    return Standing(
        state=SignalState.FIRING if alert.ends > now else SignalState.RESOLVED,
        severity=severity(alert.severity or alert.labels.get("severity", "")),
        change=0,
        starts=alert.starts,
        ends=alert.ends,
    )


def _written(labels: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(labels.items()))


def _line(text: str) -> str:
    """Return a text as one line that can be printed."""
    words = " ".join(text[: 2 * LONGEST_TITLE].split())
    return "".join(sign for sign in words if sign.isprintable())[:LONGEST_TITLE]
