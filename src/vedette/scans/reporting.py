"""Reports that others send: pipelines by the REST API, and the agents of hosts."""

import re
from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Invalid
from vedette.instruments.live.types import Listener
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects
from vedette.scans import billing, drifting, exposure, feeding
from vedette.scans.bounding import plain
from vedette.scans.running import settle
from vedette.scans.store import findings, listening
from vedette.scans.store import targets as store
from vedette.scans.targeting import MOST
from vedette.scans.types import Life, Scan, Target
from vedette.wire.agent.types import Audit, HostChange
from vedette.wire.finding import FindingState
from vedette.wire.scan import Component, ScanReport

MOST_BYTES = 8 * 1024 * 1024
LISTENING, AUDIT, DRIFT = "listening", "audit", "drift"
_KIND = re.compile(r"[a-z][a-z0-9-]{0,19}")
_MOST_OF_HOST = 50
_STANDING = frozenset({Life.OPEN, Life.ACCEPTED, Life.FALSE})
Told = Audit | HostChange | ScanReport


class Sent(msgspec.Struct, frozen=True):
    """A report that somebody sends: of which target, for which project (its slug, empty: none), of which release."""

    report: ScanReport
    target: str = ""
    project: str = ""
    release: str = ""


class Taken(msgspec.Struct, frozen=True):
    """What came of a report that was sent."""

    target: Target
    scan: Scan


def read(body: bytes) -> Sent:
    """Return a report as it was sent, in JSON; raises `Invalid` that says where it is wrong."""
    if len(body) > MOST_BYTES:
        raise Invalid(
            f"A report has {MOST_BYTES >> 20} MB at most; scan less at once.", {"report": "too large"}
        )
    try:
        return msgspec.json.decode(body, type=Sent)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"This is no report of a scan: {str(error)[:200]}", {"report": "unreadable"}) from None


def take_sent(actor: Actor, sent: Sent, now: float) -> Taken:
    """Take a report that somebody sent; its target is made when it is new. Raises `Invalid` by field, and `NotFound`."""
    require(actor, Verb.FINDING_WRITE)
    name = plain(sent.target or sent.report.target, 200)
    if not name or not _KIND.fullmatch(sent.report.scanner):
        raise Invalid("Name the target, and the scanner in small letters.", {"target": "missing"})
    project = projects.project(sent.project).id if sent.project else 0
    with transaction():
        one = _sent_target(actor, sent, name, project, now)
        report = msgspec.structs.replace(sent.report, target=name, at=min(sent.report.at, now))
        scan = settle(one, report, now, plain(sent.release, 250), feeding.revision(now))
        return Taken(one, scan)


def _sent_target(actor: Actor, sent: Sent, name: str, project: int, now: float) -> Target:
    words = f"{sent.project}:{name}" if project else name
    known = store.find(sent.report.scanner, words, 0)
    if known is not None:
        return known
    _see_room()
    made = store.add(Target(scanner=sent.report.scanner, target=words, name=name, project=project, every=0.0))
    audit(actor, "target.add", name, {"scanner": made.scanner, "by": "a report that was sent"}, now)
    return made


def _see_room() -> None:
    if store.count() >= MOST:
        raise Invalid(f"There are {MOST} targets already; remove one that is not needed.")


class Taking:
    """Implements `hosts.types.Findings`: what agents tell of their hosts becomes findings and bills."""

    def accept(self, host: int, name: str, reports: Sequence[Told], now: float) -> None:
        """Take what a host told, in the caller's transaction: of audits the last, of changes all."""
        audits = [one for one in reports if isinstance(one, Audit)]
        changes = [one for one in reports if isinstance(one, HostChange)]
        if audits:
            _take_audit(host, name, audits[-1], now)
        if changes:
            _take_changes(host, name, changes, now)
        for one in reports:
            if isinstance(one, ScanReport):
                _take_scan(host, name, one, now)


def _take_audit(host: int, name: str, told: Audit, now: float) -> None:
    one = _of_host(host, name, AUDIT, name)
    if one is not None:
        found = tuple(
            each for each in told.findings if each.state in {FindingState.FAILED, FindingState.UNKNOWN}
        )
        facts = {"score": f"{told.score:.0f}", "checks": f"{len(told.findings)}"}
        settle(one, ScanReport(scanner=AUDIT, target=name, at=now, findings=found, facts=facts), now)


def _take_changes(host: int, name: str, changes: Sequence[HostChange], now: float) -> None:
    """Take changes; where none is alarming and none is undone there is nothing to say."""
    known = store.find(DRIFT, name, host)
    if known is None and not any(map(drifting.is_alarming, changes)):
        return
    one = known or _of_host(host, name, DRIFT, name)
    if one is not None:
        standing = [each.finding for each in findings.of_target(one.id) if each.life in _STANDING]
        after = drifting.after(standing, changes)
        if [*after] != standing:
            settle(one, ScanReport(scanner=DRIFT, target=name, at=now, findings=after), now)


def _take_scan(host: int, name: str, report: ScanReport, now: float) -> None:
    """Take what a host is made of: it is compared with advisories here, by whoever runs scans."""
    if report.scanner == LISTENING:
        addresses = [each.strip() for each in report.facts.get("addresses", "").split(",") if each.strip()]
        listening.put(host, [name, *addresses], [_listener(each) for each in report.components[:1_000]])
        exposure.look_anew(host)
        return
    words = name if report.scanner == "host" else plain(report.target, 300)
    one = _of_host(host, name, report.scanner, words) if _KIND.fullmatch(report.scanner) else None
    if one is None:
        return
    if report.components:
        billing.keep(one.id, "", report.components, now)
        store.put(msgspec.structs.replace(one, matched=None, unsure=report.unknown[:50]))
    else:
        settle(one, msgspec.structs.replace(report, at=min(report.at, now)), now)


def _of_host(host: int, name: str, scanner: str, words: str) -> Target | None:
    """Return a target of a host, made when it is new; None where the host has too many."""
    known = store.find(scanner, words, host)
    if known is not None:
        return known
    if len(store.of_host(host)) >= _MOST_OF_HOST:
        return None
    called = name if words == name else f"{words} on {name}"
    return store.add(Target(scanner=scanner, target=words, name=called[:200], host=host, every=86_400.0))


def _listener(one: Component) -> Listener:
    protocol, _, port = one.name.partition("/")
    return Listener(
        protocol=protocol, address=one.version, port=int(port) if port.isdecimal() and len(port) < 6 else 0,
        program=one.labels.get("program", ""), user=one.labels.get("user", ""),
        package=one.labels.get("package", ""),
    )  # fmt: skip
