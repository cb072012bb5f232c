"""What people do with findings: accept for a while, call false, open again, give to somebody, note; each in the audit log."""

from collections.abc import Callable, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.clock import iso
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.scans import decisions
from vedette.scans.bounding import plain
from vedette.scans.due import DAY, due_at
from vedette.scans.store import findings, tallies
from vedette.scans.types import LIVE_TOPIC, Known, Life, Line

MOST_AT_ONCE = 500
LONGEST_ACCEPTANCE = 366 * DAY
_REASON = 500


def accept(actor: Actor, ids: Sequence[int], reason: str, until: float, now: float) -> int:
    """Accept open findings until a day, a year away at most; return how many. Raises `Invalid` without a reason."""
    said = _reason(reason, "Say why it may stay: whoever reads it later decides by that.")
    if not 0 < until - now <= LONGEST_ACCEPTANCE:
        raise Invalid("A finding is accepted for a year at most; choose a day.", {"until": "out of range"})

    def accepted(one: Known) -> Known:
        return msgspec.structs.replace(one, life=Life.ACCEPTED, until=until, reason=said)

    text = f"Accepted until {iso(until)[:10]}: {said}"
    return _do(actor, ids, "accept", accepted, text, {Life.OPEN, Life.ACCEPTED}, now)


def mark_false(actor: Actor, ids: Sequence[int], reason: str, now: float) -> int:
    """Say that findings are none; they stay quiet, found or not, until somebody opens them again. Return how many."""
    said = _reason(reason, "Say why it is no weakness: whoever reads it later decides by that.")

    def false(one: Known) -> Known:
        return msgspec.structs.replace(one, life=Life.FALSE, until=None, reason=said)

    return _do(actor, ids, "false", false, f"No weakness: {said}", {Life.OPEN, Life.ACCEPTED}, now)


def reopen(actor: Actor, ids: Sequence[int], now: float) -> int:
    """Open findings again that were accepted or called false; return how many."""

    def opened(one: Known) -> Known:
        due = due_at(one.finding, now)
        return msgspec.structs.replace(one, life=Life.OPEN, until=None, reason="", due_at=due)

    return _do(actor, ids, "reopen", opened, "Opened again.", {Life.ACCEPTED, Life.FALSE}, now)


def assign(actor: Actor, ids: Sequence[int], owner: int | None, now: float) -> int:
    """Give findings to a member, or to nobody; return how many."""
    name = "nobody"
    if owner is not None:
        refs = accounts.user_refs([owner])
        if owner not in refs:
            raise Invalid("There is no such member.", {"owner": "unknown"})
        name = refs[owner].name

    def given(one: Known) -> Known:
        return msgspec.structs.replace(one, owner=owner)

    return _do(actor, ids, "assign", given, f"Given to {name}.", set(Life), now)


def note(actor: Actor, number: int, text: str, now: float) -> None:
    """Write a line into the history of a finding; raises `Invalid` for an empty one, and `NotFound`."""
    require(actor, Verb.FINDING_WRITE)
    said = plain(text, 1_000)
    if not said:
        raise Invalid("Write something.", {"text": "empty"})
    with transaction():
        if not findings.by_ids([number]):
            raise NotFound(f"There is no finding {number}.")
        findings.write([(number, Line(now, "note", _name(actor), said))])
        accounts.audit(actor, "finding.note", str(number), {}, now)
        _wake()


def _do(  # noqa: PLR0917 - who does what to which, in order
    actor: Actor, ids: Sequence[int], act: str, become: Callable[[Known], Known], text: str, among: set[Life], now: float
) -> int:  # fmt: skip
    require(actor, Verb.FINDING_WRITE)
    chosen = list(dict.fromkeys(ids))
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise Invalid(f"Choose between 1 and {MOST_AT_ONCE} findings.", {"ids": "out of range"})
    with transaction():
        known = findings.by_ids(chosen)
        if len(known) != len(chosen):
            gone = sorted(set(chosen) - {one.id for one in known})
            raise NotFound(f"There is no finding {gone[0]}.")
        before = [one for one in known if one.life in among]
        after = [become(one) for one in before]
        findings.change(after)
        tallies.change(before, after)
        decisions.keep({one.target for one in after})
        findings.write([(one.id, Line(now, act, _name(actor), text)) for one in after])
        if after:
            about = ", ".join(str(one.id) for one in after)
            accounts.audit(
                actor, f"finding.{act}", about[:200], {"n": str(len(after)), "what": text[:300]}, now
            )
        _wake()
    return len(before)


def _wake() -> None:
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _reason(text: str, otherwise: str) -> str:
    said = plain(text, _REASON)
    if not said:
        raise Invalid(otherwise, {"reason": "empty"})
    return said


def _name(actor: Actor) -> str:
    return (actor.name or actor.kind.value)[:80]
