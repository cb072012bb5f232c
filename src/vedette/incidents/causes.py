"""What likely caused it? Pure: each sentence names the rows it rests on; without rows there is no sentence."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.incidents.spans import span
from vedette.incidents.types import AttachedAlert, Entry, EntryKind, Evidence, Incident

BEFORE = 1_800.0  # a cause lies at most half an hour before the first alert
AFTER = 60.0  # and is seldom told later than it
LATEST = 300.0  # but for an issue, which the events that follow bring about
MOST = 4


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """An incident with its alerts and what happened around it, in any order."""

    incident: Incident
    alerts: Sequence[AttachedAlert]
    entries: Sequence[Entry]

    @property
    def first(self) -> AttachedAlert | None:
        """Return the alert that began first."""
        return min(self.alerts, key=lambda alert: alert.starts, default=None)

    @property
    def began(self) -> float:
        """Return when the trouble began."""
        return min([alert.starts for alert in self.alerts], default=self.incident.started_at)

    def before(self, kind: EntryKind, after: float = AFTER) -> list[Entry]:
        """Return the entries of a kind in the half hour before it began and up to `after` seconds into it, newest first."""
        start, end = self.began - BEFORE, self.began + after
        found = [entry for entry in self.entries if entry.kind is kind and start <= entry.at <= end]
        return sorted(found, key=lambda entry: entry.at, reverse=True)


def likely(facts: Facts) -> tuple[Evidence, ...]:
    """Return what likely caused an incident, the strongest first, at most four."""
    start, end = facts.began - BEFORE, facts.began + LATEST
    near = msgspec.structs.replace(facts, entries=[one for one in facts.entries if start <= one.at <= end])
    found = [evidence for look in _LOOKS for evidence in look(near)]
    return tuple(found[:MOST])


def _deploys(facts: Facts) -> list[Evidence]:
    if facts.incident.project is None:
        return []
    return [
        Evidence(
            sentence=f"Likely the deploy {entry.subject or entry.text}: it went out {_apart(entry.at, facts.began)} {_what(facts)}.",
            rows=_rows(facts, entry),
        )
        for entry in facts.before(EntryKind.DEPLOY)[:1]
    ]


def _hosts(facts: Facts) -> list[Evidence]:
    about = {alert.labels.get("host", "") for alert in facts.alerts} | {
        alert.subject for alert in facts.alerts
    }
    found = [
        entry
        for entry in facts.before(EntryKind.HOST)
        if entry.tone == "crit" and entry.subject in about - {""}
    ]
    return [
        Evidence(
            sentence=f"The host {entry.subject} was in trouble {_apart(entry.at, facts.began)} {_what(facts)}.",
            rows=_rows(facts, entry),
        )
        for entry in found[:1]
    ]


def _certificates(facts: Facts) -> list[Evidence]:
    found = [
        alert
        for alert in facts.alerts
        if "certificate" in f"{alert.labels.get('kind', '')} {alert.title}".lower()
    ]
    return [
        Evidence(sentence=f"A certificate is at fault: {alert.title}.", rows=((alert.title, alert.link),))
        for alert in found[:1]
    ]


def _dependencies(facts: Facts) -> list[Evidence]:
    own = {alert.subject for alert in facts.alerts}
    found = [
        entry
        for entry in facts.before(EntryKind.CHECK, 0.0)
        if entry.tone == "crit" and entry.subject not in own
    ]
    return [
        Evidence(
            sentence=f"{entry.subject or entry.text} failed {_apart(entry.at, facts.began)} {_what(facts)}; it may depend on it.",
            rows=_rows(facts, entry),
        )
        for entry in found[:1]
    ]


def _issues(facts: Facts) -> list[Evidence]:
    news = ("moment:issue.new", "moment:issue.regressed")
    found = [entry for entry in facts.before(EntryKind.ISSUE, LATEST) if entry.source.startswith(news)]
    said = {"moment:issue.new": "was first seen", "moment:issue.regressed": "came back"}
    return [
        Evidence(
            sentence=f"{entry.subject} {said[entry.source.rpartition(':')[0]]} {_apart(entry.at, facts.began)} {_what(facts)}.",
            rows=_rows(facts, entry),
        )
        for entry in found[:2]
    ]


_LOOKS: tuple[Callable[[Facts], list[Evidence]], ...] = (
    _deploys,
    _hosts,
    _certificates,
    _dependencies,
    _issues,
)


def _rows(facts: Facts, entry: Entry) -> tuple[tuple[str, str], ...]:
    first = facts.first
    return ((entry.text, entry.link), *(((first.title, first.link),) if first else ()))


def _what(facts: Facts) -> str:
    return "the first alert" if facts.alerts else "it began"


def _apart(at: float, began: float) -> str:
    if abs(began - at) < 1:
        return "at the same moment as"
    return f"{span(abs(began - at))} {'before' if at < began else 'after'}"
