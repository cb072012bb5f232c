"""Does a certificate end soon, and was that told? Pure: once for each threshold of each certificate."""

import msgspec

from vedette.monitors.types import DAY, Certificate

THRESHOLDS = (30, 14, 7, 3, 1, 0)


class Ending(msgspec.Struct, frozen=True):
    """What is remembered of a certificate, the threshold to tell of now (days; None for none), and in words."""

    certificate: Certificate
    tell: int | None
    reason: str


def judge(known: Certificate, expires: float, now: float) -> Ending:
    """Return whether people are to be told that a certificate ends; a renewed one begins anew.

    When several thresholds were passed at once (a monitor that is new) only the last is told.
    """
    same = known.expires == expires
    told = known.told if same else ()
    passed = tuple(days for days in THRESHOLDS if expires - now <= days * DAY)
    left = (expires - now) / DAY
    if not passed:
        return Ending(Certificate(expires=expires), None, f"The certificate is good for {left:.0f} days.")
    tell = passed[-1] if passed[-1] not in told else None
    words = "has expired" if left <= 0 else f"ends in {_span(expires - now)}"
    reason = f"The certificate {words}." if tell is not None else f"That the certificate {words} was told."
    return Ending(Certificate(expires=expires, told=passed), tell, reason)


def _span(seconds: float) -> str:
    days = seconds / DAY
    return f"{days:.0f} days" if days >= 2 else f"{max(1, round(seconds / 3_600))} h"
