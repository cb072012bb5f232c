"""What semgrep tells, as ours (its JSON output, semgrep 1.x)."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.scan.code.masking import without_literals
from vedette.instruments.scan.code.types import CodeCheck, WeakSpot
from vedette.instruments.scan.tree import shown
from vedette.instruments.scan.types import CannotKnow
from vedette.wire.scan import Unknown

_RISKS = {"CRITICAL": 9.0, "ERROR": 7.5, "HIGH": 7.5, "WARNING": 5.0, "MEDIUM": 5.0, "INFO": 2.5, "LOW": 2.5}


_NOT_MEANT = frozenset({"wrong_language", "irrelevant_rule"})  # no rule is for such a file


class _At(msgspec.Struct):
    line: int = 1


class _Extra(msgspec.Struct):
    message: str = ""
    severity: str = "INFO"
    fix: str = ""


class _Result(msgspec.Struct):
    check_id: str
    path: str
    start: _At = msgspec.field(default_factory=_At)
    end: _At = msgspec.field(default_factory=_At)
    extra: _Extra = msgspec.field(default_factory=_Extra)


class _Error(msgspec.Struct):
    message: str = ""
    path: str = ""
    level: str = "error"


class _Skipped(msgspec.Struct):
    path: str = ""
    reason: str = ""


class _Paths(msgspec.Struct):
    skipped: list[_Skipped] = []


class _Report(msgspec.Struct):
    results: list[_Result] = []
    errors: list[_Error] = []
    paths: _Paths = msgspec.field(default_factory=_Paths)


def read(report: bytes, originals: Mapping[str, str]) -> tuple[list[WeakSpot], list[Unknown]]:
    """Return what a report tells of copies, by the paths of their originals; raises `CannotKnow` where it is none."""
    try:
        found = msgspec.json.decode(report, type=_Report)
    except msgspec.DecodeError as error:
        raise CannotKnow(f"semgrep's report cannot be read: {error}", "Install semgrep 1.x.") from error
    unknown = [
        Unknown(subject=shown(originals.get(each.path, "")) or "semgrep", why=f"semgrep: {shown(each.message[:200])}", fix="Correct the file or the rule.")
        for each in found.errors
    ]  # fmt: skip
    unknown += [
        Unknown(subject=shown(originals[each.path]), why=f"semgrep passed it over: {shown(each.reason[:100]).replace('_', ' ')}.", fix="Look at it by hand, or leave semgrep out.")
        for each in found.paths.skipped if each.path in originals and each.reason not in _NOT_MEANT
    ]  # fmt: skip
    return [_spot(each, originals[each.path]) for each in found.results if each.path in originals], unknown


def _spot(result: _Result, path: str) -> WeakSpot:
    name = result.check_id.rpartition(".")[2] or result.check_id
    check = CodeCheck(
        id=f"semgrep.{name[:120]}", title=name.replace("-", " "), risk=_RISKS.get(result.extra.severity, 2.5), cwe=0,
        why=without_literals(result.extra.message[:500]), fix=f"Write {result.extra.fix[:200]!r}." if result.extra.fix else "See the rule.",
    )  # fmt: skip
    return WeakSpot(
        check=check, path=path, line=result.start.line, marked=(result.start.line - 1, result.end.line)
    )
