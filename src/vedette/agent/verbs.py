"""What people ask of bans on a host, answered: by the agent at its desk, or from its state file while none runs."""

from collections.abc import Callable, Mapping

from vedette.agent.bans import Bans
from vedette.agent.desk import Answer, Asked
from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.wire.agent.deciding.spelling import LONGEST, spelled
from vedette.wire.agent.deciding.types import Left
from vedette.wire.agent.types import Decision

MOST_WORDS = 200  # characters of a reason or name


def answer(bans: Bans, asked: Asked, now: float) -> Answer:
    """Do what is asked and say what came of it; raises `Invalid` for an unknown verb or a wrong value."""
    verb = _VERBS.get(asked.verb)
    if verb is None:
        raise Invalid(f"The agent knows no {asked.verb[:40]!r}.")
    return verb(bans, asked, now)


def _listed(bans: Bans, asked: Asked, now: float) -> Answer:  # noqa: ARG001 - one shape for all
    found = bans.listed(now)
    return Answer(text=f"{len(found)} decisions", rows=tuple(_row(one, now) for one in found))


def _add(bans: Bans, asked: Asked, now: float) -> Answer:
    if not 0 < asked.seconds <= LONGEST:
        raise Invalid("A ban lasts longer than nothing, and ten years at most.")
    made = bans.add(asked.value, asked.seconds, by=_by(asked), reason=asked.note[:MOST_WORDS], now=now)
    if isinstance(made, Left):
        raise Invalid(f"Not banned: {made.reason}.")
    text = f"{made.value} is banned for {spelled(asked.seconds)}, until {iso(made.until)}."
    return Answer(text=text, rows=(_row(made, now),))


def _remove(bans: Bans, asked: Asked, now: float) -> Answer:
    lifted, around = bans.remove(asked.value, by=_by(asked), now=now)
    texts = [f"{one.value} is free; its {one.measure} would have ended {iso(one.until)}." for one in lifted]
    if not lifted:
        texts = ["Nothing stood about it. Lines from before now ban it no more."]
    if around is not None:
        texts.append(
            f"{around.value} around it stands until {iso(around.until)}: remove that, or allow the address."
        )
    return Answer(text="\n".join(texts), rows=tuple(_row(one, now) for one in lifted))


def _allow(bans: Bans, asked: Asked, now: float) -> Answer:
    net, lifted = bans.allow(asked.value, by=_by(asked), note=asked.note[:MOST_WORDS], now=now)
    texts = [f"{net} is allowed: it is never banned here, until it is removed."]
    texts += [f"The ban of {value} is lifted." for value in lifted]
    return Answer(text="\n".join(texts), rows=({"network": str(net), "lifted": ", ".join(lifted)},))


def _disallow(bans: Bans, asked: Asked, now: float) -> Answer:  # noqa: ARG001 - one shape for all
    net, known = bans.disallow(asked.value)
    if not known:
        others = [why for text, why, _ in bans.welcome() if text == str(net)]
        where = f"; it is allowed by {others[0]}" if others else ""
        raise Invalid(f"{net} is not on this host's allowlist{where}.")
    return Answer(text=f"{net} is allowed no longer.", rows=({"network": str(net)},))


def _allowed(bans: Bans, asked: Asked, now: float) -> Answer:  # noqa: ARG001 - one shape for all
    found: list[dict[str, str | float | bool]] = [
        {"network": text, "why": why, "since": iso(at) if at else ""}
        for text, why, at in [*bans.welcome(), *bans.spared()]
    ]
    return Answer(text=f"{len(found)} never banned", rows=tuple(found))


def _row(one: Decision, now: float) -> dict[str, str | float | bool]:
    return {
        "value": one.value, "scope": one.scope, "measure": one.measure, "until": iso(one.until),
        "left": spelled(one.until - now), "origin": one.origin, "rule": one.rule, "reason": one.reason,
        "simulated": one.simulated,
    }  # fmt: skip


def _by(asked: Asked) -> str:
    return "".join(filter(str.isprintable, asked.by))[:MOST_WORDS] or "somebody"


_VERBS: Mapping[str, Callable[[Bans, Asked, float], Answer]] = {
    "bans list": _listed,
    "bans add": _add,
    "bans remove": _remove,
    "allow list": _allowed,
    "allow add": _allow,
    "allow remove": _disallow,
}
