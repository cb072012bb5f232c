"""`vedette agent enroll`: a key is made, the server is told its public half, and what it answers is proved before it is believed."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec

from vedette.agent.config import STATE, Config, load
from vedette.agent.link.identity import KEY, SERVER, Server, write_server
from vedette.agent.link.speaking import Speaker, told
from vedette.core.errors import ConfigError
from vedette.core.place import place
from vedette.plumbing.net.asking import Away, asked
from vedette.plumbing.net.port import Net
from vedette.plumbing.seal.ed25519 import fingerprint, read_key, write_key
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import ENROLL
from vedette.wire.agent.enrolling import Enrolled, Enrolling

DEADLINE = 30.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CONFIG = """# The agent of Vedette on this host: docs/agent.md tells every key.
server = {url}
"""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an agent keeps what it has: its state and its configuration."""

    state: Path
    config: Path


class Named(msgspec.Struct, frozen=True):
    """What a host says of itself: its name and the version of the agent."""

    name: str
    version: str = ""


def place_of(state: Path | None, config: Path) -> Place:
    """Return where the agent that reads a configuration looks for its key, unless a state folder is named; raises `ConfigError`."""
    said = load(config) if state is None and config.exists() else Config()
    return Place(state=(state or said.state).absolute(), config=config)


def enroll(url: str, token: str, where: Place, said: Named, *, net: Net, now: Callable[[], float]) -> Server:
    """Enrol this host and return the server it belongs to from now on.

    Raises `ConfigError`, `Invalid` for what is no token, `Refused` with what the server says of it, `Away`.
    """
    server, parts = server_of(url), enrolling.take_apart(token)
    _prepare(where)
    pending = where.state / f"{KEY}.enrolling"  # the same one again when the answer was lost
    key = read_key(pending) or write_key(pending)
    speaker = Speaker(net, server, key, told(parts.server), now)
    body = msgspec.json.encode(
        Enrolling(
            token=enrolling.id_of(parts.secret), name=said.name, key=enrolling.text_of(key.public), version=said.version,
            proof=enrolling.proof(parts.secret, said.name, key.public),
        )
    )  # fmt: skip
    found = asked(speaker, ("POST", ENROLL, body, DEADLINE), Enrolled)
    if fingerprint(enrolling.key_of(found.key)) != parts.server:
        raise Away("The server names another key than the one in the token.")
    made = Server(url=server, key=found.key, host=found.host, name=found.name)
    pending.replace(where.state / KEY)
    write_server(where.state, made)
    return made


def configure(where: Place, server: Server) -> bool:
    """Write the configuration where there is none, which names the state folder where it is not the usual one; return whether it was written."""
    text = _CONFIG.format(url=json.dumps(server.url))  # a string of JSON is one of TOML
    if where.state != STATE:
        text += f"state = {json.dumps(str(where.state))}\n"
    try:
        where.config.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with where.config.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise ConfigError(f"{where.config} cannot be written: {error.strerror}.") from None
    return True


def server_of(url: str) -> str:
    """Return the address of a server without a slash at its end; raises `ConfigError` for one that others could listen at."""
    try:
        found = place(url, {"http": 80, "https": 443})
    except ValueError as error:
        raise ConfigError(f"{url}: {error}.") from None
    if found.scheme == "http" and found.host not in _LOOPBACK:
        raise ConfigError(f"{url}: what this host reports goes this way; it must be https://.")
    return url.rstrip("/")


def _prepare(where: Place) -> None:
    try:
        where.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{where.state} cannot be made: {error.strerror}; run this as root.") from None
    if (where.state / SERVER).exists() and not (where.state / KEY).exists():
        (where.state / SERVER).unlink()
