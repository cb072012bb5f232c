"""The parts of CycloneDX 1.6: components, what needs what, and weaknesses with what is thought of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from vedette.instruments.scan.accepting import WAIVER
from vedette.instruments.scan.telling import words
from vedette.instruments.scan.telling.types import Telling
from vedette.instruments.scan.telling.words import plain
from vedette.wire.finding import Finding, FindingState, severity_of
from vedette.wire.scan import Component

_Json = dict[str, Any]
_HASHES = {"md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
_DIGITS = {"MD5": 32, "SHA-1": 40, "SHA-256": 64, "SHA-384": 96, "SHA-512": 128}
_STATES: Mapping[str, _Json] = {
    "accepted": {"state": "exploitable", "response": ["will_not_fix"]},
    "not_affected": {"state": "not_affected"},
    "fixed": {"state": "resolved"},
}


def document(told: Telling, *, components: bool) -> str:
    """Return a CycloneDX document: with its components as an SBOM, without them as VEX."""
    found = {reference(each): each for report in told.reports for each in report.components}
    made: _Json = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": _metadata(told),
    }
    if components:
        made["components"] = [_component(ref, each) for ref, each in found.items()]
        made["dependencies"] = _dependencies(found)
    made["vulnerabilities"] = _vulnerabilities(told, found)
    return words.json(made)


def reference(component: Component) -> str:
    """Return what a document calls a component: its package URL, or what makes it one."""
    return plain(component.purl or f"{component.ecosystem}/{component.name}@{component.version}")


def _metadata(told: Telling) -> _Json:
    tool = {"type": "application", "name": "vedette", "version": told.version}
    return {"timestamp": words.instant(told.now), "tools": {"components": [tool]}}


def _component(ref: str, each: Component) -> _Json:
    made: _Json = {
        "type": "library",
        "bom-ref": ref,
        "name": plain(each.name),
        "version": plain(each.version),
        "properties": _properties(each),
    }
    hashes = list(filter(None, map(_hash, dict.fromkeys(each.hashes))))
    return (
        made
        | ({"purl": plain(each.purl)} if each.purl else {})
        | ({"hashes": hashes} if hashes else {})
        | ({"scope": "optional"} if each.groups else {})
    )


def _properties(each: Component) -> list[_Json]:
    told = {
        "vedette:ecosystem": each.ecosystem,
        "vedette:place": each.place,
        "vedette:groups": ",".join(each.groups),
        "vedette:source": each.source,
    }
    return [{"name": name, "value": plain(value)} for name, value in told.items() if value]


def _hash(text: str) -> _Json | None:
    """Return a hash written `sha256:…` in hexadecimal; others (SRI's base64) are left out."""
    name, _, digest = text.partition(":")
    known = _HASHES.get(name.lower().replace("-", ""), "")
    right = len(digest) == _DIGITS.get(known, -1) and set(digest.lower()) <= set("0123456789abcdef")
    return {"alg": known, "content": digest.lower()} if right else None


def _dependencies(found: Mapping[str, Component]) -> list[_Json]:
    by_name: dict[tuple[str, str], list[str]] = {}
    for ref, each in found.items():
        by_name.setdefault((each.ecosystem, each.name), []).append(ref)
    rows = []
    for ref, each in found.items():
        wanted = {need for name in each.requires for need in by_name.get((each.ecosystem, name), ())}
        rows.append({"ref": ref, "dependsOn": sorted(wanted - {ref})})
    return rows


def _vulnerabilities(told: Telling, found: Mapping[str, Component]) -> list[_Json]:
    by_name: dict[tuple[str, str], list[str]] = {}
    for ref, each in found.items():
        by_name.setdefault((each.ecosystem, each.name), []).append(ref)
    rows = (one for report in told.reports for one in report.findings if one.labels.get("package"))
    return [_vulnerability(one, _affected(one, by_name, found)) for one in _open(rows)]


def _open(findings: Iterable[Finding]) -> Iterable[Finding]:
    return (one for one in findings if one.state in {FindingState.FAILED, FindingState.WAIVED})


def _affected(
    each: Finding, by_name: Mapping[tuple[str, str], Sequence[str]], found: Mapping[str, Component]
) -> list[str]:
    labels = each.labels
    named = by_name.get((labels.get("ecosystem", ""), labels["package"]), ())
    versions = set(labels.get("version", "").split(", "))
    refs = [ref for ref in named if found[ref].version in versions]
    return refs or [plain(labels.get("purl") or labels["package"])]


def _vulnerability(each: Finding, affected: Sequence[str]) -> _Json:
    return {
        "id": plain(each.labels.get("advisory") or each.check),
        "ratings": [{"score": each.risk, "severity": severity_of(each.risk), "method": "other"}],
        "description": plain(each.title),
        "detail": plain(each.why),
        "recommendation": plain(each.fix),
        "analysis": _analysis(each),
        "affects": [{"ref": ref} for ref in affected],
    }


def _analysis(each: Finding) -> _Json:
    """Return what is thought: never `not_affected` where nobody said so."""
    thought = _STATES.get(each.labels.get(WAIVER, "")) if each.state is FindingState.WAIVED else None
    state = thought or {"state": "exploitable" if each.reachable and each.exploited else "in_triage"}
    detail = plain(each.reason)
    return {**state, **({"detail": detail} if detail else {})}
