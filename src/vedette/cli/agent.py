"""`vedette agent run|status|backups|backup|unit`: the agent of this host."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit, table
from vedette.core.clock import iso

if TYPE_CHECKING:
    from vedette.agent.desk import Answer, Asked


def run(*, config: Path | None = None) -> None:
    """Watch this host until Ctrl-C or SIGTERM; SIGHUP reads configuration and rules anew.

    Parameters
    ----------
    config
        The configuration; /etc/vedette/agent.toml where there is one, else defaults.
    """
    from vedette.agent.process import run as run_agent

    run_agent(config)


def show(*, config: Path | None = None, state: Path | None = None, json: bool = False) -> None:
    """Tell what the agent of this host reads, since when, and what waits for the server.

    Parameters
    ----------
    config
        The configuration that names the state folder.
    state
        The state folder itself.
    json
        Print JSON.
    """
    from vedette.agent import status
    from vedette.agent.config import load

    found = status.read(state or load(config).state)
    runs = status.runs(found)
    rows = [
        {"source": _plain(one.source), "state": one.state, "lines": str(one.lines), "last": iso(one.last) if one.last else "",
         "skipped": str(one.skipped) if one.skipped else "", "why": _plain(one.detail)}
        for one in found.sources
    ]  # fmt: skip
    waiting = ", ".join(f"{n} {lane}" for lane, n in found.waiting.items() if n) or "nothing"
    head = (
        f"The agent runs (process {found.pid}) since {iso(found.since)}."
        if runs
        else f"No agent runs; what is shown is of {iso(found.at)}."
    )
    server = f"Its server is {_plain(found.server)}" if found.server else "It is enrolled with no server"
    text = f"{head} {server}; waiting: {waiting}. {found.detections} detections.\n{table(rows, 'It reads nothing.')}"
    emit({"running": runs, "status": found}, text, json=json)


def back_up(plan: str, *, config: Path | None = None, state: Path | None = None, json: bool = False) -> None:
    """Have the agent that runs here back up one of the plans that its server ordered, at once.

    Parameters
    ----------
    plan
        The name of the plan.
    config
        The configuration that names the state folder.
    state
        The state folder itself.
    json
        Print JSON.
    """
    import getpass

    from vedette.agent.desk import Asked

    answer = _asked(config, state, Asked(verb="backup run", value=plan, by=getpass.getuser()))
    emit({"asked": True, "text": answer.text}, answer.text, json=json)


def show_backups(*, config: Path | None = None, state: Path | None = None, json: bool = False) -> None:
    """Tell which plans the agent of this host runs, when each copy was last saved and proven, and what it refuses.

    Parameters
    ----------
    config
        The configuration that names the state folder.
    state
        The state folder itself.
    json
        Print JSON.
    """
    from vedette.agent.desk import Asked

    answer = _asked(config, state, Asked(verb="backup status"))
    rows = [{name: _plain(str(value)) for name, value in row.items()} for row in answer.rows]
    emit(answer.rows, table(rows, "The server ordered no plans here."), json=json)


def _asked(config: Path | None, state: Path | None, asked: "Asked") -> "Answer":
    from vedette.agent import desk
    from vedette.agent.config import load
    from vedette.core.errors import Unavailable

    folder = state or load(config).state
    answer = desk.ask(folder, asked)
    if answer is None:
        raise Unavailable(
            f"No agent runs with {folder}; start it, or use `vedette backup` with a file of plans."
        )
    return answer


def show_unit(*, config: Path | None = None, install: bool = False, json: bool = False) -> None:
    """Print a hardened unit of the agent for systemd, or write and start it.

    Parameters
    ----------
    config
        The configuration; /etc/vedette/agent.toml without this.
    install
        Write it to /etc/systemd/system and start it.
    json
        Print JSON.
    """
    from vedette.agent.config import FILE, load
    from vedette.agent.unit import NAME, unit
    from vedette.cli.unit import put

    read = load(config)
    snippets = [Path(str(options["path"])).parent for options in read.enforce.values() if "path" in options]
    text = unit(Path(sys.argv[0]).absolute(), config or FILE, read.state, writes=snippets, backup=read.backup)
    path = Path("/etc/systemd/system") / NAME
    if install:
        put(path, text)
    said = f"{path} is installed and started." if install else text.rstrip()
    emit({"path": str(path), "unit": text, "installed": install}, said, json=json)


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)
