"""What advisories say of components, made findings: what, where, why it matters, and which version mends it. Pure.

One finding is one weakness of one package, whatever its versions and wherever it stands: so it stays the same while lines and
versions move, until the last of them is mended.
"""

from collections.abc import Iterable, Mapping, Sequence

from vedette.instruments.scan import poisoning, provenance
from vedette.instruments.scan.advisories.types import Match
from vedette.instruments.scan.inventory import telling
from vedette.wire.finding import Finding, FindingState
from vedette.wire.scan import Component

Reachable = Mapping[tuple[str, str], bool]
"""Whether our code imports a package (ecosystem, name); one that is missing is not known."""

_LIKELY = 0.1  # EPSS at which it is worth a sentence: the upper twentieth or so of all
_MOST_PLACES, _MOST_REFERENCES, _LONGEST = 10, 20, 400


def judge(
    matches: Sequence[Match], reachable: Reachable, components: Sequence[Component] = ()
) -> tuple[Finding, ...]:
    """Return the findings, worst first. `components` are all there are, so that it can be told by which way one comes."""
    ways = provenance.ways(components or [each.component for each in matches])
    groups: dict[str, list[Match]] = {}
    for each in matches:
        groups.setdefault(identity(each), []).append(each)
    found = [_finding(key, group, reachable, ways) for key, group in groups.items()]
    found += poisoning.poisoned(components)
    return tuple(sorted(found, key=_order))


def identity(match: Match) -> str:
    """Return what stays the same of a finding: ecosystem, package and weakness, by the name of it that changes least."""
    package = match.component
    return f"{package.ecosystem.partition(':')[0]}/{_subject(package)}/{_steady(match)}"


def _steady(match: Match) -> str:
    names = sorted({match.advisory.id, *match.advisory.aliases, *match.others})
    by_kind = (name for kind in ("MAL-", "GHSA-", "CVE-") for name in names if name.startswith(kind))
    return next(by_kind, match.advisory.id)


def named(match: Match) -> str:
    """Return the name by which people know a weakness: its CVE number where it has one."""
    if match.malicious:
        return match.advisory.id
    return next(iter(match.advisory.cves), match.advisory.id)


def _finding(key: str, group: Sequence[Match], reachable: Reachable, ways: provenance.Ways) -> Finding:
    match = max(group, key=lambda each: (each.risk, each.component.version))
    package = match.component
    return Finding(
        check=named(match), title=_title(match, group), state=FindingState.FAILED, subject=_subject(package),
        risk=10.0 if match.malicious else match.risk, why=_why(match, group), fix=_fix(match, group),
        evidence=_evidence(group, ways), references=_references(match), labels=_labels(match, group),
        place=package.place, identity=key, exploited=any(each.exploited for each in group),
        likelihood=max(each.likelihood for each in group),
        reachable=reachable.get((package.ecosystem, package.name)),
    )  # fmt: skip


def _subject(package: Component) -> str:
    """Return what is affected: of a distribution the source package, which all its binary packages are built of."""
    return package.source or package.name


def _title(match: Match, group: Sequence[Match]) -> str:
    what = f"{_subject(match.component)} {_and(_versions(group))}"
    verb = "is" if len(_versions(group)) == 1 else "are"
    summary = _line(match.advisory.summary or match.advisory.details)
    told = f": {summary}" if summary else "."
    if match.malicious:
        return f"{what} {verb} harmful on purpose ({named(match)}){told}"
    return f"{what} {verb} affected by {named(match)}{told}"


def _why(match: Match, group: Sequence[Match]) -> str:
    if match.malicious:
        return "The package was made to do harm: whatever installed or built with it may be in somebody else's hands."
    told = (
        [f"Its risk is {match.risk:.1f} of 10 ({match.severity.value})."]
        if match.risk
        else ["Nobody says how bad it is."]
    )
    told += ["Attackers are known to use it (CISA)."] if any(each.exploited for each in group) else []
    likelihood = max(each.likelihood for each in group)
    told += (
        [f"It is used within 30 days with a likelihood of {likelihood:.0%} (EPSS)."]
        if likelihood >= _LIKELY
        else []
    )
    groups = sorted({name for each in group for name in each.component.groups})
    if groups and all(each.component.groups for each in group):
        told.append(f"It is wanted for {_and(groups)} alone.")
    return " ".join(told)


def _fix(match: Match, group: Sequence[Match]) -> str:
    if match.malicious:
        return "Remove it, rebuild whatever installed it from clean machines, and replace all secrets they could read."
    wanted = {each.component.version: each.fixed_in for each in group}
    if not any(wanted.values()):
        return "No version is known that mends it: see the references for a way around, replace the package, or accept it with a reason."
    if len(set(wanted.values())) == 1:
        return f"Upgrade to {match.fixed_in}."
    return " ".join(_step(version, to) for version, to in sorted(wanted.items()))


def _step(version: str, to: str) -> str:
    return f"Upgrade {version} to {to}." if to else f"Nothing is known that mends {version}."


def _evidence(group: Sequence[Match], ways: provenance.Ways) -> str:
    rows = dict.fromkeys(_row(each.component, provenance.way(ways, each.component)) for each in group)
    told = list(rows)[:_MOST_PLACES]
    return "\n".join(
        [*told, f"and {len(rows) - _MOST_PLACES} more places"] if len(rows) > _MOST_PLACES else told
    )


def _row(package: Component, way: Sequence[str]) -> str:
    what = f"{package.name} {package.version}"
    by = f", by way of {' → '.join(way)}" if len(way) > 1 else ", asked for by name" if package.direct else ""
    return f"{what} in {package.place}{by}" if package.place else f"{what}{by}"


def _references(match: Match) -> tuple[str, ...]:
    advisory = match.advisory
    names = (advisory.id, *advisory.aliases, *match.others, *advisory.references)
    return tuple(telling.printable(each) for each in dict.fromkeys(names))[:_MOST_REFERENCES]


def _labels(match: Match, group: Sequence[Match]) -> Mapping[str, str]:
    package = match.component
    purls = sorted({each.component.purl for each in group})
    places = len({_row(each.component, ()) for each in group})
    told = {
        "purls": " ".join(purls) if len(purls) > 1 else "", "places": str(places) if places > 1 else "",
        "ecosystem": package.ecosystem, "package": package.name, "version": ", ".join(_versions(group)),
        "fixed_in": match.fixed_in, "advisory": match.advisory.id, "purl": package.purl,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _versions(group: Sequence[Match]) -> list[str]:
    return sorted({each.component.version for each in group})


def _and(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last


def _line(text: str) -> str:
    told = telling.printable(" ".join(text[: 4 * _LONGEST].split()))
    return told if len(told) <= _LONGEST else told[: _LONGEST - 1] + "…"


def _order(finding: Finding) -> tuple[bool, bool, float, float, str]:
    """Order what is exploited, then reached, then bad, then likely to the front."""
    return (
        not finding.exploited,
        finding.reachable is False,
        -finding.risk,
        -finding.likelihood,
        finding.identity,
    )
