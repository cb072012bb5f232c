"""How what intruders do reads to a person: only what deserves one. Bans are moments of the story, not alerts."""

from collections.abc import Sequence

from vedette.intrusions.types import ROOM
from vedette.signals.types import Moment, Severity, Signal, SignalState
from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Decision, Detection

SUCCESS, USER, WAVE, IDLE, LIST = (
    "intrusions.success", "intrusions.user-banned", "intrusions.wave", "intrusions.not-enforced", "intrusions.list",
)  # fmt: skip
_SUCCEEDED = "success-after-failures"
MOST_MOMENTS = 20


def address_link(value: str) -> str:
    """Return the path of an address's page."""
    return f"/bans/{value.replace('/', '_')}/"


def is_success(detection: Detection) -> bool:
    """Tell whether somebody got in after many failures."""
    return detection.rule.endswith(_SUCCEEDED)


def of_success(place: str, detection: Detection, now: float) -> Signal:
    """Return that a sign-in succeeded after many failures."""
    who = f" as {detection.user}" if detection.user else ""
    title = (
        f"{place}: somebody got in{who} after many failures, from {detection.address or 'an unknown address'}"
    )
    return Signal(
        room=ROOM, kind=SUCCESS, subject=detection.address or place, severity=Severity.CRITICAL, state=SignalState.INFO,
        at=now, title=title[:300], text=detection.reason, link=address_link(detection.address) if detection.address else "/bans/",
        labels={"host": place, "rule": detection.rule, "address": detection.address},
    )  # fmt: skip


def of_user(decision: Decision, people: Sequence[str], now: float) -> Signal:
    """Return that a real user is banned."""
    names = "; ".join(people[:3])
    return Signal(
        room=ROOM, kind=USER, subject=decision.value, severity=Severity.HIGH, state=SignalState.FIRING, at=now,
        title=f"A real user is banned: {names} at {decision.value}"[:300], text=decision.reason,
        link=address_link(decision.value), labels={"address": decision.value},
    )  # fmt: skip


def user_free(target: Target, now: float) -> Signal:
    """Return that a real user is banned no longer."""
    return Signal(
        room=ROOM, kind=USER, subject=target.value, severity=Severity.HIGH, state=SignalState.RESOLVED, at=now,
        title=f"{target.value} is banned no longer", link=address_link(target.value), labels={"address": target.value},
    )  # fmt: skip


def of_wave(fresh: int, now: float, *, over: bool) -> Signal:
    """Return that many addresses attack that never did, or that this is over."""
    title = (
        "The wave of new attackers is over"
        if over
        else f"{fresh} addresses that never attacked before were judged within 10 min"
    )
    return Signal(
        room=ROOM, kind=WAVE, subject="new attackers", severity=Severity.HIGH,
        state=SignalState.RESOLVED if over else SignalState.FIRING, at=now, title=title, link="/bans/",
    )  # fmt: skip


def of_idle(host: str, name: str, now: float, *, over: bool) -> Signal:
    """Return that a host only simulates a set that it is told to enforce, or that it enforces it."""
    title = (
        f"{host} enforces {name}"
        if over
        else f"{host} only simulates {name}, though it is told to enforce it"
    )
    text = (
        ""
        if over
        else "Its agent may be too old, may not be heard of, or its own configuration says otherwise: `vedette agent status` there tells."
    )
    return Signal(
        room=ROOM, kind=IDLE, subject=f"{host} {name}", severity=Severity.HIGH,
        state=SignalState.RESOLVED if over else SignalState.FIRING, at=now, title=title, text=text, link="/bans/rules/",
        labels={"host": host, "set": name},
    )  # fmt: skip


def of_list(name: str, problem: str, now: float) -> Signal:
    """Return that a list cannot be read, or can again."""
    title = f"The list {name} cannot be read" if problem else f"The list {name} is read again"
    return Signal(
        room=ROOM, kind=LIST, subject=name, severity=Severity.LOW, state=SignalState.FIRING if problem else SignalState.RESOLVED,
        at=now, title=title, text=problem and f"{problem} What it named before stands until it is over.", link="/bans/lists/",
        labels={"list": name},
    )  # fmt: skip


def moments(banned: Sequence[Decision], now: float) -> list[Moment]:
    """Return the lines of the story about new bans; of very many the first ones, and one for the rest."""
    found = [_moment(one) for one in banned[:MOST_MOMENTS]]
    left = len(banned) - len(found)
    if left > 0:
        found.append(
            Moment(
                at=now,
                room=ROOM,
                kind="intrusions.ban",
                subject="",
                text=f"{left} more were banned",
                link="/bans/",
            )
        )
    return found


def _moment(one: Decision) -> Moment:
    return Moment(
        at=one.at, room=ROOM, kind="intrusions.ban", subject=one.value, text=f"{one.origin} banned {one.value}: {one.reason}"[:500],
        link=address_link(one.value),
    )  # fmt: skip
