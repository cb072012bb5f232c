"""When an authority is asked for a certificate, and when again after it gave none. Pure.

Renewal at two thirds of the life is what Let's Encrypt advises, for certificates of 90 days as of 6; what is added to it
differs by certificate, so that many do not come at once. Let's Encrypt bears five failed proofs of a name an hour: four fall
into the first here.
"""

import hashlib

import msgspec

from vedette.certificates.types import Certificate, Due, Failure, Outcome, Standing, Wanted

SHARE, SPREAD = 2 / 3, 1 / 30
STEPS = (60.0, 300.0, 900.0, 3_600.0, 10_800.0, 21_600.0)
LIMITED = 3_600.0  # when a limit was met and the authority does not say until when
LONGEST = 8 * 86_400.0  # no authority locks out for longer than a week; a Retry-After beyond it is a mistake
PAUSE = 60.0  # between the last try before a restart and the first after it
LEAST = 1.0
PARTS = 20  # a try each twentieth of the life at least, however often it failed
MOVES = 0.2


def covers(certificate: Certificate | None, wanted: Wanted) -> bool:
    """Tell whether a certificate is what is wanted: these names, of this authority."""
    return (
        certificate is not None
        and not certificate.self_signed
        and set(certificate.names) == set(wanted.names)
        and certificate.directory == wanted.directory
    )


def renew_at(certificate: Certificate) -> float:
    """Return when it is to be renewed: at two thirds of its life, and up to a thirtieth later by its serial."""
    digest = hashlib.sha256(certificate.serial.encode()).hexdigest()
    chance = int(digest[:8], 16) / 2**32
    return certificate.start + certificate.life * (SHARE + SPREAD * chance)


def plan(certificate: Certificate | None, standing: Standing, *, started: bool = False) -> Due:
    """Return when the authority is asked next, and why.

    `started` says that Vedette was started just now: somebody may have mended what was wrong, so a back-off is cut short;
    what the authority asked for itself is kept in any case.
    """
    if certificate is not None and covers(certificate, standing.wanted):
        first = Due(renew_at(certificate), "Two thirds of its life are over.")
    else:
        first = Due(0.0, "There is no certificate of this authority for these names.")
    if not standing.failures:
        return first
    again = standing.next_at
    if started:
        again = min(again, max(standing.not_before, standing.tried_at + PAUSE))
    return Due(max(first.at, again), f"The last {_tries(standing.failures)} failed.")


def succeeded(wanted: Wanted, now: float) -> Standing:
    """Return how things stand after a certificate was given."""
    return Standing(wanted=wanted, tried_at=now)


def failed(
    standing: Standing, outcome: Outcome, now: float, chance: float, certificate: Certificate | None
) -> Standing:
    """Return how things stand after a failure; `chance` (0 to 1) spreads the next try."""
    failures = standing.failures + 1
    delay = _delay(failures, outcome, certificate if covers(certificate, standing.wanted) else None)
    not_before = now + min(outcome.retry_after or 0.0, LONGEST)
    return msgspec.structs.replace(
        standing,
        failures=failures,
        tried_at=now,
        failing_since=now if standing.failing_since is None else standing.failing_since,
        error=outcome.error,
        next_at=max(now + delay * (1 + MOVES * chance), not_before),
        not_before=not_before,
    )


def _delay(failures: int, outcome: Outcome, certificate: Certificate | None) -> float:
    step = STEPS[min(failures, len(STEPS)) - 1]
    if outcome.failure is Failure.LIMIT:
        return max(step, LIMITED)
    return step if certificate is None else min(step, max(LEAST, certificate.life / PARTS))


def _tries(failures: int) -> str:
    return "try" if failures == 1 else f"{failures} tries"
