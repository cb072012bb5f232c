"""The time of a scan, looked at wherever it goes round: whoever is late could not know."""

from vedette.core.clock import monotonic
from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.types import Asked, CannotKnow, Progress


class Until:
    """The end of a scan's time, counted from now."""

    def __init__(self, asked: Asked) -> None:
        self._end, self._seconds = monotonic() + asked.deadline, asked.deadline

    def look(self, at: str = "") -> None:
        """Do nothing while there is time; raises `CannotKnow` that says where it was up."""
        if monotonic() > self._end:
            where = f" at {telling.shown(at)}" if at else ""
            raise CannotKnow(
                f"Time was up after {self._seconds:g} seconds{where}.",
                "Give it more time (--deadline 1800), or scan a part of it.",
            )

    def telling(self, progress: Progress) -> Progress:
        """Return what is told of progress, and looks at the time whenever it is."""

        def told(what: str, done: float | None = None) -> None:
            self.look(what)
            progress(what, done)

        return told
