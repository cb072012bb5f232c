"""`vedette probe`: check from here for a Vedette elsewhere; and `vedette locations …`, where that is told of it."""

import os
import sys
from pathlib import Path

from vedette.cli.out import emit, table
from vedette.core.clock import iso
from vedette.core.errors import ConfigError

VARIABLE = "VEDETTE_PROBE_TOKEN"


def probe(
    *, server: str, token: str = "", token_file: Path | None = None, spool: Path | None = None, allow_private: bool = False
) -> None:  # fmt: skip
    """Check what a Vedette elsewhere orders, until Ctrl-C or SIGTERM, and bring it what was found.

    The token is taken from the variable VEDETTE_PROBE_TOKEN or from a file; on the command line anybody on this machine can
    read it.

    Parameters
    ----------
    server
        Where Vedette is: https://vedette.example
    token
        The token of this location (`vedette locations add`); better not on the command line.
    token_file
        A file whose first line is the token.
    spool
        A folder where what was found waits while the server is away; in memory without one.
    allow_private
        Let private, loopback and other addresses that are not public be reached from here.
    """
    from importlib.metadata import version

    from vedette.app.outpost import Where, server_of, work

    where = Where(
        server=server_of(server), token=_token(token, token_file), spool=spool, allow_private=allow_private,
        version=version("vedette"),
    )  # fmt: skip
    work(where, _say)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def _token(given: str, path: Path | None) -> str:
    """Return the token, and leave it out of what other processes of ours inherit; raises `ConfigError` for none."""
    found = os.environ.pop(VARIABLE, "")
    if path is not None:
        try:
            found = path.read_text().partition("\n")[0]
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"--token-file {path} cannot be read: {error}.") from None
    token = (given or found).strip()
    if not token:
        raise ConfigError(
            f"Set {VARIABLE} to the token of this location, or name a --token-file; `vedette locations add` prints one."
        )
    if not (token.isascii() and token.isprintable() and " " not in token):
        raise ConfigError("The token is no token: it holds characters that none has.")
    return token


def add_location(name: str, *, slug: str = "", json: bool = False) -> None:
    """Add a location; its token is printed once.

    Parameters
    ----------
    name
        What people call it: Frankfurt.
    slug
        Its short name in files and addresses; the name makes one without this.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.monitors import service

        token, made = service.add_location(SYSTEM, name, slug, ports.clock.now())
        tools.tell_server(ports)
        url = ports.settings.public_url
    text = (
        f"{made.name} ({made.slug}) is a location. Its token, shown this once:\n{token}\n"
        f"Run there: {VARIABLE}=… vedette probe --server {url} --spool /var/lib/vedette-probe"
    )
    emit({"slug": made.slug, "name": made.name, "token": token}, text, json=json)


def list_locations(*, json: bool = False) -> None:
    """List locations and when they were last heard of.

    Parameters
    ----------
    json
        Print JSON.
    """
    from vedette.app import tools

    with tools.opened():
        from vedette.monitors import service

        found = service.locations()
    rows = [
        {"slug": one.slug, "name": one.name, "heard_at": iso(one.heard_at) if one.heard_at else "", "version": one.version,
         "monitors": str(n)}
        for one, n in found
    ]  # fmt: skip
    emit(rows, table(rows, "No location yet: `vedette locations add Frankfurt`."), json=json)


def remove_location(location: str, *, json: bool = False) -> None:
    """Remove a location; what is checked from nowhere else is checked from here then.

    Parameters
    ----------
    location
        Its slug.
    json
        Print JSON.
    """
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import tools

    with tools.opened() as ports:
        from vedette.monitors import service

        left = service.remove_location(SYSTEM, location, ports.clock.now())
        tools.tell_server(ports)
    text = f"{location} is removed; {left} monitors were checked from it."
    emit({"slug": location, "monitors": left}, text, json=json)
