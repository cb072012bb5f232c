"""Sigma's rules at work: entries in, detections out. Pure: instants and ids are passed in."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from vedette.agent.detect.evidence import printable, shown
from vedette.agent.detect.types import Mode
from vedette.agent.detect.wanting import escaped
from vedette.agent.sigma.compiling import Check, compiled
from vedette.agent.sigma.correlating import Correlator, Met
from vedette.agent.sigma.event import Event
from vedette.agent.sigma.fields import VIEWS, Fields, View, event_of
from vedette.agent.sigma.needing import Gate, needed
from vedette.agent.sigma.types import Correlation, SigmaRule
from vedette.core.ids import new_id
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.logs.wanting import Wanted
from vedette.wire.agent.types import Detection, Measure

SET = "sigma"
LICENCE = "DRL 1.1"
NOTHING: tuple[Detection, ...] = ()
QUIET = 60.0  # seconds in which a rule is told once of an address
MOST_QUIET = 50_000
_SEVERITIES = {"informational": "info"}


class _Group:
    """The rules that one source feeds."""

    def __init__(self, view: View, rules: Sequence[SigmaRule]) -> None:
        self.view = view
        self.rules = rules
        self.checks: list[Check] = [compiled(rule.test) for rule in rules]
        self.needs = [needed(rule.test) for rule in rules]
        self.gate = Gate(self.needs)

    def met(self, event: Event) -> list[SigmaRule]:
        return [
            self.rules[number] for number in self.gate.open_to(event.everything()) if self.checks[number](event)
        ]  # fmt: skip


class SigmaDetector:
    """All rules in Sigma's format on one host; not for several threads at once.

    A rule is told once a minute of an address; how often it was met meanwhile stands in the next detection's `count`.
    `unfed` are the rules of sources that no parser of ours reads: they are never met.
    """

    def __init__(
        self, rules: Sequence[SigmaRule], correlations: Sequence[Correlation] = (), mode: Mode = Mode.SIMULATE, *,
        ids: Callable[[], str] = new_id,
    ) -> None:  # fmt: skip
        self.mode = mode
        self._ids = ids
        live = [] if mode == Mode.OFF else rules
        groups = [_Group(view, [rule for rule in live if view.is_meant(rule.source)]) for view in VIEWS]
        self._groups = [group for group in groups if group.rules]
        fed = {rule.id for group in self._groups for rule in group.rules}
        self.unfed = tuple(rule for rule in live if rule.id not in fed)
        self.correlator = Correlator(() if mode == Mode.OFF else correlations)
        self._by_entry: dict[tuple[str, EntryKind], list[_Group]] = {}
        self._quiet: OrderedDict[tuple[str, str], list[float]] = OrderedDict()
        self.wanted = _wanted(self._groups)

    def met(self, entry: LogEntry) -> Iterator[tuple[SigmaRule, Event]]:
        """Yield the rules that an entry meets, counting nothing; a rule that several sources feed comes once."""
        found: set[str] = set()
        events: dict[Fields, Event] = {}
        for group in self._groups_of(entry):
            fields = group.view.fields
            event = events.get(fields) or events.setdefault(fields, event_of(group.view, entry))
            for rule in group.met(event):
                if rule.id not in found:
                    found.add(rule.id)
                    yield rule, event

    def pour(self, entry: LogEntry, now: float) -> Sequence[Detection]:
        """Take an entry that was read at an instant (one that claims to be of later is of then); return what it sets off."""
        found: list[Detection] | None = None
        for rule, event in self.met(entry):
            at = min(entry.at, now)
            told = self._rule(rule, entry, at) if rule.told else None
            more = [
                self._correlation(met, entry, at)
                for met in self.correlator.pour(rule.id, event, at)
                if met.correlation.told
            ]
            if told is not None or more:
                found = [*(found or ()), *([told] if told else ()), *more]
        return found or NOTHING

    def _groups_of(self, entry: LogEntry) -> list[_Group]:
        key = entry.parser, entry.kind
        groups = self._by_entry.get(key)
        if groups is None:
            if len(self._by_entry) > 1_000:
                self._by_entry.clear()
            groups = self._by_entry[key] = [group for group in self._groups if group.view.sees(entry)]
        return groups

    def _rule(self, rule: SigmaRule, entry: LogEntry, at: float) -> Detection | None:
        count = self._heard(rule.id, entry.address, at)
        return self._fired(rule, entry, at, "", count=count, first_at=at) if count else None

    def _correlation(self, met: Met, entry: LogEntry, at: float) -> Detection:
        values = "".join(f", {name} {shown(text)[:100]}" for name, text in met.group)
        often = f": {met.count} within {met.correlation.seconds:g} s{values}"
        return self._fired(met.correlation, entry, at, often, count=met.count, first_at=met.first_at)

    def _fired(
        self, rule: SigmaRule | Correlation, entry: LogEntry, at: float, often: str, *, count: int, first_at: float,
    ) -> Detection:  # fmt: skip
        by = f" by {rule.author}" if rule.author else ""
        return Detection(
            id=self._ids(), at=at, rule=f"sigma:{rule.id}", reason=printable(f"{rule.title}{often} (Sigma{by})"),
            severity=_SEVERITIES.get(rule.level, rule.level), service=entry.service, address=entry.address,
            user=printable(entry.user)[:200], count=count, first_at=first_at, simulated=self.mode != Mode.ENFORCE,
            lines=(shown(entry.line),) if entry.line else (), labels=_labels(rule),
        )  # fmt: skip

    def _heard(self, rule: str, address: str, at: float) -> int:
        """Return how often a rule was met since it was last told of an address, 0 when that was just now."""
        key = rule, address
        known = self._quiet.get(key)
        if known is not None and at < known[0]:
            known[1] += 1
            return 0
        count = 1 if known is None else int(known[1]) + 1
        self._quiet[key] = [at + QUIET, 0]
        self._quiet.move_to_end(key)
        if len(self._quiet) > MOST_QUIET:
            self._quiet.popitem(last=False)
        return count


def _labels(rule: SigmaRule | Correlation) -> dict[str, str]:
    found = {
        "set": SET, "measure": Measure.NOTE.value, "seconds": "0", "title": rule.title, "author": rule.author,
        "tags": " ".join(rule.tags[:20]), "references": " ".join(rule.references[:5]), "licence": LICENCE,
    }  # fmt: skip
    return {name: printable(text) for name, text in found.items() if text}


def _wanted(groups: Sequence[_Group]) -> Wanted:
    """Return which entries the rules want: requests by the literals that their rules need, where all need some."""
    kinds = frozenset(kind for group in groups for kind in group.view.kinds)
    patterns: set[str] = set()
    for group in groups:
        if group.view.kinds != {EntryKind.REQUEST}:
            continue
        for need in group.needs:
            if need is None:
                return Wanted(kinds, None)
            patterns.update(_pattern(literal) for literal in need)
    return Wanted(kinds, tuple(sorted(patterns)))


def _pattern(literal: str) -> str:
    """Return a pattern for a line with a literal: some formats log path and query apart."""
    return escaped(max(literal.split("?"), key=len) or literal)
