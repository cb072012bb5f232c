"""Is Vedette itself well? A pure decision over its vital signs: fine, behind, or blind."""

import msgspec

from vedette.ui import words

BEHIND_SECONDS = 15.0
FAR_BEHIND_SECONDS = 120.0
LATE_SECONDS = 120.0
QUIET_SECONDS = 900.0
QUIET_TIMES = 20.0
TIGHT_TIMES = 4


class Vitals(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of Vedette's own parts. Instants are seconds, UTC; None for "never" or "none"."""

    waiting: int = 0
    waiting_since: float | None = None
    outbox: int = 0
    outbox_since: float | None = None
    failing_channels: int = 0
    last_event_at: float | None = None
    usual_per_hour: float = 0.0
    free_bytes: int | None = None
    min_free_bytes: int = 0
    stopped_roles: tuple[str, ...] = ()
    crowded_senders: int = 0
    password_filter: str = ""
    certificate: str = ""


class Health(msgspec.Struct, frozen=True):
    """The verdict: `state` is fine, behind or blind; `word` for the top bar, `sentence` for the Overview, and why."""

    state: str
    tone: str
    word: str
    sentence: str
    reason: str


FINE = Health(
    "fine",
    "ok",
    "Vedette is well",
    "Vedette keeps up and hears everything.",
    "No vital sign is out of its range.",
)


def judge(vitals: Vitals, now: float) -> Health:
    """Return the worst that holds: blind (events are refused or missing) before behind (late) before fine."""
    checks = (
        _disk_full,
        _roles,
        _quiet,
        _digest,
        _outbox,
        _channels,
        _senders,
        _disk_tight,
        _certificate,
        _password_filter,
    )
    return next((found for found in (check(vitals, now) for check in checks) if found), FINE)


def _disk_full(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    free = vitals.free_bytes
    if free is None or free >= vitals.min_free_bytes:
        return None
    text = f"The disk has {words.size(free)} left, so new events are refused. Free some space; Vedette goes on by itself."
    return Health(
        "blind",
        "crit",
        "Vedette is blind",
        text,
        f"free {free} < min_free_disk_bytes {vitals.min_free_bytes}",
    )


def _roles(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    if not vitals.stopped_roles:
        return None
    names = ", ".join(vitals.stopped_roles)
    text = f"A part of Vedette stands still ({names}). Events are kept safe; read Vedette's log, then restart it."
    return Health("blind", "crit", "Vedette is blind", text, f"stopped: {names}")


def _quiet(vitals: Vitals, now: float) -> Health | None:
    """Silence counts only where events usually come: 20 usual gaps and 15 minutes without one."""
    if vitals.last_event_at is None or vitals.usual_per_hour <= 0:
        return None
    silence, gap = now - vitals.last_event_at, 3600 / vitals.usual_per_hour
    if silence < max(QUIET_SECONDS, QUIET_TIMES * gap):
        return None
    usual = words.number(round(vitals.usual_per_hour))
    text = f"No event for {words.duration(silence)}; usually {usual} an hour come. Is the application up, does it reach Vedette?"
    return Health("blind", "off", "No data", text, f"silent {silence:.0f} s, usual gap {gap:.0f} s")


def _digest(vitals: Vitals, now: float) -> Health | None:
    age = now - vitals.waiting_since if vitals.waiting_since is not None else 0.0
    if vitals.waiting == 0 or age < BEHIND_SECONDS:
        return None
    waits = "event waits" if vitals.waiting == 1 else "events wait"
    text = f"Vedette is behind: {words.number(vitals.waiting)} {waits}, the oldest since {words.duration(age)}. None is lost."
    tone = "crit" if age >= FAR_BEHIND_SECONDS else "warn"
    return Health("behind", tone, "Vedette is behind", text, f"oldest undigested event {age:.0f} s")


def _outbox(vitals: Vitals, now: float) -> Health | None:
    age = now - vitals.outbox_since if vitals.outbox_since is not None else 0.0
    if vitals.outbox == 0 or age < LATE_SECONDS:
        return None
    waits = "notification waits" if vitals.outbox == 1 else "notifications wait"
    text = (
        f"{words.number(vitals.outbox)} {waits} since {words.duration(age)}. Look at Settings, Notifications."
    )
    return Health(
        "behind", "warn", "Notifications late", text, f"oldest undelivered notification {age:.0f} s"
    )


def _channels(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    count = vitals.failing_channels
    if not count:
        return None
    named = "A notification channel fails" if count == 1 else f"{count} notification channels fail"
    return Health(
        "behind",
        "warn",
        named,
        f"{named}: people may not hear of trouble. Test it under Settings, Notifications.",
        "channels fail",
    )


def _senders(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    count = vitals.crowded_senders
    if not count:
        return None
    who = "A key or token pushes" if count == 1 else f"{count} keys or tokens push"
    text = (
        f"{who} more alerts than it may have, so some are refused (429); others are not touched by it."
        " Give those alerts fewer labels whose values change, or raise max_alerts_per_key."
    )
    return Health("behind", "warn", "Alerts refused", text, f"{count} senders were refused alerts lately")


def _disk_tight(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    free = vitals.free_bytes
    if free is None or free >= TIGHT_TIMES * vitals.min_free_bytes:
        return None
    text = f"The disk has {words.size(free)} left; below {words.size(vitals.min_free_bytes)} new events are refused."
    return Health("behind", "warn", "Disk nearly full", text, f"free {free}")


def _certificate(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    if not vitals.certificate:
        return None
    return Health(
        "behind", "warn", "Certificate in trouble", vitals.certificate, "the certificate is not renewed"
    )


def _password_filter(vitals: Vitals, now: float) -> Health | None:  # noqa: ARG001 - the checks share one shape
    if not vitals.password_filter:
        return None
    text = f"New passwords are not compared with leaked ones. {vitals.password_filter}"
    return Health(
        "behind", "warn", "Password filter broken", text, "the filter of leaked passwords is broken"
    )
