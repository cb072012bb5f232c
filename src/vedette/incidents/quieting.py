"""Is it over by itself? Pure: so long after its last alert ended, an incident resolves."""

import msgspec

from vedette.incidents.types import Incident


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an incident is over, since when it is quiet (None: it is not), and why."""

    over: bool
    since: float | None
    reason: str


def decide(incident: Incident, attached: int, firing: int, last_end: float | None, now: float) -> Quiet:
    """Decide by how many alerts are attached, how many of them fire, and when the last one ended."""
    if not incident.is_open:
        return Quiet(over=False, since=incident.quiet_since, reason="It is not open.")
    if attached == 0:
        return Quiet(
            over=False, since=None, reason="No alert belongs to it: somebody has to say that it is over."
        )
    if firing:
        return Quiet(
            over=False, since=None, reason=f"{firing} of its alerts {'fires' if firing == 1 else 'fire'}."
        )
    since = last_end if last_end is not None else now
    if incident.quiet_since is not None:
        since = max(since, incident.quiet_since)
    if incident.quiet_minutes == 0:
        return Quiet(over=False, since=since, reason="It waits for somebody, however long it is quiet.")
    over = now - since >= incident.quiet_minutes * 60.0
    reason = (
        f"No alert fired for {incident.quiet_minutes} min."
        if over
        else "It is not quiet for long enough yet."
    )
    return Quiet(over=over, since=since, reason=reason)
