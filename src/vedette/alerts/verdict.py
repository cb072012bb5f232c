"""The sentences the alert pages open with. Pure."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vedette.alerts import routing
from vedette.alerts.types import MOST_COUNTED, Alert, Counts, Routing, Rule, Template
from vedette.signals.types import Severity

_DAY = 86_400.0
_BUILT_IN = "As long as nobody wrote routes, errors and thresholds are told alone and at once."


class Sent(Protocol):
    """A notice that would have been sent."""

    @property
    def at(self) -> float:
        """Return when."""
        ...

    @property
    def receivers(self) -> Sequence[str]:
        """Return to whom, by name."""
        ...


class Verdict(msgspec.Struct, frozen=True):
    """Tone (ok, warn, crit, off), icon, the sentence, and what is known beside it."""

    tone: str
    icon: str
    title: str
    text: str = ""


def of_patterns(found: Sequence[Template], now: float) -> Verdict:
    """Return how many patterns of messages are new; `found` are the newest, newest first."""
    fresh = [each for each in found if each.first_seen >= now - _DAY]
    if not found:
        return Verdict("off", "message-square", "No message was sorted yet.")
    if not fresh:
        return Verdict(
            "ok", "message-square", "Nothing was said in the last 24 hours that was not said before."
        )
    title = "One new kind of message" if len(fresh) == 1 else f"{len(fresh)} new kinds of messages"
    return Verdict("ok", "message-square", f"{title} in the last 24 hours.", fresh[0].pattern)


def of_alerts(firing: Sequence[Alert], counts: Counts, *, quiet: int = 0) -> Verdict:
    """Return what fires and what people were told of it.

    `firing` is what nobody has yet, worst first; `quiet` is how many others fire that are acknowledged, silenced or
    inhibited; `counts` are those of the last 24 hours.
    """
    told = _told(counts)
    if not firing and quiet:
        title = (
            "Nothing fires that needs somebody." if quiet > 1 else "The one alert that fires needs nobody."
        )
        return Verdict("ok", "bell", title, f"{_quiet(quiet)} {told}")
    if not firing:
        title = "Nothing fires." if counts.changed else "Nothing fires, and nothing did in the last 24 hours."
        return Verdict("ok", "bell", title, told if counts.changed else "")
    worst = firing[0]
    rest = counts.firing - quiet - 1
    least = "at least " if counts.firing > MOST_COUNTED else ""
    title = worst.title.rstrip(".") + (f", and {least}{rest} more fire." if rest > 0 else ".")
    tone = "crit" if worst.standing.severity.rank >= Severity.HIGH.rank else "warn"
    return Verdict(tone, "flame", title, f"{_quiet(quiet)} {told}" if quiet else told)


def of_preview(notices: Sequence[Sent]) -> str:
    """Return what a rule would have sent, in a sentence."""
    if not notices:
        return "It would have sent nothing."
    whom = sorted({name for each in notices for name in each.receivers})
    sent = "1 notice" if len(notices) == 1 else f"{len(notices)} notices"
    days = len({int(each.at // 86_400) for each in notices})
    on = "on 1 day" if days == 1 else f"on {days} days"
    return f"It would have sent {sent} {on}, to {', '.join(whom) or 'nobody: there is no channel'}."


def of_rules(rules: Sequence[Rule], channels: int) -> Verdict:
    """Return whether the rules lead anywhere; `channels` is the number of enabled ones."""
    on = [rule for rule in rules if rule.enabled]
    if not on:
        return Verdict("off", "bell-off", "No rule is switched on, so nobody is told of anything.")
    if not channels:
        text = "Add a channel under Notifications."
        return Verdict("warn", "bell-off", f"{_rules(len(on))} on, but there is no channel to tell.", text)
    off = len(rules) - len(on)
    return Verdict("ok", "bell", f"{_rules(len(on))} on.", f"{_rules(off)} off." if off else "")


def of_silences(active: int, held: int) -> Verdict:
    """Return how many silences hold now, and how many alerts that fire they keep quiet."""
    if not active:
        return Verdict("off", "bell", "Nothing is silenced.", "What fires is told as the routes say.")
    title = "1 silence holds now." if active == 1 else f"{active} silences hold now."
    if not held:
        return Verdict("ok", "bell-off", title, "Nothing fires that they keep quiet.")
    return Verdict(
        "warn", "bell-off", title, f"{held} {'alert fires' if held == 1 else 'alerts fire'} unheard."
    )


def of_routing(table: Routing) -> Verdict:
    """Return how many routes there are, where they are written, and who is told what no other takes."""
    n = len(routing.every(table.tree)) - 1
    rest = table.tree.receiver or routing.DEFAULT_RECEIVER
    if not n:
        told = _BUILT_IN if table.source == "built-in" else ""
        return Verdict("ok", "network", f"Everything goes to {rest}.", told)
    title = "1 route leads alerts to people." if n == 1 else f"{n} routes lead alerts to people."
    return Verdict("ok", "network", title, f"What none of them takes goes to {rest}.")


def _quiet(n: int) -> str:
    return f"{n} {'alert is' if n == 1 else 'alerts are'} acknowledged, silenced or inhibited."


def _told(counts: Counts) -> str:
    told = f"{_some(counts.changed, 'alert')} and {_some(counts.notices, 'notice')} in the last 24 hours."
    return told[0].upper() + told[1:]


def _some(n: int, word: str) -> str:
    if n > MOST_COUNTED:
        return f"more than {MOST_COUNTED} {word}s"
    return f"1 {word}" if n == 1 else f"{n} {word}s"


def _rules(n: int) -> str:
    return "1 rule is" if n == 1 else f"{n} rules are"
