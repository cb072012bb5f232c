"""From which address the present request comes; the audit log writes it down."""

import contextlib
import contextvars
from collections.abc import Iterator

_ADDRESS: contextvars.ContextVar[str] = contextvars.ContextVar("vedette_caller_address", default="")


def address() -> str:
    """Return the address of the client that is served; empty outside of a request (CLI, own loops)."""
    return _ADDRESS.get()


@contextlib.contextmanager
def calling_from(client: str) -> Iterator[None]:
    """Serve a client at this address within the block."""
    token = _ADDRESS.set(client)
    try:
        yield
    finally:
        _ADDRESS.reset(token)
