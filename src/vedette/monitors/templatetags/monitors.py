"""How the numbers of monitors read in pages."""

from collections.abc import Mapping

from django import template
from django.template import Context
from django.utils.safestring import SafeString, mark_safe

from vedette.instruments.probe import sentences
from vedette.monitors import calendars, objectives, phasing
from vedette.monitors.faring import Faring
from vedette.monitors.listing import SAID, Shown
from vedette.monitors.trying import Trial
from vedette.monitors.types import Budget, Glance, Maintenance, Rhythm
from vedette.ui import charts, words

register = template.Library()
_ABOUT = {
    "http": "Asks a web address as a browser would, and looks at status, body, certificate and how long it took.",
    "tcp": "Connects to a port, and may say something and wait for a greeting.",
    "tls": "Shakes hands, also after STARTTLS, and looks at the certificates.",
    "dns": "Asks for records, and whether name servers agree and DNSSEC proves them.",
    "icmp": "Sends a few echo requests, and counts what comes back.",
    "smtp": "Is greeted by a mail server, and says EHLO; no mail is sent.",
    "imap": "Is greeted by a server of mailboxes, and asks what it can do.",
    "ssh": "Reads the banner, and which algorithms are offered.",
    "websocket": "Shakes hands and pings; may send a message and wait for its answer.",
    "grpc": "Asks the health service of gRPC, of the server or of one service.",
    "postgres": "Signs in, and asks one thing that only reads.",
    "mysql": "Signs in to MySQL or MariaDB, and asks one thing that only reads.",
    "redis": "Pings, and looks at role, replication and memory.",
    "rabbitmq": "Signs in, opens a virtual host, and may look at a queue.",
    "nats": "Signs in and pings.",
    "mongodb": "Says hello and pings: is it primary, secondary, a router?",
    "docker": "Pings the engine, and looks whether containers run and are healthy.",
    "sqlite": "Looks whether a file is whole, and may ask it one thing.",
    "multi": "Takes several steps that share what they find, and cleans up whatever happened.",
    "journey": "Goes through an application in a real browser, by a script, and names the step that fails.",
    "heartbeat": "A backup, an import, a renewal: it says when it has run, and is down when it did not in time.",
}


@register.filter
def uptime(share: float | None) -> str:
    """Return the share a monitor was up as a percentage that never rounds an outage away; a dash where nothing is known."""
    if share is None:
        return "–"
    text = objectives.percent(share).replace(" ", words.NB)
    return text.replace(f"100.00{words.NB}", f"100{words.NB}")


@register.filter
def ms(value: float | None) -> str:
    """Return milliseconds as people read them: `71 ms`, `2 310 ms`, `0.4 ms`; a dash for none."""
    if value is None:
        return "–"
    return f"{words.number(round(value) if value >= 10 else round(value, 1))}{words.NB}ms"


@register.simple_tag
def beats(glance: Glance) -> SafeString:
    """Return the bar of a monitor's last 24 hours."""
    return bar(glance.beats, f"Last 24 hours: {said(glance.day.share, glance.day.down)}")


def bar(found: str, sentence: str) -> SafeString:
    """Return a bar of beats with its sentence."""
    return mark_safe(charts.heartbeat(found, sentence))  # noqa: S308 - charts escapes what it writes


def said(share: float | None, down: float) -> str:
    """Return how a time went in words."""
    if share is None:
        return "nothing is known"
    return f"up {uptime(share)}" + (f", down {words.duration(down)}" if down >= 1 else "")


@register.filter
def tone(state: str) -> str:
    """Return the tone of a state: ok, warn, crit or off."""
    return SAID[Shown(state)][0]


@register.filter
def word(state: str) -> str:
    """Return a state in a word."""
    return SAID[Shown(state)][1]


@register.filter
def lasted(until: float, since: float) -> str:
    """Return how long something lasted, from two instants."""
    return words.duration(until - since)


@register.filter
def spent(budget: Budget) -> float:
    """Return the share of an error budget that is spent."""
    return budget.spent / budget.allowed if budget.allowed else 1.0


@register.filter
def common(name: str) -> str:
    """Return the common name of a certificate's owner."""
    return sentences.name_of(name)


@register.filter
def text(body: bytes) -> str:
    """Return what was sent as text."""
    return body.decode(errors="replace")


@register.filter
def phases(found: Mapping[str, float] | None) -> list[tuple[str, float]]:
    """Return the phases of a check in their order, each with its name."""
    return [(phasing.SAID[name], found[name]) for name in phasing.SAID if found and name in found]


@register.filter
def tried(trial: Trial) -> list[tuple[str, float, bool]]:
    """Return the phases of a test in their order: name, milliseconds, and whether it is in it now."""
    done = [(phasing.SAID.get(name, name), value, False) for name, value in trial.phases.items()]
    return [*done, (phasing.SAID.get(trial.at, trial.at), 0.0, True)] if trial.at and not trial.over else done


@register.filter
def about(kind: str) -> str:
    """Return what a kind of monitors does, in a sentence; empty for one we have no words for."""
    return _ABOUT.get(kind, "")


@register.filter
def fared_words(found: Faring) -> str:
    """Return what the chart of a place says in words."""
    half, most = found.phased.p50 or 0.0, found.phased.p95 or 0.0
    checks = words.number(found.phased.checks)
    return f"Median response time from {found.name}, last 24 hours. Half of {checks} checks took {half:.0f} ms or less, 95 % took {most:.0f} ms or less"


@register.filter
def rhythm(rules: Rhythm) -> str:
    """Return the schedule of a heartbeat in words."""
    return calendars.schedule(rules.schedule)


@register.simple_tag(takes_context=True)
def window(context: Context, found: Maintenance) -> str:
    """Return when a maintenance is, in words."""
    return calendars.said(found, float(context["now"]), str(context.get("tz") or "UTC"))


@register.simple_tag(takes_context=True)
def clocktimes(context: Context, slot: calendars.Slot) -> str:
    """Return from when to when a maintenance is on its day, by the reader's clock."""
    zone = str(context.get("tz") or "UTC")
    return f"{words.clock(slot.starts, zone)}–{words.clock(slot.ends, zone)}"
