"""The sentence of one monitor: where it stands, since when, and why. Pure."""

from vedette.monitors.listing import SAID, Sentence, Shown, shown
from vedette.monitors.types import HEARTBEAT, Watched

_ICONS = {"crit": "flame", "warn": "triangle-alert", "ok": "shield-check"}
_TITLES = {
    Shown.DOWN: "{name} is down",
    Shown.DEGRADED: "{name} answers slowly",
    Shown.UNKNOWN: "Nothing is known of {name}",
    Shown.WAITING: "{name} waits for its first {sign}",
    Shown.UP: "{name} is up",
    Shown.PAUSED: "{name} is paused",
}


def sentence(watched: Watched, hushed: str) -> Sentence:
    """Return what a monitor's page opens with; `hushed` says why it is kept quiet, empty when it is not."""
    state, standing = shown(watched), watched.known.standing
    tone = SAID[state][0]
    sign = "heartbeat" if watched.monitor.kind == HEARTBEAT else "check"
    title = _TITLES[state].format(name=watched.monitor.name, sign=sign)
    said = [standing.reason if state in {Shown.DOWN, Shown.DEGRADED, Shown.UNKNOWN} else ""]
    if standing.flapping:
        said.append("It flaps: it went up and down again and again.")
    if hushed:
        said.append(f"{hushed.rstrip('.')}, so nobody is told.")
    if state is Shown.UP and standing.failures:
        times = "once" if standing.failures == 1 else f"{standing.failures} times"
        said.append(f"It failed {times} just now, and is checked again before that counts.")
    return Sentence(
        tone=tone,
        icon=_ICONS.get(tone, "circle-help"),
        title=title,
        text=" ".join(text for text in said if text),
    )
