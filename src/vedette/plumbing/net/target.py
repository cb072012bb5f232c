"""Where a URL points, and which of a host's addresses may be reached. Decisions only, nothing is opened."""

from collections.abc import Sequence

from vedette.core.address import AddressPolicy
from vedette.core.place import Place, place
from vedette.plumbing.net.port import NetError

_PORTS = {"http": 80, "https": 443}


def target(url: str) -> Place:
    """Return where a URL points; raises a permanent `NetError` when it is not one we would ask."""
    try:
        return place(url, _PORTS)
    except ValueError as error:
        raise NetError(f"This URL was not asked: {error}.", permanent=True) from error


def reachable(host: str, addresses: Sequence[str], *, allow_private: bool) -> list[str]:
    """Return the addresses that may be reached; raises a permanent `NetError` when there is none."""
    allowed, reasons = AddressPolicy(allow_private=allow_private).sift(addresses)
    if not allowed:
        told = "; ".join(reasons) or "it has no address"
        raise NetError(
            f"{host} was not asked: {told}. Set allow_private_addresses to reach private networks.",
            permanent=True,
        )
    return allowed
