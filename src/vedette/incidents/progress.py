"""How far is an incident? Pure: each act leads from some states to one, or changes nothing and says why."""

import enum
from collections.abc import Mapping

import msgspec

from vedette.incidents.types import Incident, IncidentState


class Act(enum.StrEnum):
    """What moves an incident on."""

    ACKNOWLEDGE = "acknowledge"
    MITIGATE = "mitigate"
    RESOLVE = "resolve"
    REOPEN = "reopen"


class Step(msgspec.Struct, frozen=True):
    """An incident after an act, None when the act changes nothing; and why."""

    incident: Incident | None
    reason: str


_OPEN = frozenset({IncidentState.OPEN, IncidentState.ACKNOWLEDGED, IncidentState.MITIGATED})
_FROM: Mapping[Act, frozenset[IncidentState]] = {
    Act.ACKNOWLEDGE: frozenset({IncidentState.OPEN}),
    Act.MITIGATE: frozenset({IncidentState.OPEN, IncidentState.ACKNOWLEDGED}),
    Act.RESOLVE: _OPEN,
    Act.REOPEN: frozenset({IncidentState.RESOLVED}),
}
_TO: Mapping[Act, IncidentState] = {
    Act.ACKNOWLEDGE: IncidentState.ACKNOWLEDGED,
    Act.MITIGATE: IncidentState.MITIGATED,
    Act.RESOLVE: IncidentState.RESOLVED,
    Act.REOPEN: IncidentState.OPEN,
}


def step(incident: Incident, act: Act, now: float, *, by_hand: bool = True) -> Step:
    """Return the incident after an act at `now`; an act of a person (`by_hand`) acknowledges what nobody did before.

    The first acknowledgement stays, whatever comes after: it is what the time to acknowledge is counted from.
    """
    if incident.state is IncidentState.MERGED:
        return Step(None, f"It lives on in INC-{incident.merged_into}; act there.")
    if incident.state not in _FROM[act]:
        return Step(
            None,
            f"It is {incident.state} already." if incident.state is _TO[act] else f"It is {incident.state}.",
        )
    changes: dict[str, object] = {"state": _TO[act], "updated_at": now}
    if by_hand and act is not Act.REOPEN and incident.acked_at is None:
        changes["acked_at"] = now
    if act is Act.MITIGATE:
        changes["mitigated_at"] = now
    if act is Act.RESOLVE:
        changes |= {"resolved_at": now, "resolved_by_hand": by_hand}
    if act is Act.REOPEN:
        changes |= {"mitigated_at": None, "resolved_at": None, "resolved_by_hand": False, "quiet_since": None}
    return Step(msgspec.structs.replace(incident, **changes), f"It was {incident.state}.")


def merged(incident: Incident, into: Incident, now: float) -> Step:
    """Return the incident as it lives on in another one; nothing when it does already, or that one does.

    What is open lives on in what is open: alerts that fire are no part of what is over.
    """
    if incident.id == into.id:
        return Step(None, "An incident cannot be merged into itself.")
    if incident.state is IncidentState.MERGED:
        return Step(None, f"It was merged into INC-{incident.merged_into} already.")
    if into.state is IncidentState.MERGED:
        return Step(None, f"{into.key} itself lives on in INC-{into.merged_into}; merge into that.")
    if incident.is_open and not into.is_open:
        return Step(None, f"{into.key} is over; open it again first, for {incident.key} is open.")
    changed = msgspec.structs.replace(
        incident,
        state=IncidentState.MERGED,
        merged_into=into.id,
        resolved_at=incident.resolved_at or now,
        updated_at=now,
    )
    return Step(changed, f"It lives on in {into.key}.")
