"""Is it many monitors, or is it us? Pure.

Vedette is offline when every canary fails (addresses that are there whenever the Internet is). A resolver is at fault
when at least three monitors, and half of all that were checked of late, fail for want of an answer to their names.
"""

from collections.abc import Iterable

from vedette.monitors.types import Sighting, Surroundings

RESOLVER_CAUSES = frozenset({"servfail", "resolver-refused", "resolver-timeout", "resolver-unreachable"})
FRESH = 180.0
_MOST_ALONE, _SHARE = 3, 0.5


def judge(sightings: Iterable[Sighting], now: float) -> Surroundings:
    """Return what keeps single checks from telling anything, from the last check of each monitor."""
    fresh = [one for one in sightings if now - FRESH < one.at <= now]
    canaries = [one for one in fresh if one.canary]
    if canaries and not any(one.good for one in canaries):
        many = f"all {len(canaries)} canaries fail" if len(canaries) > 1 else "its canary fails"
        return Surroundings(reason=f"Vedette itself is offline: {many}.")
    lost = [one for one in fresh if not one.good and one.cause in RESOLVER_CAUSES]
    if len(lost) >= _MOST_ALONE and len(lost) >= _SHARE * len(fresh):
        reason = (
            f"The resolver is at fault: {len(lost)} of {len(fresh)} monitors get no answer to their names."
        )
        return Surroundings(reason=reason, causes=RESOLVER_CAUSES)
    return Surroundings()


def blocked(around: Surroundings, cause: str) -> str:
    """Return why a failed check of a cause tells nothing of its monitor; empty when it does."""
    return around.reason if around.reason and (not around.causes or cause in around.causes) else ""
