"""What people do with targets: name one, change it, take it away, have it scanned at once; each in the audit log."""

from collections.abc import Callable, Collection

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Conflict, Invalid
from vedette.instruments.scan import owning
from vedette.instruments.scan.registry import scanner_of, scanners
from vedette.instruments.scan.types import Scanner
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.scans import decisions, feeding, targets
from vedette.scans.bounding import plain
from vedette.scans.store import findings, listening, tallies
from vedette.scans.store import targets as store
from vedette.scans.types import LIVE_TOPIC, TOPIC, Scan, Target

MOST = 500


def every() -> list[Target]:
    """Return all targets, the worst first."""
    return targets.worst_first(store.every())


def target(number: int) -> Target:
    """Return a target; raises `NotFound`."""
    return store.get(number)


def scans(number: int) -> list[Scan]:
    """Return the scans of a target, newest first."""
    return store.scans(number)


def offered() -> list[Scanner]:
    """Return the scanners that this server may run by itself."""
    return [one for one in scanners().values() if targets.may_be_scheduled(one)]


def add(actor: Actor, draft: Target, now: float) -> Target:
    """Have something scanned again and again; raises `Invalid` by field."""
    require(actor, Verb.SCAN_WRITE)
    draft = _tidied(draft)
    targets.check(draft, scanner_of(draft.scanner))
    with transaction():
        if store.count() >= MOST:
            raise Invalid(f"There are {MOST} targets already; remove one that is not needed.")
        if store.find(draft.scanner, draft.target, draft.host) is not None:
            raise Invalid("That is scanned already.", {"target": "known"})
        made = store.add(msgspec.structs.replace(draft, next_at=targets.first_at(draft, now)))
        _tell(actor, "target.add", made, now)
    return made


def edit(actor: Actor, number: int, draft: Target, now: float) -> Target:
    """Change how often a target is scanned, its name, project, options and whether at all; what it is stays."""
    require(actor, Verb.SCAN_WRITE)
    with transaction():
        known = store.get(number)
        after = msgspec.structs.replace(
            known, name=plain(draft.name, 100), project=draft.project, every=draft.every, enabled=draft.enabled, options=draft.options,
            location=draft.location,
        )  # fmt: skip
        if _is_ours(known):
            targets.check(after, scanner_of(known.scanner))
            after = msgspec.structs.replace(after, next_at=_next(known, after, now))
        store.put(after)
        _tell(actor, "target.edit", after, now)
    return after


def _next(known: Target, after: Target, now: float) -> float | None:
    """Return when a changed target is scanned: as before, where nothing changed about that."""
    same = _said(known) == _said(after)
    return known.next_at if same else targets.first_at(after, now)


def _said(one: Target) -> tuple[object, ...]:
    return one.every, one.enabled, one.options, one.location


def remove(actor: Actor, number: int, now: float) -> None:
    """Take a target away with its scans, bills and findings; raises `NotFound`."""
    require(actor, Verb.SCAN_WRITE)
    with transaction():
        known = store.get(number)
        _forget(known)
        _tell(actor, "target.remove", known, now)


def forget_hosts(living: Callable[[], Collection[int]]) -> int:
    """Forget the targets of hosts that are gone, and what listened there; return how many targets.

    `living` is asked after the targets were read: a host that is enrolled meanwhile is among them.
    """
    known = store.of_hosts()
    there = living() if known else ()
    gone = [one for one in known if one.host not in there]
    with transaction():
        for one in gone:
            _forget(one)
        for host in {one.host for one in gone}:
            listening.forget(host)
        if gone:
            on_commit(_wake)
    return len(gone)


def _forget(one: Target) -> None:
    tallies.change(findings.of_target(one.id), ())
    findings.forget(one.id)
    decisions.forget(one.id)
    store.remove(one.id)


def run_now(actor: Actor, number: int, now: float) -> Target:
    """Have a target scanned as soon as nothing else runs; raises `Conflict` for one that is not scanned from here."""
    require(actor, Verb.SCAN_WRITE)
    with transaction():
        known = store.get(number)
        if not _is_ours(known):
            raise Conflict("This target is not scanned from here: whoever sends its reports looks at it.")
        after = msgspec.structs.replace(known, next_at=now)
        store.put(after)
        _tell(actor, "target.run", after, now)
    return after


def how_to_prove(one: Target) -> str:
    """Return how somebody proves that a target is theirs; empty for one that needs no proof."""
    if not _is_ours(one) or not scanner_of(one.scanner).outward:
        return ""
    return owning.how_to(owning.host_of(one.target), feeding.folder())


def is_ours(one: Target) -> bool:
    """Tell whether this server scans a target by itself."""
    return _is_ours(one)


def _is_ours(one: Target) -> bool:
    known = scanners().get(one.scanner)
    return one.host == 0 and known is not None and targets.may_be_scheduled(known)


def _tidied(draft: Target) -> Target:
    return msgspec.structs.replace(
        draft, target=draft.target.strip(), name=plain(draft.name, 100), location=draft.location.strip()
    )


def _tell(actor: Actor, what: str, one: Target, now: float) -> None:
    detail = {
        "scanner": one.scanner,
        "target": one.target[:200],
        "every": f"{one.every:g}",
        "enabled": str(one.enabled),
    }
    audit(actor, what, one.name or one.target[:100], detail, now)
    on_commit(_wake)


def _wake() -> None:
    ports().bus.wake(TOPIC)
    ports().bus.wake(LIVE_TOPIC)
