"""`vedette agent enroll`: let this host be watched by a Vedette elsewhere."""

import os
import socket
import sys
from pathlib import Path

from vedette.cli.out import emit
from vedette.core.errors import ConfigError

CONFIG = Path("/etc/vedette/agent.toml")
VARIABLE = "VEDETTE_AGENT_TOKEN"


def enroll(
    url: str, token: str = "", *, name: str = "", state: Path | None = None, config: Path = CONFIG, json: bool = False
) -> None:  # fmt: skip
    """Enrol this host with a server by a one-time token; the key that is made here never leaves it.

    Parameters
    ----------
    url
        Where Vedette is: https://vedette.example
    token
        What `vedette hosts token` or the page Hosts printed; taken from VEDETTE_AGENT_TOKEN without it.
    name
        What people call this host; its own name without this.
    state
        The folder where the agent keeps its key and what waits to be sent; that of the configuration without it.
    config
        The agent's configuration, which is written where there is none.
    json
        Print JSON.
    """
    from importlib.metadata import version

    from vedette.agent.link.enrolling import Named, configure, enroll, place_of
    from vedette.core.clock import SystemClock
    from vedette.plumbing.net.client import NetClient

    where = place_of(state, config)
    said = Named(name or socket.gethostname()[:80] or "host", version("vedette"))
    net = NetClient(allow_private=True)  # the server is where its owner says it is
    made = enroll(url, _token(token), where, said, net=net, now=SystemClock().now)
    written = configure(where, made)
    _say_of_others(config)
    text = (
        f"This host is {made.name} at {made.url}.\n"
        f"Its key is in {where.state}; {config} {'is written' if written else 'stays as it is'}.\n"
        "Next: `vedette agent run` runs the agent, `vedette agent unit` prints its unit for systemd."
    )
    emit({"host": made.host, "name": made.name, "server": made.url, "config": str(config)}, text, json=json)


def _token(given: str) -> str:
    token = given or os.environ.pop(VARIABLE, "")
    if not token:
        raise ConfigError(
            f"Name the token, or set {VARIABLE}; `vedette hosts token` on the server makes one."
        )
    return token


def _say_of_others(config: Path) -> None:
    """Warn when others than root may change what the agent does."""
    try:
        mode = config.stat().st_mode
    except OSError:
        return
    if mode & 0o022:
        print(f"{config}: others may write it; run `chmod go-w {config}`.", file=sys.stderr)
