"""What rules would have done to logs of the past: detections, who would have been banned and for how long, and the innocents.

Every set is taken as enforced. Once an address would have been banned, its lines until the ban's end would not have come: they
are counted and not poured. How long a ban lasts is decided as the agent decides it: the rule's first duration, four times as
long for each earlier ban that is not forgotten (one is, for each quiet week), at most seven days.
"""

import ipaddress
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import msgspec

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.evidence import printable
from vedette.agent.detect.types import Mode, Rule
from vedette.agent.detect.values import Groups
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.logs.wanting import Wanted
from vedette.wire.agent.types import Detection, Measure

LATER = math.inf
FACTOR = 4
WEEK = 604_800.0
LONGEST = WEEK
MOST_DETECTIONS = 10_000
MOST_ADDRESSES = 200_000
MOST_USERS = 5
ORDINARY = 20  # so many ordinary requests, and nine of ten of all: this is a visitor
ORDINARY_SHARE = 0.9
WANTED = Wanted(frozenset(EntryKind) - {EntryKind.OTHER, EntryKind.SESSION})
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7", "fe80::/10",
    )
)  # fmt: skip


class Banned(msgspec.Struct, kw_only=True):
    """Somebody who would have been banned: since when, for how long in all (seconds), by which rules, and how often.

    `last_at` is when that would have been decided last, `lines` how many lines all of it rests on. `kept_away` are the lines that would not have come. `signed_in` are users who signed in from there, `ordinary` of
    `requests` were answered without an error. `innocent` is the sentence why this may be no attacker, empty otherwise.
    """

    address: str
    first_at: float
    until: float
    seconds: float
    rules: list[str]
    times: int = 1
    last_at: float = 0.0
    lines: int = 0
    kept_away: int = 0
    signed_in: list[str] = []
    requests: int = 0
    ordinary: int = 0
    innocent: str = ""


class Replayed(msgspec.Struct, kw_only=True):
    """All of it; `detections` are the first ones, `by_rule` counts them all. `spared` would never be banned: private addresses."""

    entries: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    detected: int = 0
    by_rule: dict[str, int] = {}
    detections: list[Detection] = []
    banned: list[Banned] = []
    spared: list[str] = []


class _Visitor(msgspec.Struct):
    requests: int = 0
    ordinary: int = 0
    users: tuple[str, ...] = ()


class Replay:
    """Takes entries in their order, and tells at the end. `spares` tells whom nobody bans: private addresses where nothing is said."""

    def __init__(self, rules: Sequence[Rule], spares: Callable[[str], bool] | None = None) -> None:
        self._spares = spares or _spared
        self._detector = Detector(rules, {rule.set: Mode.ENFORCE for rule in rules})
        self._groups = Groups()
        self._bans: dict[str, Banned] = {}
        self._visitors: dict[str, _Visitor] = {}
        self._by_rule: Counter[str] = Counter()
        self._spared: dict[str, None] = {}
        self._seen = Replayed()

    def take(self, entries: Iterable[LogEntry]) -> None:
        """Take entries as they were written."""
        for entry in entries:
            self._seen.entries += 1
            group = self._groups.of(entry.address)
            self._visit(group, entry)
            ban = self._bans.get(group)
            if ban is not None and entry.at < ban.until:
                ban.kept_away += 1
                continue
            for detection in self._detector.pour(entry, LATER):
                self._detected(group, detection)

    def told(self) -> Replayed:
        """Return what came of it, the worst banned first and before all the innocents."""
        seen = self._seen
        seen.detected, seen.by_rule = self._by_rule.total(), dict(self._by_rule.most_common())
        seen.spared = list(self._spared)
        for group, ban in self._bans.items():
            self._judge(ban, self._visitors.get(group, _Visitor()))
        seen.banned = sorted(
            self._bans.values(), key=lambda ban: (not ban.innocent, -ban.seconds, ban.address)
        )
        return seen

    def _visit(self, group: str, entry: LogEntry) -> None:
        seen = self._seen
        seen.first_at = min(seen.first_at or entry.at, entry.at)
        seen.last_at = max(seen.last_at, entry.at)
        if not group or (entry.kind is not EntryKind.REQUEST and entry.kind is not EntryKind.LOGIN_OK):
            return
        visitor = self._visitors.get(group)
        if visitor is None:
            if len(self._visitors) >= MOST_ADDRESSES:
                return
            visitor = self._visitors[group] = _Visitor()
        if entry.kind is EntryKind.REQUEST:
            visitor.requests += 1
            visitor.ordinary += entry.fields.get("status", "")[:1] in ("1", "2", "3")
        elif entry.user not in visitor.users:
            visitor.users = (*visitor.users, entry.user)[:MOST_USERS]

    def _detected(self, group: str, detection: Detection) -> None:
        self._by_rule[detection.rule] += 1
        if len(self._seen.detections) < MOST_DETECTIONS:
            self._seen.detections.append(detection)
        if detection.labels.get("measure") != Measure.BAN or not group:
            return
        if self._spares(detection.address):
            if len(self._spared) < MOST_DETECTIONS:
                self._spared.setdefault(group)
            return
        self._ban(group, detection)

    def _ban(self, group: str, detection: Detection) -> None:
        first = float(detection.labels["seconds"])
        ban = self._bans.get(group)
        if ban is None:
            self._bans[group] = Banned(
                address=group, first_at=detection.at, until=detection.at + first, seconds=first, rules=[detection.rule],
                last_at=detection.at, lines=detection.count,
            )  # fmt: skip
            return
        ban.lines += detection.count
        if detection.rule not in ban.rules:
            ban.rules.append(detection.rule)
        if detection.at < ban.until:  # another rule, met by the same line
            return
        counting = max(0, ban.times - int((detection.at - ban.until) // WEEK))
        lasts = min(first * FACTOR**counting, max(first, LONGEST))
        ban.times, ban.until, ban.seconds = counting + 1, detection.at + lasts, ban.seconds + lasts
        ban.last_at = detection.at

    def _judge(self, ban: Banned, visitor: _Visitor) -> None:
        ban.signed_in = [printable(user)[:60] for user in visitor.users]
        ban.requests, ban.ordinary = visitor.requests, visitor.ordinary
        if visitor.users:
            ban.innocent = f"{', '.join(each or 'somebody' for each in ban.signed_in)} signed in from there"
        elif visitor.ordinary >= ORDINARY and visitor.ordinary >= ORDINARY_SHARE * visitor.requests:
            ban.innocent = f"{visitor.ordinary:,} of its {visitor.requests:,} requests were ordinary"


def _spared(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return True
    return any(found in network for network in _NEVER)
