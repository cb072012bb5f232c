"""Makes findings of weak spots: the same one in a later scan though its lines moved."""

import hashlib
from collections.abc import Iterable

from vedette.instruments.scan.code.masking import without_literals
from vedette.instruments.scan.code.types import WeakSpot
from vedette.instruments.scan.tree import aside, shown
from vedette.wire.finding import Finding, FindingState

_LONGEST, _MOST = 160, 2_000
_SECRETS = frozenset({"code.secret-key"})
_ASIDE_MOST = 3.0


def findings(spots: Iterable[WeakSpot]) -> list[Finding]:
    """Return the findings, the worst first. What bandit tells of a line that a check of ours tells too is left out."""
    every = list(spots)
    ours = {(each.path, each.line): each.check.like for each in every if each.check.like}
    kept = [
        each
        for each in every
        if each.check.id.rpartition("bandit.")[2] not in ours.get((each.path, each.line), ())
    ]
    found: dict[str, Finding] = {}
    for each in kept:
        made = _finding(each)
        found.setdefault(made.identity, made)
    return sorted(found.values(), key=lambda each: (-each.risk, each.place))


def _finding(spot: WeakSpot) -> Finding:
    check, there = spot.check, shown(spot.path)
    risk = min(check.risk, _ASIDE_MOST) if aside(spot.path) else check.risk
    named = check.id if "." in check.id else f"code.{check.id}"
    references = (f"CWE-{check.cwe}",) if check.cwe else ()
    return Finding(
        check=named, title=f"{check.title} in {there}", state=FindingState.FAILED, subject=there, risk=risk, why=check.why, fix=check.fix,
        evidence=_evidence(named, spot.code), references=references, place=f"{there}:{spot.line}" if spot.line else there,
        identity=f"{named}/{there}/{_mark(spot.code)}", labels={"line": str(spot.line)},
    )  # fmt: skip


def _evidence(check: str, code: str) -> str:
    """Return the line that a person looks at, without the secret where it is one."""
    line = without_literals(code.strip()[:_MOST])[:_LONGEST]
    shown_line = (
        f"{line.partition('=')[0].strip()} = …"
        if check in _SECRETS or check.startswith("bandit.B10")
        else line
    )
    return "".join(c if c.isprintable() else " " for c in shown_line)


def _mark(code: str) -> str:
    return hashlib.sha256(" ".join(code.split()).encode("utf-8", "replace")).hexdigest()[:12]
