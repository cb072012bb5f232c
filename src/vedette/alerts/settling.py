"""Whether somebody takes care of what a notice told: asked before a later step of a person's rule is sent."""

from vedette.alerts import builtin, hearkening
from vedette.alerts.hearkening import Heard
from vedette.alerts.store import alerts as store
from vedette.alerts.store import silences as silence_store
from vedette.alerts.types import Member
from vedette.notify.types import Notice


def settled(notice: Notice, now: float) -> str:
    """Return why nobody needs to be told more of a notice: over, acknowledged, or kept quiet; "" while somebody does.

    Of a notice with more alerts than it names, the named ones being over says nothing of the rest.
    """
    firing = [each for each in _heard(notice, now) if each.fires]
    if not firing:
        return "" if notice.truncated or not notice.alerts else "It is over."
    open_ones = [each for each in firing if each.alert.acked_at is None]
    if not open_ones:
        who = sorted({each.alert.acked_by for each in firing})
        return f"Acknowledged by {', '.join(who)}."
    quiet = all(each.quiet.by for each in open_ones)
    return f"{open_ones[0].quiet.reason.rstrip('.')}." if quiet else ""


def _heard(notice: Notice, now: float) -> list[Heard]:
    found = store.find([told.fingerprint for told in notice.alerts])
    table, silences = builtin.table(), silence_store.silences(now)
    sources = silence_store.firing_sources
    return [hearkening.heard(Member(each, ""), table, silences, sources, now) for each in found.values()]
