"""How certificates in trouble read as signals."""

from vedette.certificates.types import ROOM, Trouble
from vedette.signals.types import Severity, Signal, SignalState

KIND = "certificate.failing"


def of_trouble(name: str, found: Trouble | None, now: float) -> Signal:
    """Return that the certificate of a name is in trouble, or is fine again."""
    return Signal(
        room=ROOM, kind=KIND, subject=name, at=now, link="/settings/about/",
        severity=found.severity if found else Severity.HIGH,
        state=SignalState.FIRING if found else SignalState.RESOLVED,
        title=found.text if found else f"The certificate for {name} is fine again.",
    )  # fmt: skip
