"""The agent of the machine that Vedette itself runs on: whether there is one, where it keeps what it has, and how it is let in.

The supervisor starts it (`app/beside`); the worker lets it in before it says that it is ready (`app/letting_in`).
"""

import contextlib
from pathlib import Path

from vedette.app.own_address import own_address
from vedette.core.settings import Settings

HERE = "VEDETTE_AGENT_HERE"  # tells the worker that the supervisor wants to start an agent
_OF_ITS_OWN = Path("/etc/vedette/agent.toml")
_CONTAINERS = (Path("/.dockerenv"), Path("/run/.containerenv"))
_TEXT = """\
# The agent that `vedette up` starts for the machine it runs on. This file was written once and is yours: docs/agent.md tells
# every key. It is read when the agent starts, and anew by `kill -HUP` of its process (`vedette agent status --state {state}`).
# What the agent keeps lies beside this file, unless `state` names another folder.

# Who is never banned, beside those who never are (docs/bans.md):
# allow = ["203.0.113.0/24"]

# It detects from the beginning, and tells what it would do. It bans nobody until a set of rules is switched on, here or on the
# page of the host; for that it must run as root.
# [sets]
# ssh = "enforce"

# What it reads, where the logs that it finds by itself are not all:
# [[sources]]
# path = "/srv/app/log/production.log"
"""


def folder(settings: Settings) -> Path:
    """Return where the agent keeps what it has."""
    return settings.data.absolute() / "agent"


def why_none(settings: Settings) -> str:
    """Return why no agent runs beside the server; empty when one does."""
    if settings.agent == "off":
        return "agent = off"
    if not settings.domains and not _is_here(own_address(settings)[0]):
        return f"agents are not heard at {settings.host} by plain HTTP; listen on 127.0.0.1 or 0.0.0.0, or set `domains`"
    if settings.agent == "on":
        return ""
    if _OF_ITS_OWN.exists():
        return f"this machine has an agent of its own ({_OF_ITS_OWN}); agent = on runs this one, too"
    if any(path.exists() for path in _CONTAINERS):
        return "Vedette runs in a container, and would watch that alone; run `vedette agent` on the machine, or set agent = on"
    return ""


def configured(settings: Settings) -> Path:
    """Write the configuration where there is none, and return its path. Raises `OSError`."""
    state = folder(settings)
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state / "agent.toml"
    with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
        file.write(_TEXT.format(state=state))
    return path


def is_let_in(settings: Settings) -> bool:
    """Tell whether the agent is enrolled."""
    return (folder(settings) / "server.json").is_file()


def _is_here(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
