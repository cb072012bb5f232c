"""What people decided about findings, by what stays the same elsewhere: so it moves with an export and is applied by the next scan.

Kept beside the findings, a value for each target, known by its scanner and name; a finding by its identity, a person by the e-mail.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from vedette.accounts import service as accounts
from vedette.plumbing.ports import ports
from vedette.scans.identity import fingerprint
from vedette.scans.store import findings, made
from vedette.scans.store.made import Scanned
from vedette.scans.types import Known, Life

PREFIX = "scans/decisions/"
MOST = 5_000  # of a target
_NOWHERE = 0  # no target has this number: a mark that is the same in every installation


class Decision(msgspec.Struct, frozen=True, array_like=True):
    """What was decided about a finding: accepted until an instant, false, or only whose it is (the e-mail, empty: nobody's)."""

    life: Life
    until: float | None
    reason: str
    owner: str


class Applied(NamedTuple):
    """What a decision makes of a new finding."""

    life: Life
    until: float | None
    reason: str
    owner: int | None


_CODEC = msgspec.json.Decoder(dict[str, Decision])


def is_decided(one: Known) -> bool:
    """Tell whether a person decided about a finding: what a host's own waiver answers for is told again by the host."""
    accepted = one.life is Life.ACCEPTED and one.until is not None
    return accepted or one.life is Life.FALSE or one.owner is not None


def keep(targets: Iterable[int]) -> None:
    """Write down what stands decided about the findings of targets now, in the caller's transaction."""
    for about in made.named(targets).values():
        decided = [one for one in findings.decided(about.id, MOST) if is_decided(one)]
        owners = accounts.user_refs({one.owner for one in decided if one.owner is not None})
        emails = {number: person.email for number, person in owners.items()}
        told = {fingerprint(_NOWHERE, one.finding): _decision(one, emails) for one in decided}
        _put(_key(about), msgspec.json.encode(told) if told else None)


def forget(target: int) -> None:
    """Forget what was decided about the findings of a target."""
    for about in made.named([target]).values():
        _put(_key(about), None)


def of(about: Scanned, now: float) -> Mapping[str, Applied]:
    """Return what was decided about the findings of a target, by their marks (`mark`); what is over is left out."""
    held = ports().kv.get(_key(about))
    told = _CODEC.decode(held.value) if held and held.value else {}
    people = {each.email: number for number, each in accounts.user_refs().items()} if told else {}
    return {mark: _applied(one, people, now) for mark, one in told.items()}


def mark(one: Known) -> str:
    """Return what makes a finding the same one in another installation."""
    return fingerprint(_NOWHERE, one.finding)


def _applied(one: Decision, people: Mapping[str, int], now: float) -> Applied:
    owner = people.get(one.owner)
    over = one.life is Life.ACCEPTED and (one.until is None or one.until <= now)
    return Applied(Life.OPEN, None, "", owner) if over else Applied(one.life, one.until, one.reason, owner)


def _decision(one: Known, emails: Mapping[int, str]) -> Decision:
    life = one.life if one.life in {Life.ACCEPTED, Life.FALSE} else Life.OPEN
    return Decision(
        life, one.until, one.reason if life is not Life.OPEN else "", emails.get(one.owner or 0, "")
    )


def _key(about: Scanned) -> str:
    """Return the key of a target: of a host's by its name, which tells the host, else by what is scanned."""
    told = "\0".join((about.scanner, about.name if about.host else about.words))
    return PREFIX + hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _put(key: str, body: bytes | None) -> None:
    held = ports().kv.get(key)
    if (held.value if held else None) == body:
        return
    if body is None:
        ports().kv.delete(key)
    else:
        ports().kv.put(key, body)
