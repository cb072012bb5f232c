"""How a worker stops taking connections while its successor takes them from the same listening socket."""

import contextlib
import os
import socket
from pathlib import Path

_FDS = Path("/proc/self/fd")
_KEPT: list[socket.socket] = []


def take_no_more(listener: int) -> None:
    """Put a socket nobody connects to in the place of a listening socket, by its file descriptor, in this process alone.

    granian cannot stop accepting without closing what it accepted, and closing it would drop who is still in a TLS
    handshake: no request has come from them yet. The socket itself stays open in the other processes that share it.
    """
    wanted = os.fstat(listener)
    nobody = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    nobody.bind("")  # a name of the kernel's own choice (unix(7), autobind)
    nobody.listen(1)
    nobody.setblocking(False)  # so that accepting from it means to wait for ever
    _KEPT.append(nobody)
    for number in [int(path.name) for path in _FDS.iterdir()]:
        with contextlib.suppress(OSError):  # the one that listed the folder is closed by now
            if os.path.samestat(os.fstat(number), wanted):
                os.dup2(nobody.fileno(), number, inheritable=False)
