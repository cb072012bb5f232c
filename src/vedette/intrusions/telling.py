"""How attackers and the list of them read: the worst first, and a sentence that answers the page's question."""

from collections.abc import Mapping, Sequence

from vedette.intrusions.types import Attacker, Ban, Seen
from vedette.wire.agent.types import Detection

RANKS = {"critical": 3, "high": 2, "medium": 2, "low": 1, "info": 0}
_SHOWN, _NAMES = 3, 120


def attackers(seen: Sequence[Seen], bans: Mapping[str, Ban]) -> list[Attacker]:
    """Return who attacked, worst first: those nothing is done about, then by severity and number."""
    by_value: dict[str, list[Seen]] = {}
    for one in seen:
        if one.value:
            by_value.setdefault(one.value, []).append(one)
    found = [_attacker(value, each, bans.get(value)) for value, each in by_value.items()]
    return sorted(
        found, key=lambda one: (one.ban is not None, -RANKS.get(one.severity, 1), -one.count, one.value)
    )


def _attacker(value: str, seen: Sequence[Seen], ban: Ban | None) -> Attacker:
    told = [one.detection for one in seen]
    worst = max(told, key=lambda one: (RANKS.get(one.severity, 1), one.at))
    return Attacker(
        value=value, detections=len(told), count=sum(one.count for one in told),
        places=tuple(dict.fromkeys(one.place for one in seen)), rules=tuple(dict.fromkeys(one.rule for one in told)),
        services=tuple(dict.fromkeys(one.service for one in told if one.service)),
        first_at=min(one.first_at or one.at for one in told), last_at=max(one.at for one in told),
        severity=worst.severity, sentence=worst.reason, ban=ban, simulated=all(one.simulated for one in told),
    )  # fmt: skip


def signed_in(detection: Detection | None, host: str) -> tuple[str, ...]:
    """Return who signed in on a host from the address of a detection within a day before it, as the host tells."""
    said = "" if detection is None else detection.labels.get("signed_in", "")
    names = "".join(char for char in said if char.isprintable())[:_NAMES].strip(" ,")
    return (f"{names}, who signed in on {host}",) if names else ()


def several(names: Sequence[str], n: int = _SHOWN) -> str:
    """Return names in a row: `web1, web2 and 3 more`."""
    if len(names) <= n:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return f"{', '.join(names[:n])} and {len(names) - n} more"


def sentence(found: Sequence[Attacker], banned: int, people: int, when: str) -> tuple[str, str, str]:
    """Return what the page says first, what it says beside, and in which tone; `when` names the time that was looked at."""
    bans = f"{banned:,} {'is' if banned == 1 else 'are'} banned" if banned else "Nobody is banned"
    if people:
        who = "A real user is" if people == 1 else f"{people} real users are"
        of = "1 of them is somebody" if people == 1 else f"{people} of them are people"
        uses = "who uses" if people == 1 else "who use"
        text = f"{bans} in all; {of} {uses} Vedette or your applications. Look at them first: unban, or allow, by one click."
        return f"{who} banned.", text, "crit"
    free = [one for one in found if one.ban is None]
    if not found:
        return f"{bans}.", f"Nobody attacked in {when}.", "ok"
    attack = "1 address attacked" if len(found) == 1 else f"{len(found)} addresses attacked"
    if free and all(one.simulated for one in free):
        return (
            f"{attack}; {bans.lower() if banned else 'nobody is banned'}.",
            f"{len(free)} would have been judged, but their sets of rules only simulate.",
            "warn",
        )
    if free:
        return (
            f"{attack}; {bans.lower() if banned else 'nobody is banned'}.",
            f"Nothing is done about {len(free)} of them.",
            "warn",
        )
    return f"{attack}; all of them are banned.", "No real user is among them.", "ok"
