"""What a roll needs of the world: to take targets out and put them back, to run something on them, and to see who is healthy."""

from collections.abc import Sequence
from typing import Protocol

from vedette.deploy.types import Target


class Fleet(Protocol):
    """The targets of a roll. Whatever does not succeed raises a `VedetteError` with the reason; all may be asked twice."""

    def take_out(self, target: Target) -> None:
        """Take it out from behind its load balancers, and wait until its connections have had their time."""
        ...

    def put_back(self, target: Target) -> None:
        """Put it back, and wait until the load balancers find it healthy, and still do after a while."""
        ...

    def change(self, target: Target) -> None:
        """Bring the new version."""
        ...

    def undo(self, target: Target) -> None:
        """Bring the former version."""
        ...

    def check(self, target: Target) -> None:
        """Wait until it is healthy by itself."""
        ...

    def healthy(self, targets: Sequence[Target]) -> frozenset[str]:
        """Return the names of those that are healthy this moment, as whoever sends them requests finds them."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait."""
        ...
