"""What must be fixed first: exploited, then reachable, then exposed, then severe; the likelihood decides what is left."""

from vedette.wire.finding import Finding, severity_of

_EXPLOITED, _REACHABLE, _EXPOSED, _RISK = 100_000.0, 10_000.0, 1_000.0, 50.0
_LIKELY = 4.0


def rank(finding: Finding) -> float:
    """Return what orders findings, the worst highest; equals stay in the order in which they were found.

    Each reason outweighs all after it. What nobody looked at lies between yes and no. Plain information comes last.
    """
    if finding.risk < 0.1 and not finding.exploited:
        return finding.likelihood
    return (
        _EXPLOITED * finding.exploited
        + _REACHABLE * _sure(finding.reachable)
        + _EXPOSED * _sure(finding.exposed)
        + _RISK * finding.risk
        + _LIKELY * finding.likelihood
    )


def why(finding: Finding) -> str:
    """Return the sentence that says why a finding stands where it does."""
    said = [
        *(["attackers are known to use it"] if finding.exploited else []),
        *_told(finding.reachable, "our code gets there", "our code does not get there"),
        *_told(finding.exposed, "others can get there", "nobody outside gets there"),
        f"it is {severity_of(finding.risk)} ({finding.risk:.1f} of 10)",
        *(
            [f"{finding.likelihood:.0%} likely to be used within 30 days"]
            if finding.likelihood >= 0.01
            else []
        ),
    ]
    text = "; ".join(said)
    return text[:1].upper() + text[1:] + "."


def _sure(answer: bool | None) -> int:
    return {True: 2, None: 1, False: 0}[answer]


def _told(answer: bool | None, yes: str, no: str) -> list[str]:
    return [] if answer is None else [yes if answer else no]
