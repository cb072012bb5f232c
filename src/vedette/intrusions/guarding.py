"""What guards tell, judged over several applications: one who guesses passwords at all of them at once."""

from collections.abc import Mapping

from vedette.wire.agent.deciding.types import HOUR, Response

WINDOW = 600.0
PLACES, TOGETHER, ALONE = 3, 9, 30
STUFFING, SIGN_IN = "guard-credential-stuffing", "guard-sign-in"
RESPONSE = Response(first=HOUR)


def stuffing(failures: Mapping[str, int]) -> str:
    """Return in a sentence why an address tries passwords it has from elsewhere, empty when it does not.

    `failures` are sign-ins that failed within `WINDOW`, by application. People mistype, at one application, a few times.
    """
    total = sum(failures.values())
    if len(failures) >= PLACES and total >= TOGETHER:
        return f"{total} failed sign-ins at {len(failures)} applications within 10 min"
    worst = max(failures.values(), default=0)
    return f"{worst} failed sign-ins at one application within 10 min" if worst >= ALONE else ""


def severity(kind: str) -> str:
    """Return how bad a kind of report is."""
    return {"inspect": "high", "uploads": "high", "sign-in": "low", "csrf": "low"}.get(kind, "info")
