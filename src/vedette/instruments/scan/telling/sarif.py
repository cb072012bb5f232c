"""SARIF 2.1.0 (OASIS Standard, 27 March 2020), as code scanning of GitHub and others read it.

A run a scan. What could not be known is a notification of the tool, and the run was no success; what is accepted carries a
suppression with its reason. `partialFingerprints` come of the identity, so that a finding stays itself when lines move.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from vedette.instruments.scan.accepting import identity_of
from vedette.instruments.scan.telling import words
from vedette.instruments.scan.telling.types import Format, Telling
from vedette.instruments.scan.telling.words import plain
from vedette.instruments.scan.verdict import BLIND, blind_spots
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import ScanReport, Unknown

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_SHOWN = (FindingState.FAILED, FindingState.WAIVED)
_Json = dict[str, Any]


def _write(told: Telling) -> str:
    runs = [_run(report, told) for report in told.reports]
    return words.json({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})


def _run(report: ScanReport, told: Telling) -> _Json:
    shown = [each for each in report.findings if each.state in _SHOWN]
    rules: dict[str, Finding] = {}
    for each in shown:
        rules.setdefault(each.check, each)
    places = {check: place for place, check in enumerate(rules)}
    driver = {
        "name": "Vedette", "version": told.version,
        "rules": [_rule(each) for each in rules.values()],
    }  # fmt: skip
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"vedette-{plain(report.scanner)}/"},
        "invocations": [_invocation(report, told)],
        "results": [_result(each, report, places) for each in shown],
        "columnKind": "unicodeCodePoints",
    }


def _rule(each: Finding) -> _Json:
    why = plain(each.why) or plain(each.title) or plain(each.check)
    return {
        "id": plain(each.check),
        "shortDescription": {"text": plain(each.title) or plain(each.check)},
        "fullDescription": {"text": why},
        "help": {"text": " ".join(filter(None, (why, plain(each.fix))))},
        "defaultConfiguration": {"level": words.level(each)},
        "properties": {"security-severity": f"{each.risk:.1f}", "tags": ["security"]},
    }


def _result(each: Finding, report: ScanReport, places: Mapping[str, int]) -> _Json:
    text = " ".join(filter(None, map(plain, (each.title, each.evidence, each.fix, each.reason))))
    found: _Json = {
        "ruleId": plain(each.check),
        "ruleIndex": places[each.check],
        "level": words.level(each),
        "message": {"text": text or plain(each.check)},
        "locations": [_location(each, report)],
        "partialFingerprints": {"vedetteIdentity/v1": _fingerprint(each, report)},
    }
    if each.state is FindingState.WAIVED:
        found["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": plain(each.reason)}
        ]
    return found


def _fingerprint(each: Finding, report: ScanReport) -> str:
    text = f"{report.scanner}\n{identity_of(each)}"
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _location(each: Finding, report: ScanReport) -> _Json:
    at = words.spot(each)
    name = plain(each.subject or each.place or report.target or report.scanner)
    if at is None:
        uri = each.place or report.target or report.scanner
        return {"physicalLocation": {"artifactLocation": {"uri": _uri(uri)}}, "logicalLocations": [{"fullyQualifiedName": name}]}  # fmt: skip
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(at.file)},
            "region": {"startLine": max(1, at.line)},
        },
        "logicalLocations": [{"fullyQualifiedName": name}],
    }


def _uri(place: str) -> str:
    """Return a path or an URL as an URI reference."""
    safe = "/:?&=#@%+,;~[]!$()*" if "://" in place else "/"
    return quote(place.encode("utf-8", "replace"), safe=safe)


def _invocation(report: ScanReport, told: Telling) -> _Json:
    blind = blind_spots((report,))
    return {
        "executionSuccessful": not blind,
        "exitCode": BLIND if blind else told.verdict.code,
        "startTimeUtc": words.instant(report.at),
        "endTimeUtc": words.instant(report.at + report.seconds),
        "toolExecutionNotifications": _notifications(blind),
    }


def _notifications(blind: Sequence[Unknown]) -> list[_Json]:
    return [
        {
            "level": "error",
            "descriptor": {"id": "could-not-know"},
            "message": {"text": plain(f"{each.subject}: {each.why} {each.fix}".strip())},
        }
        for each in blind
    ]


FORMAT = Format(name="sarif", about="SARIF 2.1.0, for code scanning.", write=_write)
