"""Reports of a host that is enrolled with no server: what is told goes nowhere, and what is said is in the log."""

from collections.abc import Mapping, Sequence

from vedette.agent.ports import Say
from vedette.wire.agent.types import Detection, Report


class Nowhere:
    """Implements `ports.Reports`: a detection is said, the rest forgotten."""

    def __init__(self, say: Say) -> None:
        self._say = say

    def start(self) -> None:
        """Say that nobody is told."""
        self._say(
            "This host is enrolled with no server: what is detected is said here alone (`vedette agent enroll URL TOKEN`)."
        )

    def report(self, reports: Sequence[Report]) -> None:
        """Say what was detected."""
        for one in reports:
            if isinstance(one, Detection):
                self._say(f"{one.rule}: {one.reason}{' (simulated)' if one.simulated else ''}")

    def waiting(self) -> Mapping[str, int]:
        """Return that nothing waits."""
        return {}

    def stop(self) -> None:
        """Do nothing."""
