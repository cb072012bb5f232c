"""A port for a server that is started later, or for nobody."""

import os
import random
import socket
from collections.abc import Iterator

# Below the ports that the kernel hands out by itself (ip_local_port_range begins at 32768): one from among those may be
# the near end of somebody's connection a moment after it was found free.
FIRST, LAST = 12_000, 32_000
# Workers that test side by side draw from ports of their own.
WORKERS = 8
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
_ours = random.Random(os.getpid())
_given: set[int] = set()


def free_port() -> int:
    """Return a port of loopback nobody listens on, another one at every call."""
    found = next(port for port in _candidates() if port not in _given and _nobody_there(port))
    _given.add(found)
    return found


def _candidates() -> Iterator[int]:
    while True:
        yield _ours.randrange(FIRST + _worker, LAST, WORKERS)


def _nobody_there(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
