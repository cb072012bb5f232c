"""One match for one weakness: records that are aliases of each other tell of the same thing."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.instruments.scan.advisories.types import Advisory, Match, ScoredBy

_BEST = ("MAL-", "GHSA-", "RUSTSEC-", "GO-", "PYSEC-", "DSA-", "USN-", "ALSA-", "RLSA-", "RHSA-")


def collapse(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Return matches of one component, those that share an id or an alias as one: the best record, the others beside it."""
    groups: dict[str, list[Match]] = {}
    named: dict[str, str] = {}
    for match in matches:
        names = (match.advisory.id, *match.advisory.aliases)
        roots = dict.fromkeys(_root(named, each) for each in names)
        first, *others = roots
        groups.setdefault(first, [])
        for each in others:
            named[each] = first
            groups[first] += groups.pop(each, [])
        groups[first].append(match)
    return tuple(_one(group) for group in groups.values())


def _root(named: dict[str, str], name: str) -> str:
    """Return the name that stands for all that are the same as one, which is halfway moved there (union-find)."""
    while (parent := named.setdefault(name, name)) != name:
        named[name] = named[parent]
        name = parent
    return name


def _one(group: Sequence[Match]) -> Match:
    best, *others = sorted(group, key=_rank)
    if not others:
        return best
    fixed = next((each for each in group if each.fixed_in), best) if not best.fixed_in else best
    rated = best.advisory if best.advisory.rating is not ScoredBy.NONE else _rated(group)
    advisory = msgspec.structs.replace(
        best.advisory,
        aliases=_united([each.advisory.aliases for each in (best, *others)]),
        references=_united([each.advisory.references for each in (best, *others)]),
        risk=rated.risk, rating=rated.rating, vector=rated.vector,
    )  # fmt: skip
    ids = tuple(dict.fromkeys(each.advisory.id for each in others if each.advisory.id != best.advisory.id))
    return msgspec.structs.replace(
        best, advisory=advisory, others=ids, fixed_in=fixed.fixed_in, fixes=fixed.fixes
    )


def _rated(group: Sequence[Match]) -> Advisory:
    return max((each.advisory for each in group), key=lambda advisory: advisory.risk)


def _united(names: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for some in names for each in some))


def _rank(match: Match) -> tuple[int, bool, str]:
    name = match.advisory.id
    place = next((at for at, prefix in enumerate(_BEST) if name.startswith(prefix)), len(_BEST))
    return place, not match.fixed_in, name


def with_hints(match: Match, exploited: Mapping[str, bool], likelihood: Mapping[str, float]) -> Match:
    """Return a match with what is known of attackers, by its CVE numbers."""
    cves = match.advisory.cves
    return msgspec.structs.replace(
        match,
        exploited=any(exploited.get(each, False) for each in cves),
        likelihood=max((likelihood.get(each, 0.0) for each in cves), default=0.0),
    )
