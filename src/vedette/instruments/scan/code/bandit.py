"""What bandit tells, as ours (its JSON report, bandit 1.7 to 1.9)."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.scan.code.masking import without_literals
from vedette.instruments.scan.code.types import CodeCheck, WeakSpot
from vedette.instruments.scan.tree import shown
from vedette.instruments.scan.types import CannotKnow
from vedette.wire.scan import Unknown

_RISKS = {"HIGH": 7.5, "MEDIUM": 5.0, "LOW": 2.5}
_PASSWORDS = frozenset({"B105", "B106", "B107"})  # what bandit says of these is the password itself
_WRITTEN_DOWN = "What looks like a password stands in the code: whoever reads it, or its past, has it."
_SURE = {"HIGH": 1.0, "MEDIUM": 0.85, "LOW": 0.6}


class _Cwe(msgspec.Struct):
    id: int = 0


class _Result(msgspec.Struct):
    filename: str
    test_id: str
    line_number: int
    line_range: list[int] = []
    test_name: str = ""
    issue_text: str = ""
    issue_severity: str = "LOW"
    issue_confidence: str = "LOW"
    issue_cwe: _Cwe = msgspec.field(default_factory=_Cwe)
    more_info: str = ""


class _Error(msgspec.Struct):
    filename: str = ""
    reason: str = ""


class _Report(msgspec.Struct):
    results: list[_Result] = []
    errors: list[_Error] = []
    metrics: dict[str, object] = {}


def read(report: bytes, originals: Mapping[str, str]) -> tuple[list[WeakSpot], list[Unknown]]:
    """Return what a report tells of copies, by the paths of their originals; raises `CannotKnow` where it is none."""
    try:
        found = msgspec.json.decode(report, type=_Report)
    except msgspec.DecodeError as error:
        raise CannotKnow(
            f"bandit's report cannot be read: {error}", "Install bandit 1.7 or newer."
        ) from error
    passed = set(originals) - set(found.metrics) - {each.filename for each in found.errors}
    failed = [*found.errors, *(_Error(filename=each, reason="it passed it over") for each in sorted(passed))]
    unknown = [
        Unknown(subject=shown(originals.get(each.filename, "")) or "bandit", why=f"bandit could not read it: {each.reason[:200]}", fix="Correct the file, or leave it out.")
        for each in failed
    ]  # fmt: skip
    return [
        _spot(each, originals[each.filename]) for each in found.results if each.filename in originals
    ], unknown


def _spot(result: _Result, path: str) -> WeakSpot:
    risk = _RISKS.get(result.issue_severity, 2.5) * _SURE.get(result.issue_confidence, 0.6)
    why, fix = (
        _WRITTEN_DOWN if result.test_id in _PASSWORDS else without_literals(result.issue_text[:500]),
        f"See {result.more_info}" if result.more_info else "See bandit's manual.",
    )
    check = CodeCheck(
        id=f"bandit.{result.test_id}", title=result.test_name.replace("_", " ") or result.test_id, risk=round(risk, 1),
        why=why, fix=fix, cwe=result.issue_cwe.id,
    )  # fmt: skip
    lines = [result.line_number, *result.line_range]
    return WeakSpot(check=check, path=path, line=result.line_number, marked=(min(lines), max(lines)))
