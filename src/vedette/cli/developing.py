"""`vedette dev …`: what helps to build and to try things, never used by a server."""

import sys
import threading
from functools import partial
from pathlib import Path

from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import ConfigError
from vedette.instruments.hetzner.fake.fake import Fake
from vedette.instruments.hetzner.fake.keeping import load, load_faults, save
from vedette.instruments.hetzner.fake.serving import serving
from vedette.instruments.hetzner.fake.state import State

WRITE, READ = "fake", "fake-read"
_PORT = 8787


def hetzner_fake(
    *,
    port: int = _PORT,
    data: Path | None = None,
    faults: Path | None = None,
    pace: float = 1.0,
    json: bool = False,
) -> None:
    """Serve a Hetzner project that exists on this machine alone, on loopback, until Ctrl-C. Nothing of it costs.

    The token `fake` may change it, `fake-read` may read it.

    Parameters
    ----------
    port
        Port to listen on; 0 takes a free one.
    data
        File that keeps the project; without it, it is forgotten at the end.
    faults
        JSON file with faults that calls meet (docs/deploy/fake.md).
    pace
        How many times as long as usual actions take; 0 ends them at once.
    json
        Print JSON.
    """
    if pace < 0:
        raise ConfigError("--pace is below 0; 0 ends actions at once, 1 is as usual.")
    fake = Fake(
        SystemClock(),
        {WRITE: "write", READ: "read"},
        state=load(data) if data else State(),
        pace=pace,
        saved=partial(save, data) if data else None,
    )
    fake.script.add(*(load_faults(faults) if faults else ()))
    try:
        _serve(fake, port, json=json)
    except OSError as error:
        raise ConfigError(f"Port {port} cannot be listened on: {error}. Name another with --port.") from error


def _serve(fake: Fake, port: int, *, json: bool) -> None:
    with serving(fake, port) as endpoint:
        told = f"The fake of Hetzner's API answers at {endpoint}: token {WRITE}, or {READ} for reading. Ctrl-C ends it."
        emit({"endpoint": endpoint, "token": WRITE, "read_token": READ}, told, json=json)
        sys.stdout.flush()  # who started this may be waiting for the line
        threading.Event().wait()
