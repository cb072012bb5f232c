"""Net: outgoing HTTP, with the address policy, a pinned address, a deadline and a size cap."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError


class NetError(VedetteError):
    """The request could not be made or answered; `permanent` means that trying again will not help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Response(msgspec.Struct, frozen=True):
    """Status, headers (lower-case names) and the body, cut at the cap."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Net(Protocol):
    """Outgoing HTTP requests."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline: float = 10.0,
        max_bytes: int = 65_536,
    ) -> Response:
        """Resolve once, refuse forbidden addresses, connect to the pinned address, never follow redirects.

        `deadline` bounds the whole exchange in seconds. Raises `NetError`.
        """
        ...
