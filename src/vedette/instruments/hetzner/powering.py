"""Switching servers off and on for what can only be done while they are off."""

import contextlib
from collections.abc import Iterator

from vedette.instruments.hetzner.types import Asks
from vedette.wire import jsons


def switch_on(cloud: Asks, server: int) -> None:
    """Boot a server, unless it runs."""
    if _status(cloud, server) != "running":
        cloud.did("POST", f"/servers/{server}/actions/poweron")


@contextlib.contextmanager
def off_for(cloud: Asks, server: int) -> Iterator[None]:
    """Keep a server off for a while; it runs again afterwards if it ran before, whatever happened."""
    ran = _status(cloud, server) == "running"
    if ran:
        cloud.did("POST", f"/servers/{server}/actions/poweroff")
    try:
        yield
    finally:
        if ran:
            cloud.did("POST", f"/servers/{server}/actions/poweron")


def _status(cloud: Asks, server: int) -> str:
    return jsons.text(cloud.get(f"/servers/{server}"), "server", "status")
