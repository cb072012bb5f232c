"""The sentence the list of incidents opens with. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.incidents.spans import span
from vedette.incidents.types import Incident, IncidentState


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence, what stands under it, its tone and icon."""

    tone: str
    icon: str
    title: str
    text: str


STATES: dict[IncidentState, tuple[str, str]] = {
    IncidentState.OPEN: ("crit", "Open"),
    IncidentState.ACKNOWLEDGED: ("warn", "Acknowledged"),
    IncidentState.MITIGATED: ("warn", "Mitigated, watching"),
    IncidentState.RESOLVED: ("ok", "Resolved"),
    IncidentState.MERGED: ("off", "Merged"),
}


def of_list(found: Sequence[Incident], past: bool, now: float) -> Verdict:
    """Return the sentence over open incidents (the worst first); `past` tells whether there ever was another."""
    if not found:
        text = (
            "What is over stands below."
            if past
            else "A rule declares one when its alerts fire, or somebody does by hand."
        )
        return Verdict(tone="ok", icon="shield-check", title="No incident is open.", text=text)
    worst = found[0]
    waiting = [one for one in found if one.state is IncidentState.OPEN]
    title = (
        f"1 incident is open: {worst.title}."
        if len(found) == 1
        else f"{len(found)} incidents are open; {worst.title} is the worst."
    )
    who = (
        "Nobody has acknowledged it yet."
        if len(waiting) == 1
        else f"{len(waiting)} of them wait for somebody."
    )
    text = f"SEV {worst.severity.value}, for {span(max(1.0, now - worst.started_at))}. {who if waiting else 'Somebody is on it.'}"
    tone = "crit" if waiting or worst.severity <= 2 else "warn"
    return Verdict(tone=tone, icon="flame", title=title.replace("..", "."), text=text)
