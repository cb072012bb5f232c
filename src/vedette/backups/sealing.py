"""Passwords and other secrets of copies: made by us or given by people, sealed before they are written, opened for few."""

import msgspec

from vedette.backups.store import secrets as store
from vedette.backups.store.secrets import Sealed
from vedette.backups.types import SEAL, Known
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.instruments.backup import words
from vedette.plumbing.ports import ports
from vedette.wire.backup import Copy, Plan

PASSWORD, PREVIOUS = "password", "previous"
LONGEST = 4_096


def provide(known: Known, before: Plan | None, now: float) -> None:
    """Make passwords for copies that have none, in the caller's transaction; one that was given another name keeps its own."""
    has = {(one.copy, one.name): one for one in store.of_plan(known.id)}
    called = {copy.at: copy.name for copy in before.copies} if before else {}
    for copy in known.plan.copies:
        if (copy.name, PASSWORD) not in has:
            old = called.get(copy.at, "")
            moved = [one for one in has.values() if one.copy == old]
            for one in moved:
                store.put(msgspec.structs.replace(one, copy=copy.name))
            if not moved:
                store.put(_sealed(known.id, copy.name, PASSWORD, _fresh(), now))


def take(known: Known, copy: str, name: str, value: str, now: float) -> None:
    """Keep a secret that somebody gives, in the caller's transaction; raises `Invalid`."""
    found = copy_of(known, copy)
    if name not in {PASSWORD, *found.secrets}:
        raise Invalid(f"The copy {copy} needs no {name[:60]!r}.", {"name": "unknown"})
    if not value or len(value) > LONGEST or "\0" in value:
        raise Invalid(f"A secret has 1 to {LONGEST:,} characters.", {"value": "out of range"})
    store.put(_sealed(known.id, copy, name, meant(name, value), now))


def renew(known: Known, copy: str, now: float) -> None:
    """Make a new password for a copy; the one before is kept until the host has changed the repository's. Raises `Conflict`."""
    copy_of(known, copy)
    held = store.find(known.id, copy, PASSWORD)
    if held is None:
        raise NotFound(f"The copy {copy} has no password.")
    if held.previous:
        raise Conflict(f"The password of {copy} is being changed already; wait for the host.")
    fresh = _sealed(known.id, copy, PASSWORD, _fresh(), now)
    store.put(msgspec.structs.replace(fresh, previous=held.sealed))


def renewed(plan: int, copy: str, now: float, *, done: bool) -> None:
    """Forget the password before (`done`), or go back to it, as the host says what became of the change."""
    held = store.find(plan, copy, PASSWORD)
    if held is not None and held.previous:
        kept = held.sealed if done else held.previous
        store.put(msgspec.structs.replace(held, sealed=kept, previous="", made_at=now))


def opened(known: Known) -> dict[str, dict[str, str]]:
    """Return the secrets of a plan's copies as its host is told them: by `plan/copy` and name."""
    found: dict[str, dict[str, str]] = {}
    wanted = {copy.name: {PASSWORD, *copy.secrets} for copy in known.plan.copies}
    for one in store.of_plan(known.id):
        if one.name in wanted.get(one.copy, ()):
            named = found.setdefault(f"{known.plan.name}/{one.copy}", {})
            named[one.name] = _open(one.sealed)
            if one.previous:
                named[PREVIOUS] = _open(one.previous)
    return found


def missing(known: Known) -> tuple[tuple[str, str], ...]:
    """Return the secrets that nobody gave yet: copy and name."""
    has = {(one.copy, one.name) for one in store.of_plan(known.id)}
    wanted = [(copy.name, name) for copy in known.plan.copies for name in (PASSWORD, *copy.secrets)]
    return tuple(one for one in wanted if one not in has)


def copy_of(known: Known, name: str) -> Copy:
    """Return a copy of a plan; raises `NotFound`."""
    found = next((copy for copy in known.plan.copies if copy.name == name), None)
    if found is None:
        raise NotFound(f"The plan {known.plan.name} has no copy {name[:60]!r}.")
    return found


def meant(name: str, value: str) -> str:
    """Return a secret as it is meant: a password of our words is understood however it was typed."""
    return words.understood(value) if name == PASSWORD else value


def _fresh() -> str:
    return words.new_password().reveal()


def _sealed(plan: int, copy: str, name: str, value: str, now: float) -> Sealed:
    return Sealed(plan=plan, copy=copy, name=name, sealed=ports().seal.seal(value, SEAL), made_at=now)


def _open(sealed: str) -> str:
    return ports().seal.open(sealed, SEAL)
