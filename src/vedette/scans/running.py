"""What is to be scanned now, and what became of it: whoever scans claims an errand and brings its report."""

from collections.abc import Iterable

import msgspec

from vedette.core.errors import NotFound
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.scans import billing, exposure, feeding, taking, targets
from vedette.scans.outside import with_inside
from vedette.scans.store import bills, findings, listening
from vedette.scans.store import targets as store
from vedette.scans.types import BILL, FEEDS, LIVE_TOPIC, Errand, Scan, Target
from vedette.wire.scan import ScanReport, Unknown

DEADLINE, FEEDS_DEADLINE = 600.0, 1_800.0
_AGAIN = "It is scanned again by itself; if it stays so, see the log of the server."


def claim(now: float, owned: Iterable[str] = ()) -> Errand | None:
    """Return the scan that is due and waits longest, and note that it runs; None when none is due.

    `owned` are hosts that are proven to be ours by an agent on them.
    """
    with transaction():
        found = store.due(now)
        if found is None:
            return None
        store.put(msgspec.structs.replace(found, running_since=now))
        on_commit(_live)
    return Errand(
        kind=found.scanner, target=found.id, scanner=found.scanner, what=found.target, now=now, feeds=str(feeding.folder()),
        options=found.options, deadline=DEADLINE, owned=tuple(owned), private=ports().settings.allow_private_addresses,
    )  # fmt: skip


def claim_feeds(now: float) -> Errand | None:
    """Return the errand to bring feeds up to date when that is due."""
    if not feeding.claim(now):
        return None
    return Errand(
        kind=FEEDS, now=now, feeds=str(feeding.folder()), deadline=FEEDS_DEADLINE,
        private=ports().settings.allow_private_addresses,
    )  # fmt: skip


def claim_bill(now: float) -> Errand | None:
    """Return the errand to compare a bill with advisories that changed since; None when all are compared."""
    revision = feeding.revision(now)
    for one in store.every():
        if not targets.is_to_match(one, revision) or one.running_since is not None:
            continue
        kept = bills.of_target(one.id)
        if kept:
            return _matching(one, kept[0].id, revision, now)
    return None


def _matching(one: Target, bill: int, revision: str, now: float) -> Errand:
    reachable = tuple(
        (known.finding.labels.get("ecosystem", ""), known.finding.labels.get("package", ""), known.finding.reachable)
        for known in findings.of_target(one.id) if known.finding.reachable is not None
    )  # fmt: skip
    return Errand(
        kind=BILL, target=one.id, scanner=one.scanner, what=one.target, now=now, feeds=str(feeding.folder()), deadline=DEADLINE,
        components=bills.components(bill), reachable=reachable, matched=revision,
    )  # fmt: skip


def finish(errand: Errand, report: ScanReport, now: float) -> Scan | None:
    """Take what an errand came to; None for one about no target, or a target that was taken away meanwhile."""
    if errand.kind == FEEDS:
        feeding.finish(failed=bool(report.unknown), now=now)
        return None
    try:
        with transaction():
            one = store.get(errand.target)
            if errand.kind == BILL:
                return _matched(one, errand, report, now)
            before = exposure.seen_open(one)
            scan = settle(one, _compared(one, report), now)
            exposure.seen(one, before)
            return scan
    except NotFound:
        return None


def _matched(one: Target, errand: Errand, report: ScanReport, now: float) -> Scan:
    """Take what advisories say of a bill; when it is scanned next does not change by that."""
    unknown = (*one.unsure, *report.unknown)
    report = msgspec.structs.replace(
        report, unknown=unknown, complete=report.complete and not unknown,
        findings=exposure.marked(one, report.findings, errand.components),
    )  # fmt: skip
    scan = taking.take(one.id, report, now)
    after = msgspec.structs.replace(
        targets.after(one, scan, now), next_at=one.next_at, matched=errand.matched
    )
    store.put(msgspec.structs.replace(after, running_since=one.running_since))
    store.trim(one.id)
    return scan


def settle(
    one: Target, report: ScanReport, now: float, release: str = "", matched: str | None = None
) -> Scan:
    """Take a report of a target with its bill, in the caller's transaction."""
    scan = taking.take(one.id, report, now)
    if report.components:
        billing.keep(one.id, release, report.components, now)
    after = targets.after(one, scan, now)
    store.put(msgspec.structs.replace(after, matched=matched, release=release or one.release))
    store.trim(one.id)
    on_commit(_live)
    return scan


def _compared(one: Target, report: ScanReport) -> ScanReport:
    """Return what was seen of ports from outside beside what a host's agent says listens there, where one does."""
    if one.scanner != "ports":
        return report
    inside = listening.of(one.target)
    return report if inside is None else with_inside(report, inside, one.options)


def blind(errand: Errand, why: str, now: float, seconds: float = 0.0) -> Scan | None:
    """Take that an errand failed: nothing is known by it."""
    report = ScanReport(
        scanner=errand.scanner or errand.kind, target=errand.what, at=errand.now, seconds=seconds, complete=False,
        unknown=(Unknown(subject=errand.what or errand.kind, why=why, fix=_AGAIN),),
    )  # fmt: skip
    return finish(errand, report, now)


def give_back(errand: Errand, now: float) -> None:
    """Put an errand back that was cut short because the server stops: it is due at once when it starts."""
    with transaction():
        if errand.kind == FEEDS:
            feeding.finish(failed=False, now=now - feeding.EVERY)
        elif errand.kind != BILL:
            one = store.find_by(errand.target)
            if one is not None:
                store.put(msgspec.structs.replace(one, running_since=None, next_at=now))


def recover(now: float) -> int:
    """Take that scans were cut short by the end of the process that ran them: blind, and due at once; return how many."""
    cut = [one for one in store.running() if not one.location]
    for one in cut:
        errand = Errand(
            kind=one.scanner, target=one.id, scanner=one.scanner, what=one.target, now=now, feeds=""
        )
        if blind(errand, "The scan was cut short: the server ended while it ran.", now) is not None:
            _at_once(one.id, now)
    return len(cut)


def _at_once(number: int, now: float) -> None:
    with transaction():
        one = store.find_by(number)
        if one is not None and one.next_at is not None:
            store.put(msgspec.structs.replace(one, next_at=now))


def next_due() -> float | None:
    """Return when a target is due next."""
    return store.next_due()


def _live() -> None:
    ports().bus.wake(LIVE_TOPIC)
