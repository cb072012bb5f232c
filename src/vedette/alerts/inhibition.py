"""Does one alert make another needless? Pure.

Source of the semantics: Prometheus' documentation, "Alertmanager, Inhibition": a target is muted while a
source fires and the labels in `equal` have the same values (one that is missing counts as empty). An alert
that matches both sides of a rule is not inhibited by another that does too, so none can silence itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.alerts import matching
from vedette.alerts.matching import Matcher


class Inhibition(msgspec.Struct, frozen=True, kw_only=True):
    """One rule: what `source` matches mutes what `target` matches, where `equal` agree."""

    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()


class Source(msgspec.Struct, frozen=True):
    """That an alert is a source of a rule: the rule's key, the values of `equal`, and whether it is a target too."""

    rule: str
    equal: str
    two_sided: bool


class Muted(msgspec.Struct, frozen=True):
    """That an alert is muted: by which alert (its fingerprint), and in words."""

    source: str
    reason: str


# (rule, equal) -> the firing sources: (fingerprint, is it a target too)
Sources = Callable[[str, str], Sequence[tuple[str, bool]]]


def key(rule: Inhibition) -> str:
    """Return a name of the rule that is the same as long as the rule is."""
    sides = (matching.written(side) for side in (rule.source, rule.target))
    return "|".join((*sides, ",".join(sorted(rule.equal))))


def sources(rules: Iterable[Inhibition], labels: Mapping[str, str]) -> Iterator[Source]:
    """Return of which rules a firing alert of these labels is a source."""
    for rule in rules:
        if matching.matches(rule.source, labels):
            yield Source(key(rule), _equal(rule, labels), matching.matches(rule.target, labels))


def muted(rules: Iterable[Inhibition], labels: Mapping[str, str], firing: Sources) -> Muted | None:
    """Return what mutes an alert of these labels, None when nothing does."""
    for rule in rules:
        if not matching.matches(rule.target, labels):
            continue
        is_source = matching.matches(rule.source, labels)
        for source, two_sided in firing(key(rule), _equal(rule, labels)):
            if not (is_source and two_sided):
                return Muted(source, _reason(rule))
    return None


def would_mute(rule: Inhibition, firing: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """Return which of the firing alerts (labels by fingerprint) a rule would mute, each with the source that does."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for name, labels in firing.items():
        for source in sources((rule,), labels):
            found.setdefault(source.equal, []).append((name, source.two_sided))
    asked: Sources = lambda _, equal: found.get(equal, ())  # noqa: E731 - the port's own shape
    by = {name: muted((rule,), labels, asked) for name, labels in firing.items()}
    return {name: each.source for name, each in by.items() if each is not None}


def spoken(rule: Inhibition) -> str:
    """Return a rule as a sentence."""
    same = f", where {', '.join(rule.equal)} agree" if rule.equal else ""
    return f"While {matching.written(rule.source)} fires, {matching.written(rule.target)} is muted{same}."


def _equal(rule: Inhibition, labels: Mapping[str, str]) -> str:
    return "\xff".join(labels.get(name, "") for name in sorted(rule.equal))


def _reason(rule: Inhibition) -> str:
    same = f" with the same {', '.join(sorted(rule.equal))}" if rule.equal else ""
    return f"An alert of {matching.written(rule.source)} fires{same}."
