"""Recording what agents report: measures beside core.db, everything else in one transaction with the numbers of the origins.

Measures are written first, and by their instant, so that a batch that comes again after a failure writes the same again.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.core.errors import Unavailable
from vedette.hosts import acting, correcting, noting, signal
from vedette.hosts.pacing import Pace
from vedette.hosts.store import facts as known
from vedette.hosts.store import hosts, shelf
from vedette.hosts.types import (
    HOUR,
    LIVE,
    Backups,
    Delivery,
    Discovery,
    Facts,
    Findings,
    Host,
    Infra,
    Infrastructure,
    Intrusions,
    Judgement,
    NobodyBacksUp,
    NobodyDeploys,
    NobodyFinds,
)
from vedette.instruments.host.happenings import LASTING
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.disk import DiskWatch
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment, Signal
from vedette.wire.agent.batches import Batch, Receipt
from vedette.wire.agent.types import (
    ActionReport,
    Audit,
    BackupTold,
    Happening,
    HostChange,
    Inventory,
    Offer,
    Processes,
    Sample,
)
from vedette.wire.hardened import HardeningTold, Witnessed
from vedette.wire.scan import ScanReport

MOST_TOLD = 200  # of a host's inventories in an hour: units that failed or run again, and starts
MOST_AN_HOUR = 2_000  # of a host: what happens and changes; detections and decisions are not counted
_FLOOD = f"More than {MOST_AN_HOUR:,} things happened or changed within an hour; the others are not kept."
_TOO_MANY = "This host measures too often, or too many different things: some of it is not kept."
_PACK = msgspec.msgpack.Encoder().encode
_ONCE = {"oom": signal.OOM}
_LASTING = LASTING | {"log-silent", "log-journal"}
_SHOWN_EVERY = 10.0  # seconds: as often as a host measures, pages show it
_WHOLE = (Inventory, HardeningTold, Witnessed)  # each tells all there is
_BANS = "bans-"  # what cannot enforce, or cannot be written: until that is over


class _Heard(msgspec.Struct, frozen=True):
    """How much a host told in an hour: what happened and changed, and what of its inventories people were told."""

    hour: int
    n: int = 0
    told: int = 0


class _Takes(msgspec.Struct, frozen=True):
    """Who takes what hosts tell besides this room."""

    intrusions: Intrusions
    findings: Findings
    backups: Backups
    infra: Infra


class Taker:
    """Takes batches of many hosts at once; for one thread."""

    def __init__(
        self, intrusions: Intrusions, findings: Findings | None = None, backups: Backups | None = None, *, infra: Infra | None = None
    ) -> None:  # fmt: skip
        self._takes = _Takes(
            intrusions, findings or NobodyFinds(), backups or NobodyBacksUp(), infra or NobodyDeploys()
        )
        self._layouts = shelf.Layouts()
        self._disk: DiskWatch | None = None
        self._pace = Pace()
        self._heard: dict[int, _Heard] = {}
        self._shown_at = 0.0

    def take(self, found: Sequence[tuple[int, Batch]], now: float) -> list[Receipt]:
        """Record batches of hosts and return their receipts, in order; raises `Unavailable`, then nothing counts as taken."""
        deliveries = _deliveries(found, now)
        samples, running = _measured(deliveries)
        if samples:
            self._refuse_a_full_disk(now)
        kept, counts = self._pace.chosen(samples)
        refused = {*shelf.put(kept, running, self._layouts), *_cut(samples, kept)}
        self._pace.put(counts)
        heard: dict[int, _Heard] = {}
        with transaction():
            for one in deliveries:
                told = [report for report in one.reports if not isinstance(report, Sample | Processes)]
                if told:
                    before = self._before(one.host, now, heard)
                    kept_now, n = _bounded(told, before.n, now)
                    telling = _Telling(one.host, now, self._takes, before.told)
                    telling.tell(kept_now)
                    heard[one.host] = _Heard(before.hour, n, telling.told)
            hosts.take(deliveries, now)
        self._heard |= heard
        self._show(now, happened=bool(heard))
        return [
            Receipt(
                taken=one.last,
                refused=one.refused,
                skew=one.skew,
                detail=f"{one.reason} {_TOO_MANY if one.host in refused else ''}".strip(),
            )
            for one in deliveries
        ]

    def _show(self, now: float, *, happened: bool) -> None:
        """Have pages look again: at once where something happened, now and then for measures."""
        if happened or not self._shown_at <= now < self._shown_at + _SHOWN_EVERY:
            self._shown_at = now
            ports().bus.wake(LIVE)

    def _before(self, host: int, now: float, heard: Mapping[int, _Heard]) -> _Heard:
        """Return how much a host told in this hour, with what is about to be recorded."""
        hour = int(now // HOUR)
        before = heard.get(host) or self._heard.get(host)
        return before if before is not None and before.hour == hour else _Heard(hour)

    def _refuse_a_full_disk(self, now: float) -> None:
        """Let measures wait on their hosts while there is too little room here; what happened is still taken."""
        self._disk = self._disk or _watch()
        if self._disk.low(now):
            raise Unavailable("The server's disk is nearly full; measures wait on the host.", 30.0)


def _bounded(told: Sequence[object], n: int, now: float) -> tuple[Sequence[object], int]:
    """Return what is kept of what a host tells, and how much that is with `n` before.

    Of what happens and changes so much an hour, and that there was more; of what tells a whole state the last.
    """
    last = {
        id(one) for one in {type(report): report for report in told if isinstance(report, _WHOLE)}.values()
    }
    kept: list[object] = []
    for report in told:
        counted = isinstance(report, Happening | HostChange | Audit | ScanReport)
        n += counted
        if counted and n == MOST_AN_HOUR:
            kept.append(Happening(at=now, kind="flood", text=_FLOOD, severity="high"))
        elif n < MOST_AN_HOUR if counted else id(report) in last or not isinstance(report, _WHOLE):
            kept.append(report)
    return kept, n


def _deliveries(found: Sequence[tuple[int, Batch]], now: float) -> list[Delivery]:
    """Return what is to be recorded of batches; of two that number alike the later one brings only what the other does not."""
    taken = dict(hosts.taken([(host, batch.origin) for host, batch in found]))
    made: list[Delivery] = []
    for host, batch in found:
        key = host, batch.origin
        one = correcting.corrected(batch, host, now, taken.get(key, 0))
        taken[key] = max(taken.get(key, 0), one.last)
        made.append(one)
    return made


def _cut(samples: Sequence[shelf.Sampled], kept: Sequence[shelf.Sampled]) -> set[int]:
    """Return the hosts of samples that are not kept."""
    return set() if len(kept) == len(samples) else {one[0] for one in samples if one not in kept}


def _watch() -> DiskWatch:
    settings = ports().settings
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return DiskWatch(settings.data, settings.min_free_disk_bytes)


def _measured(
    deliveries: Sequence[Delivery],
) -> tuple[list[shelf.Sampled], list[tuple[int, float, bytes]]]:
    """Return the samples of hosts, those of one second as one, and their processes."""
    samples: dict[tuple[int, int], dict[str, float]] = {}
    running: list[tuple[int, float, bytes]] = []
    for one in deliveries:
        for report in one.reports:
            if isinstance(report, Sample):
                samples.setdefault((one.host, int(report.at)), {}).update(report.values)
            elif isinstance(report, Processes):
                running.append((one.host, report.at, _PACK(report)))
    return [(host, at, tuple(row), tuple(row.values())) for (host, at), row in samples.items()], running


class _Telling:
    """What one host tells besides measures, in the caller's transaction."""

    def __init__(self, host: int, now: float, takes: _Takes, told: int) -> None:
        self.told = told  # of inventories, in this hour
        self._id, self._now, self._takes = host, now, takes
        self._signals: list[Signal] = []
        self._moments: list[Moment] = []
        self._judged: list[Judgement] = []
        self._found: list[Discovery] = []
        self._acted: list[ActionReport | Offer] = []
        self._saved: list[BackupTold] = []
        self._built: list[Infrastructure] = []

    def tell(self, reports: Sequence[object]) -> None:
        """Write what is told and publish what people have to know."""
        host = hosts.by_id(self._id)
        if host is None:  # it was removed meanwhile
            return
        before = known.of([self._id]).get(self._id, Facts())
        after = before
        for report in reports:
            after = self._one(host, after, report)
        if after != before:
            known.put(self._id, after)
        acting.take(self._id, self._acted, self._now)
        signals.publish(self._signals, self._now)
        signals.record(self._moments)
        if self._judged:
            self._takes.intrusions.accept(host.name, self._judged, self._now)
        if self._found:
            self._takes.findings.accept(host.id, host.name, self._found, self._now)
        if self._saved:
            self._takes.backups.accept(host.id, host.name, self._saved, self._now)
        if self._built:
            self._takes.infra.accept(host.id, host.name, self._built, self._now)

    def _one(self, host: Host, before: Facts, report: object) -> Facts:
        if isinstance(report, Audit | HostChange | ScanReport):
            self._found.append(report)
        act = _ACTS.get(type(report))
        if act is not None:
            return act(self, host, before, report)
        if isinstance(report, Judgement):
            self._judged.append(report)
        elif isinstance(report, ActionReport | Offer):
            self._acted.append(report)
        elif isinstance(report, BackupTold):
            self._saved.append(report)
        elif isinstance(report, Infrastructure):
            self._built.append(report)
        return before

    def inventory(self, host: Host, before: Facts, report: Inventory) -> Facts:
        """Remember what a host is, and tell of units that failed and of a start."""
        found = noting.inventoried(before, report, known.packed(report))
        told = len(found.began) + len(found.over) + len(found.happened)
        if told and self.told + told > MOST_TOLD:  # a later inventory tells it
            return msgspec.structs.replace(found.facts, troubles=before.troubles, booted_at=before.booted_at)
        self.told += told
        self._signals += [
            *(self._unit(host, key, text, over=False) for key, text in found.began.items()),
            *(self._unit(host, key, text, over=True) for key, text in found.over.items()),
        ]
        for one in found.happened:
            known.note([(self._id, one)])
            self._signals.append(signal.of_noted(host, signal.REBOOT, one, self._now))
            self._moments.append(signal.moment(host, one))
        return found.facts

    def _unit(self, host: Host, key: str, text: str, *, over: bool) -> Signal:
        subject = key.partition(":")[2]
        return signal.of_trouble(host, signal.UNIT, subject, f"{host.name}: {text}", over=over, now=self._now)

    def audit(self, host: Host, before: Facts, report: Audit) -> Facts:  # noqa: ARG002 - the acts share one shape
        """Remember an audit."""
        after, failed = noting.audited(before, report)
        known.audited(self._id, report, after.score or 0.0, failed)
        return after

    def happening(self, host: Host, before: Facts, report: Happening) -> Facts:
        """Remember that something happened, and tell of it when it is one people have to know of."""
        one = noting.happened(report)
        known.note([(self._id, one)])
        self._moments.append(signal.moment(host, one))
        if report.kind in _LASTING or report.kind.startswith(_BANS) or report.resolved:
            self._signals.append(signal.of_source(host, one, self._now, over=report.resolved))
        elif report.kind in _ONCE or report.severity not in {"", "info"}:
            kind = _ONCE.get(report.kind, signal.HAPPENED)
            if report.kind != "reboot":  # the inventory tells of it
                self._signals.append(signal.of_noted(host, kind, one, self._now))
        return before

    def change(self, host: Host, before: Facts, report: HostChange) -> Facts:
        """Remember a change, and tell of one that nothing explains."""
        one = noting.changed(report)
        known.note([(self._id, one)])
        self._moments.append(signal.moment(host, one))
        if noting.is_alarming(report):
            self._signals.append(signal.of_noted(host, signal.DRIFT, one, self._now))
        return before


_ACTS: Mapping[type, Callable[..., Facts]] = {
    Inventory: _Telling.inventory,
    Audit: _Telling.audit,
    Happening: _Telling.happening,
    HostChange: _Telling.change,
}
