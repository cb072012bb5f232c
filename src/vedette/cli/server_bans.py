"""`vedette bans …` and `vedette allow …` where a server's data lies: its own verbs, which every host and guard follows."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from vedette.core.clock import iso
from vedette.core.errors import ConfigError

if TYPE_CHECKING:
    from vedette.agent.desk import Answer, Asked

_MOST = 10_000
Row = dict[str, str | float | bool]


def is_here() -> bool:
    """Tell whether a server keeps its data here, by the settings."""
    from vedette.core.settings import load

    try:
        return (load().data / "core.db").is_file()
    except (ConfigError, OSError):
        return False


def answered(asked: "Asked") -> "Answer":
    """Do on the server what is asked; raises `Invalid`, `NotFound`."""
    from vedette.app import tools

    with tools.opened() as ports:
        found = _VERBS[asked.verb](asked, ports.clock.now())
        tools.tell_server(ports)
    return found


def _list(asked: "Asked", now: float) -> "Answer":  # noqa: ARG001 - one shape for all
    from vedette.agent.desk import Answer
    from vedette.intrusions import service
    from vedette.wire.agent.deciding.spelling import spelled

    rows: list[Row] = [
        {
            "value": one.target.value, "scope": one.target.scope, "measure": one.measure, "until": iso(one.until),
            "left": spelled(one.until - now), "origin": one.origin, "rule": one.rule, "reason": one.reason, "simulated": False,
        }
        for one in service.standing(now, n=_MOST)
    ]  # fmt: skip
    return Answer(text=f"{len(rows)} bans", rows=tuple(rows))


def _add(asked: "Asked", now: float) -> "Answer":
    from vedette.accounts.permissions import SYSTEM
    from vedette.agent.desk import Answer
    from vedette.intrusions import service
    from vedette.wire.agent.deciding.spelling import spelled

    made = service.ban(SYSTEM, asked.value, now + asked.seconds, asked.note, now)
    text = f"{made.target.value} is banned on every host and behind every guard for {spelled(asked.seconds)}, until {iso(made.until)}."
    return Answer(text=text, rows=({"value": made.target.value, "until": iso(made.until)},))


def _remove(asked: "Asked", now: float) -> "Answer":
    from vedette.accounts.permissions import SYSTEM
    from vedette.agent.desk import Answer
    from vedette.intrusions import service

    lifted = service.unban(SYSTEM, asked.value, asked.note, now)
    texts = [f"{value} is free." for value in lifted] or [
        "Nothing stood about it. Lines from before now ban it no more."
    ]
    held = service.around(asked.value, now)
    if held is not None:
        texts.append(
            f"{held.target.value} around it stands until {iso(held.until)}: remove that, or allow the address."
        )
    return Answer(text="\n".join(texts), rows=tuple({"value": value} for value in lifted))


def _allow(asked: "Asked", now: float) -> "Answer":
    from vedette.accounts.permissions import SYSTEM
    from vedette.agent.desk import Answer
    from vedette.intrusions import service

    net, lifted = service.allow(SYSTEM, asked.value, asked.note, now)
    texts = [f"{net} is never banned, on no host and by no guard, until it is removed."]
    texts += [f"The ban of {value} is lifted." for value in lifted]
    return Answer(text="\n".join(texts), rows=({"network": net, "lifted": ", ".join(lifted)},))


def _disallow(asked: "Asked", now: float) -> "Answer":
    from vedette.accounts.permissions import SYSTEM
    from vedette.agent.desk import Answer
    from vedette.intrusions import service

    net = service.disallow(SYSTEM, asked.value, now)
    return Answer(text=f"{net} is allowed no longer.", rows=({"network": net},))


def _allowed(asked: "Asked", now: float) -> "Answer":  # noqa: ARG001 - one shape for all
    from vedette.agent.desk import Answer
    from vedette.intrusions import service

    rows: list[Row] = [
        {"network": one.network, "why": f"{one.by}: {one.note}", "since": iso(one.at)}
        for one in service.allowed()
    ]
    rows += [{"network": value, "why": why, "since": ""} for value, why in service.never_banned(now).items()]
    return Answer(text=f"{len(rows)} allowed", rows=tuple(rows))


_VERBS: Mapping[str, Callable[["Asked", float], "Answer"]] = {
    "bans list": _list, "bans add": _add, "bans remove": _remove,
    "allow list": _allowed, "allow add": _allow, "allow remove": _disallow,
}  # fmt: skip
