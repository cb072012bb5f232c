"""How hard a host is, as one number, and which of its findings come first. Decisions only."""

from collections.abc import Iterable, Sequence

from vedette.wire.finding import Finding, FindingState

_WORTH = {FindingState.PASSED: 1.0, FindingState.UNKNOWN: 0.5, FindingState.FAILED: 0.0}
_FIRST = {FindingState.FAILED: 0, FindingState.UNKNOWN: 1, FindingState.WAIVED: 2, FindingState.PASSED: 3, FindingState.NOT_APPLICABLE: 4}  # fmt: skip
LEVELS = {"low": 0.0, "medium": 4.0, "high": 7.0, "critical": 9.0}


def score(findings: Iterable[Finding]) -> float:
    """Return 0 to 100: of the risk that all checks stand for, the part that is averted.

    Each check counts once, by its risk and its worst finding: passed is worth all of it, unknown half, failed nothing. What
    is waived or does not apply does not count. Without anything that counts it is 0: nothing is known to be well.
    """
    worst: dict[str, tuple[float, float]] = {}
    for one in findings:
        worth = _WORTH.get(one.state)
        if worth is not None:
            known = worst.get(one.check, (one.risk, 1.0))
            worst[one.check] = (max(known[0], one.risk), min(known[1], worth))
    whole = sum(risk for risk, _ in worst.values())
    return round(100 * sum(risk * worth for risk, worth in worst.values()) / whole, 1) if whole else 0.0


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings worst first: failed by risk, then unknown, waived, passed, and what does not apply."""
    return tuple(sorted(findings, key=lambda one: (_FIRST[one.state], -one.risk, one.check, one.subject)))


def level(risk: float) -> str:
    """Return the word for a risk."""
    return next(name for name, least in reversed(LEVELS.items()) if risk >= least)


def status(findings: Iterable[Finding], least: str) -> int:
    """Return how a command ends: 1 when something failed at or above a level, 2 when something there is unknown, else 0."""
    states = {one.state for one in findings if one.risk >= LEVELS[least]}
    if FindingState.FAILED in states:
        return 1
    return 2 if FindingState.UNKNOWN in states else 0


def sentence(findings: Sequence[Finding], points: float) -> str:
    """Return how the host is, in a sentence."""
    failed = [one for one in findings if one.state is FindingState.FAILED]
    counts = {
        name: len({one.check for one in failed if level(one.risk) == name}) for name in reversed(LEVELS)
    }
    bad = ", ".join(f"{n} {name}" for name, n in counts.items() if n)
    unknown = len({one.check for one in findings if one.state is FindingState.UNKNOWN})
    passed = sum(one.state is FindingState.PASSED for one in findings)
    doubt = f" {_of(unknown, 'check')} could not be told." if unknown else ""
    if not findings or not (bad or unknown or passed):
        return "Nothing that was looked at applies to this host."
    if bad:
        return f"{points:g} of 100: {_of(sum(counts.values()), 'check')} failed ({bad}).{doubt}"
    return f"{points:g} of 100: nothing failed.{doubt}"


def _of(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
