"""All checks of a host at one look, as findings; what goes wrong with one is told of that one."""

from collections.abc import Iterable, Iterator, Mapping

from vedette.core.errors import VedetteError
from vedette.instruments.audit import registry, scoring, waiving
from vedette.instruments.audit.types import Check, NotApplicable, Verdict, Waiver
from vedette.instruments.live.types import Live
from vedette.wire.agent.types import Audit
from vedette.wire.finding import Finding, FindingState

MOST_OF_A_CHECK = 25
_EVIDENCE = 400


def audit(live: Live, waivers: Mapping[str, Waiver], *, only: str = "") -> Audit:
    """Look at a host: every check, or those of one family; worst first, with the score. Raises `Invalid` for a family there is not."""
    chosen = registry.family_of(only) if only else tuple(registry.checks().values())
    found = waiving.waived(looked(chosen, live), waivers, live.now)
    return Audit(live.now, scoring.score(found), scoring.ordered(found))


def looked(checks: Iterable[Check], live: Live) -> Iterator[Finding]:
    """Yield what each check finds."""
    for check in checks:
        yield from _findings(check, live)


def _findings(check: Check, live: Live) -> list[Finding]:
    """Return the findings of a check; one that cannot understand what it read says so."""
    try:
        verdicts = list(check.look(live))
    except NotApplicable as error:
        return [_finding(check, FindingState.NOT_APPLICABLE, reason=str(error))]
    except VedetteError as error:
        return [_finding(check, FindingState.UNKNOWN, reason=str(error))]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        reason = f"What was read could not be understood ({type(error).__name__})."
        return [_finding(check, FindingState.UNKNOWN, reason=reason)]
    if not verdicts:
        return [_finding(check, FindingState.UNKNOWN, reason="It did not say anything.")]
    return [_of(check, one) for one in _bounded(verdicts)]


def _bounded(verdicts: list[Verdict]) -> list[Verdict]:
    """Return the bad ones, as many as a person reads, or, when all is fine, the good ones together."""
    bad = [one for one in verdicts if not one.fine]
    if len(bad) > MOST_OF_A_CHECK:
        rest = len(bad) - MOST_OF_A_CHECK
        return [*bad[:MOST_OF_A_CHECK], Verdict(False, f"and {rest} more", "more")]
    if bad:
        return bad
    return [Verdict(True, "; ".join(f"{one.subject}: {one.evidence}" if one.subject else one.evidence for one in verdicts[:5]))]  # fmt: skip


def _of(check: Check, verdict: Verdict) -> Finding:
    state = FindingState.PASSED if verdict.fine else FindingState.FAILED
    return _finding(check, state, subject=verdict.subject, evidence=verdict.evidence)


def _finding(
    check: Check, state: FindingState, *, subject: str = "", evidence: str = "", reason: str = ""
) -> Finding:
    return Finding(
        check=check.id, title=check.title, state=state, subject=_plain(subject), risk=check.risk, why=check.why, fix=check.fix,
        evidence=_plain(evidence), reason=_plain(reason), references=check.references,
    )  # fmt: skip


def _plain(text: str) -> str:
    """Return a text of one line without what a terminal would obey: names of files are anybody's."""
    shown = "".join(c if c.isprintable() else "�" for c in text.replace("\n", " ").replace("\t", " "))
    return shown if len(shown) <= _EVIDENCE else shown[: _EVIDENCE - 1] + "…"
