"""The worker lets the agent beside it in, as a host of its own: by a token that is made and used here, which nobody sees."""

import socket
import sqlite3
from importlib.metadata import version
from pathlib import Path

import msgspec

from vedette.accounts.permissions import SYSTEM
from vedette.agent.link.identity import KEY, Server, read_server, write_server
from vedette.app import logs, own_agent
from vedette.app.own_address import own_address
from vedette.core.errors import VedetteError
from vedette.core.settings import Settings
from vedette.hosts import service as hosts
from vedette.plumbing.seal.ed25519 import write_key
from vedette.wire.agent import enrolling
from vedette.wire.agent.enrolling import Enrolling

LOG = logs.logger("vedette.agent")


def let_in(settings: Settings, now: float) -> None:
    """Enrol the agent once, and later see that it knows where the server is now; what goes wrong is told, and ends no server."""
    try:
        state, url = own_agent.folder(settings), own_address(settings)[2]
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not own_agent.is_let_in(settings):
            write_server(state, _enrolled(state, url, now))
            return
        known = read_server(state)
        if known.url != url:
            write_server(state, msgspec.structs.replace(known, url=url))
    except (VedetteError, OSError, sqlite3.Error) as error:
        LOG.warning("the agent of this machine could not be enrolled", error=str(error))


def _enrolled(state: Path, url: str, now: float) -> Server:
    secret = enrolling.take_apart(hosts.invite(SYSTEM, now)[0]).secret
    key, name = write_key(state / KEY), _name()
    asked = Enrolling(
        token=enrolling.id_of(secret), name=name, key=enrolling.text_of(key.public), version=version("vedette"),
        proof=enrolling.proof(secret, name, key.public),
    )  # fmt: skip
    found = hosts.enrol(asked, now)
    return Server(url=url, key=found.key, host=found.host, name=found.name)


def _name() -> str:
    """Return what this machine calls itself, as far as that can be a host's name."""
    found = "".join(char if char.isprintable() and char != "/" else "-" for char in socket.gethostname())
    return found.strip()[: enrolling.MOST_NAME].strip() or "this machine"
