"""What the command line needs of erasures: the server does them, so a command asks and waits."""

import time
from collections.abc import Callable

from vedette.accounts.permissions import SYSTEM
from vedette.app import tools
from vedette.app.crew import LEASE
from vedette.core.errors import Unavailable
from vedette.errors.privacy import service
from vedette.errors.privacy.remains import sentence
from vedette.errors.privacy.types import Datum, DatumKind, Erasure, ErasureReceipt, Proof
from vedette.plumbing.ports import Ports

__all__ = ["Datum", "DatumKind", "Erasure", "ErasureReceipt", "erase", "named", "receipt", "sentence"]
_LOOK = 0.25


def named(id_: str, email: str) -> Datum:
    """Return the datum of a person known by id or else by e-mail."""
    return Datum(DatumKind.ID, id_) if id_ else Datum(DatumKind.EMAIL, email)


def erase(
    ports: Ports, datum: Datum, project: str, say: Callable[[Erasure], None], *, dry_run: bool
) -> Erasure:
    """Ask for an erasure and wait until it is over; `say` hears how far it is. Raises what `service.ask` raises.

    Raises `Unavailable` when no server runs: only it knows what the journal still holds. The erasure then waits for it.
    """
    begun = service.ask(SYSTEM, datum, project, ports.clock.now(), dry_run=dry_run)
    tools.tell_server(ports)
    while True:
        one = service.erasure(SYSTEM, begun.id)
        if one.ended_at is not None:
            return one
        say(one)
        if not _served(ports):
            raise Unavailable(f"No server runs; {begun.id} is done once `vedette up` does.")
        time.sleep(_LOOK)


def _served(ports: Ports) -> bool:
    """Tell whether a server does the jobs of this data folder."""
    now = ports.clock.now()
    token = ports.lease.acquire(LEASE, 1.0, now)
    if token is not None:
        ports.lease.release(LEASE, token)
    return token is None


def receipt(id_: str, datum: Datum | None) -> tuple[ErasureReceipt, Proof]:
    """Return a receipt, whether it is genuine, and whether it is about a datum; raises `NotFound`."""
    found = service.receipt(SYSTEM, id_)
    return found, service.verify(found, datum)
