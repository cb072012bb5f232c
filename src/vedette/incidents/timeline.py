"""What happened when? Pure: moments, alerts and acts become lines, and many of a kind fold into one."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from vedette.incidents.types import ROOM, Entry, EntryDraft, EntryKind
from vedette.signals.types import Moment

BEFORE = 1_800.0  # so long before an incident may lie what led to it
TOGETHER = 300.0  # what is no farther apart folds
NO_CAUSE = "Same minutes, no shared cause found"
_QUIET = frozenset({ROOM, "alerts"})  # told by acts and by attached alerts
_KINDS: Mapping[str, EntryKind] = {
    "errors": EntryKind.ISSUE,
    "deploys": EntryKind.DEPLOY,
    "monitors": EntryKind.CHECK,
    "intrusions": EntryKind.BAN,
    "hosts": EntryKind.HOST,
    "oncall": EntryKind.PAGE,
    "status": EntryKind.STATUS,
}
_TONES: Mapping[str, str] = {
    "deploys": "info",
    "monitor.down": "crit",
    "monitor.degraded": "warn",
    "monitor.up": "ok",
    "issue.new": "crit",
    "issue.regressed": "crit",
    "issue.escalating": "crit",
    "issue.resolved": "ok",
    "backup.restored": "info",
}
_ALWAYS = "backup.restored"  # what was brought back in the midst of an incident is a part of it, whatever it is about
_BREAK = frozenset({"hosts", "monitors"})
_HOST_TROUBLE = ("oom", "full", "readonly", "read_only", "failed", "silent", "drift", "reboot")
_FOLDS: Mapping[EntryKind, int] = {
    EntryKind.ALERT: 3,
    EntryKind.BAN: 2,
    EntryKind.ISSUE: 4,
    EntryKind.CHECK: 6,
}
_ICONS: Mapping[EntryKind, str] = {
    EntryKind.ALERT: "siren",
    EntryKind.ISSUE: "bug",
    EntryKind.DEPLOY: "rocket",
    EntryKind.CHECK: "heart-pulse",
    EntryKind.BAN: "ban",
    EntryKind.HOST: "server",
    EntryKind.PAGE: "phone",
    EntryKind.ACT: "user",
    EntryKind.NOTE: "message-square",
    EntryKind.TASK: "check",
    EntryKind.STATUS: "globe",
    EntryKind.OTHER: "info",
}


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What an incident is about: its project, the subjects and hosts of its alerts, the groups people were paged for.

    One without any of these (declared by hand, of everything) takes in what may break everything: deploys, hosts in
    trouble, monitors that are down.
    """

    project: int | None = None
    subjects: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()

    @property
    def everything(self) -> bool:
        """Tell whether nothing narrows it."""
        return self.project is None and not (self.subjects or self.hosts or self.threads)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it is shown: one entry, or the first of several that fold, with all of them, oldest first."""

    entry: Entry
    folded: tuple[Entry, ...] = ()

    @property
    def icon(self) -> str:
        """Return the icon of its kind; what is over is a check mark."""
        return "check" if self.entry.tone == "ok" else _ICONS[self.entry.kind]

    @property
    def said(self) -> str:
        """Return what several say in one line, empty for one alone."""
        n = len(self.folded)
        word = {
            EntryKind.ALERT: "alerts grouped",
            EntryKind.BAN: "bans",
            EntryKind.ISSUE: "issues",
            EntryKind.CHECK: "checks",
        }
        over = self.entry.tone == "ok" and self.entry.kind is EntryKind.ALERT
        return f"{n} {'alerts are over' if over else word.get(self.entry.kind, 'lines')}" if n else ""


def belongs(moment: Moment, scope: Scope) -> bool:
    """Decide whether a moment is part of an incident's story; bans are where anything narrows it, and say that no cause is shared."""
    if moment.room in _QUIET:
        return False
    if moment.kind == _ALWAYS:
        return True
    if scope.everything:
        return moment.room == "deploys" or (moment.room in _BREAK and _tone(moment) == "crit")
    if moment.room == "intrusions":
        return True
    if moment.subject and moment.subject in scope.subjects | scope.hosts | scope.threads:
        return True
    return scope.project is not None and moment.project == scope.project


def of_moment(moment: Moment, scope: Scope) -> EntryDraft:
    """Return the line of a moment."""
    shares = moment.subject in scope.subjects | scope.hosts
    apart = moment.room == "intrusions" and not shares
    return EntryDraft(
        at=moment.at, kind=_KINDS.get(moment.room, EntryKind.OTHER), text=moment.text, detail=NO_CAUSE if apart else "",
        link=moment.link if moment.link != "/" else "", tone=_tone(moment), subject=moment.subject, source=source_of(moment),
    )  # fmt: skip


def source_of(moment: Moment) -> str:
    """Return what a moment is known again by."""
    told = "\0".join((repr(moment.at), moment.room, moment.kind, moment.subject, moment.text))
    return f"moment:{moment.kind}:{hashlib.sha256(told.encode()).hexdigest()[:20]}"[:120]


def _tone(moment: Moment) -> str:
    if moment.room == "hosts":
        return "crit" if any(word in moment.kind for word in _HOST_TROUBLE) else ""
    return _TONES.get(moment.kind, _TONES.get(moment.room, ""))


def folded(entries: Sequence[Entry]) -> tuple[Line, ...]:
    """Return the lines of entries, newest first; many of one kind in the same minutes become one, told by the first.

    What somebody pinned or annotated stands alone.
    """
    runs: list[list[Entry]] = []
    last: dict[tuple[EntryKind, str, str], list[Entry]] = {}
    for entry in sorted(entries, key=_when):
        key = (entry.kind, entry.tone, entry.detail if entry.kind is EntryKind.BAN else "")
        run = last.get(key)
        alone = entry.kind not in _FOLDS or entry.pinned or entry.annotation
        if run is not None and not alone and entry.at - run[-1].at <= TOGETHER:
            run.append(entry)
            continue
        runs.append([entry])
        if not alone:
            last[key] = runs[-1]
    lines = [line for run in runs for line in _lines(run)]
    return tuple(sorted(lines, key=lambda line: _when(line.entry), reverse=True))


def _when(entry: Entry) -> tuple[float, int]:
    return entry.at, entry.id


def _lines(run: Sequence[Entry]) -> list[Line]:
    if len(run) < _FOLDS.get(run[0].kind, 2):
        return [Line(entry=entry) for entry in run]
    return [Line(entry=run[0], folded=tuple(run))]


def counted(entries: Sequence[Entry]) -> Mapping[EntryKind, int]:
    """Return how many entries of each kind there are."""
    return Counter(entry.kind for entry in entries)
