"""Checks of scanners that look at one thing from outside, and the findings their hits become. Decisions only."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from vedette.wire.finding import Finding, FindingState


class Check(NamedTuple):
    """One thing that is looked for. `risk` is 0 to 10; `why` and `fix` are for a person."""

    id: str
    title: str
    risk: float
    why: str
    fix: str


class Hit(NamedTuple):
    """A check that failed at a place; `subject` tells several at one place apart (a cookie, a parameter)."""

    check: str
    place: str
    evidence: str = ""
    subject: str = ""


def told(kind: str, checks: Mapping[str, Check], hits: Iterable[Hit]) -> Iterator[Finding]:
    """Return a finding for each hit, each identity once; that is check, subject and the path or name it was found at."""
    seen: set[str] = set()
    for hit in hits:
        check = checks[hit.check]
        path = urlsplit(hit.place).path or "/" if "://" in hit.place else hit.place
        identity = "|".join((kind, hit.check, hit.subject, path))
        if identity not in seen:
            seen.add(identity)
            yield Finding(
                check=f"{kind}-{check.id}", title=check.title, state=FindingState.FAILED, subject=hit.subject,
                risk=check.risk, why=check.why, fix=check.fix, evidence=hit.evidence, place=hit.place, identity=identity,
                exposed=True,
            )  # fmt: skip
