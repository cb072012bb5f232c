"""The sentence the Overview opens with: a pure decision over what the rooms report."""

import statistics
from collections.abc import Sequence

import msgspec

from vedette.ui import words
from vedette.web.health import Health

RISE = 3.0
ENOUGH = 5.0


class Rate(msgspec.Struct, frozen=True):
    """Errors a minute: now, and usually (the median of the last day)."""

    now: float
    usual: float

    @property
    def times(self) -> float:
        """Return how many times the usual rate the present one is."""
        return self.now / max(self.usual, 0.05)

    @property
    def said(self) -> str:
        """Return the multiple in words, empty where usually next to nothing comes."""
        if self.usual < 0.05:
            return ""
        return f"×{self.times:.1f}" if self.times < 10 else f"×{round(self.times)}"

    @property
    def risen(self) -> bool:
        """Tell whether the rate is far above usual and worth a look."""
        return self.now >= ENOUGH and self.times >= RISE


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What the rooms report. `worst_title` and `worst_link` name the worst issue of now, empty when there is none; `down` is how many
    monitors are down, with name, reason and page of the first of them; `incidents` is how many are open, with title, state and page
    of the worst.
    """

    projects: int
    has_events: bool
    rate: Rate
    new: int = 0
    regressed: int = 0
    escalating: int = 0
    unassigned: int = 0
    worst_title: str = ""
    worst_link: str = ""
    down: int = 0
    down_name: str = ""
    down_why: str = ""
    down_link: str = ""
    incidents: int = 0
    incident_title: str = ""
    incident_text: str = ""
    incident_link: str = ""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The sentence, what stands under it, and the one thing to do next. `state` is one of the five below."""

    state: str
    tone: str
    icon: str
    title: str
    text: str
    href: str = ""
    verb: str = ""
    reason: str = ""


def rate(counts: Sequence[float], step: float, recent: int = 1) -> Rate:
    """Return the rate of counts in buckets of `step` seconds: the last `recent` full ones against the median."""
    per_minute = [c / step * 60 for c in counts]
    if not per_minute:
        return Rate(0.0, 0.0)
    return Rate(sum(per_minute[-recent:]) / min(recent, len(per_minute)), statistics.median(per_minute))


def decide(trouble: Trouble, health: Health) -> Verdict:
    """Return blind before an open incident before failing before attention before fine; a house without projects or events says what to do."""
    if trouble.incidents and health.state != "blind":
        return _incident(trouble)
    if trouble.down and health.state != "blind":
        return _down(trouble)
    return _of_errors(trouble, health)


def _of_errors(trouble: Trouble, health: Health) -> Verdict:
    if trouble.projects == 0:
        return _no_project()
    if health.state == "blind":
        return _of_health("blind", "radio", health)
    if not trouble.has_events:
        return _no_event()
    if trouble.rate.risen:
        return _failing(trouble)
    if trouble.new or trouble.regressed or trouble.escalating:
        return _attention(trouble)
    return _of_health("attention", "hourglass", health) if health.state == "behind" else _fine(trouble)


def _no_project() -> Verdict:
    return Verdict(
        state="empty", tone="off", icon="package", title="No project yet.", href="/settings/projects/", verb="Add a project",
        text="A project is one application; its address (DSN) lets an SDK report errors here.", reason="There is no project.",
    )  # fmt: skip


def _no_event() -> Verdict:
    return Verdict(
        state="empty", tone="off", icon="inbox", title="Waiting for the first error.", href="/settings/projects/", verb="Set up an SDK",
        text="Nothing has come in yet. It shows here within 2 s of being sent.", reason="No event was ever accepted.",
    )  # fmt: skip


def _of_health(state: str, icon: str, health: Health) -> Verdict:
    return Verdict(
        state=state,
        tone=health.tone,
        icon=icon,
        title=health.word + ".",
        text=health.sentence,
        reason=health.reason,
    )


def _incident(trouble: Trouble) -> Verdict:
    one = trouble.incidents == 1
    more = "" if one else f" It is the worst of {words.number(trouble.incidents)} incidents."
    return Verdict(
        state="failing", tone="crit", icon="flame", title=f"{trouble.incident_title.rstrip('.')}.", text=f"{trouble.incident_text}{more}",
        href=trouble.incident_link, verb="Open the incident", reason=f"{trouble.incidents} incidents are open",
    )  # fmt: skip


def _down(trouble: Trouble) -> Verdict:
    one = trouble.down == 1
    return Verdict(
        state="failing", tone="crit", icon="flame", title=f"{trouble.down_name} is down." if one else f"{words.number(trouble.down)} monitors are down.",
        text=trouble.down_why if one else f"{trouble.down_name}: {trouble.down_why}", href=trouble.down_link if one else "/monitors/?state=down",
        verb="See why" if one else "See what is down", reason=f"{trouble.down} monitors are down",
    )  # fmt: skip


def _failing(trouble: Trouble) -> Verdict:
    now, times = words.number(round(trouble.rate.now)), trouble.rate.said
    leads = f"{trouble.worst_title} leads." if trouble.worst_title else "Look at the newest issues first."
    return Verdict(
        state="failing", tone="crit", icon="flame", title=f"Errors rose to {now} a minute, {times} the usual." if times else f"Errors rose to {now} a minute from next to none.", text=leads,
        href=trouble.worst_link or "/issues/", verb="See the error", reason=f"rate {trouble.rate.now:.1f}, usual {trouble.rate.usual:.1f}",
    )  # fmt: skip


def _attention(trouble: Trouble) -> Verdict:
    parts = []
    if trouble.new:
        parts.append(f"{words.number(trouble.new)} new {'issue' if trouble.new == 1 else 'issues'}")
    if trouble.regressed:
        parts.append(f"{words.number(trouble.regressed)} came back")
    if trouble.escalating:
        parts.append(f"{words.number(trouble.escalating)} escalated")
    said = " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))
    took = f"{words.number(trouble.unassigned)} of them wait for someone. " if trouble.unassigned else ""
    return Verdict(
        state="attention", tone="warn", icon="triangle-alert", title=f"{said} since yesterday.",
        text=f"{took}Errors come at their usual rate, {_rate(trouble.rate)}.", href=trouble.worst_link or "/issues/", verb="See the worst",
        reason=f"new {trouble.new}, regressed {trouble.regressed}, escalating {trouble.escalating}",
    )  # fmt: skip


def _fine(trouble: Trouble) -> Verdict:
    return Verdict(
        state="fine", tone="ok", icon="shield-check", title="Nothing new since yesterday.",
        text=f"Errors come at their usual rate, {_rate(trouble.rate)}. Vedette keeps up and hears everything.", reason="nothing new, rate as usual",
    )  # fmt: skip


def _rate(found: Rate) -> str:
    if found.now >= 1:
        return f"{words.number(round(found.now))} a minute"
    hourly = round(found.now * 60)
    return f"{words.number(hourly)} an hour" if hourly else "none right now"
