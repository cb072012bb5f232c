"""`vedette bans …` and `vedette allow …`: of the server where its data lies, else of this host.

On a host it is done by the agent that runs there, or in its state file while none does. `--state` always means an agent.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit, table

if TYPE_CHECKING:
    from vedette.agent.desk import Answer, Asked

STATE = Path("/var/lib/vedette-agent")
VARIABLE = "VEDETTE_AGENT_STATE"
_ALONE = "No agent runs here: its state file is changed, and the agent acts on it when it starts."


def list_bans(*, state: Path | None = None, json: bool = False) -> None:
    """List what stands on this host, what ends first first.

    Parameters
    ----------
    state
        The agent's folder; /var/lib/vedette-agent without this.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked

    answer = _answered(state, Asked(verb="bans list"))
    shown = ("value", "measure", "left", "until", "origin", "reason")
    rows = [
        {name: _plain(row[name]) for name in shown} | {"simulated": "yes" if row["simulated"] else ""}
        for row in answer.rows
    ]
    emit(answer.rows, table(rows, "Nobody is banned."), json=json)


def add_ban(
    value: str, *, for_: str = "4h", reason: str = "", state: Path | None = None, json: bool = False
) -> None:
    """Ban an address or a network; an IPv6 address stands for its /64.

    Parameters
    ----------
    value
        203.0.113.7, 203.0.113.0/24, 2001:db8:1:2::/64
    for_
        How long: 30min, 4h, 2d12h.
    reason
        Why, for those who read the list.
    state
        The agent's folder; /var/lib/vedette-agent without this.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked
    from vedette.wire.agent.deciding.spelling import duration

    _say(state, Asked(verb="bans add", value=value, seconds=duration(for_), note=reason, by=_me()), json=json)


def remove_ban(value: str, *, state: Path | None = None, json: bool = False) -> None:
    """Lift the ban of an address or network; of a network all in it. Lines from before ban it no more.

    Parameters
    ----------
    value
        203.0.113.7, 203.0.113.0/24, 2001:db8:1:2::/64; user:NAME, key:NAME
    state
        The agent's folder; /var/lib/vedette-agent without this.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked

    _say(state, Asked(verb="bans remove", value=value, by=_me()), json=json)


def add_allowed(value: str, *, note: str = "", state: Path | None = None, json: bool = False) -> None:
    """Never ban an address or network on this host; live bans of it are lifted.

    Parameters
    ----------
    value
        203.0.113.7, 203.0.113.0/24, 2001:db8:1:2::/64
    note
        Who that is, for those who read the list.
    state
        The agent's folder; /var/lib/vedette-agent without this.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked

    _say(state, Asked(verb="allow add", value=value, note=note, by=_me()), json=json)


def remove_allowed(value: str, *, state: Path | None = None, json: bool = False) -> None:
    """Take an address or network off this host's allowlist.

    Parameters
    ----------
    value
        As it was added.
    state
        The agent's folder; /var/lib/vedette-agent without this.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked

    _say(state, Asked(verb="allow remove", value=value, by=_me()), json=json)


def list_allowed(*, state: Path | None = None, json: bool = False) -> None:
    """List who is never banned on this host: by hand, by its configuration, by the server, and who is signed in now.

    Parameters
    ----------
    state
        The agent's folder; /var/lib/vedette-agent without this.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked

    answer = _answered(state, Asked(verb="allow list"))
    rows = [{name: _plain(row[name]) for name in ("network", "why", "since")} for row in answer.rows]
    emit(answer.rows, table(rows, "The allowlist is empty."), json=json)


def _say(state: Path | None, asked: "Asked", *, json: bool) -> None:
    answer = _answered(state, asked)
    emit(
        {"text": answer.text, "rows": answer.rows},
        "\n".join(map(_plain, answer.text.splitlines())),
        json=json,
    )


def _answered(state: Path | None, asked: "Asked") -> "Answer":
    """Ask the server whose data lies here, else the agent; where none runs, do it in its state file, and say so."""
    from vedette.agent.desk import ask
    from vedette.cli import server_bans

    if state is None and VARIABLE not in os.environ and server_bans.is_here():
        return server_bans.answered(asked)
    folder = state or Path(os.environ.get(VARIABLE) or STATE)
    return ask(folder, asked) or _alone(folder, asked)


def _alone(folder: Path, asked: "Asked") -> "Answer":
    import msgspec

    from vedette.agent.bans import Bans
    from vedette.agent.book import Book
    from vedette.agent.verbs import answer
    from vedette.core.clock import SystemClock
    from vedette.core.errors import Invalid

    if not folder.is_dir():
        raise Invalid(f"No agent has run here: {folder} does not exist. --state names its folder.")
    now = SystemClock().now()
    bans = Bans(Book(folder), (), origin="")
    try:
        bans.start(now)
        found = answer(bans, asked, now)
    finally:
        bans.close(now)
    return (
        found
        if asked.verb.endswith("list")
        else msgspec.structs.replace(found, text=f"{found.text}\n{_ALONE}")
    )


def _me() -> str:
    import pwd

    try:
        name = os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return name


def _plain(value: object) -> str:
    """Return a text that no terminal obeys: names in logs are written by strangers."""
    return "".join(char if char.isprintable() else "?" for char in str(value))
