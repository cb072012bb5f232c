"""Letting hosts in: tokens that are used once, keys, their rotation and revocation; each act of a person with its audit entry."""

import msgspec

from vedette.accounts.permissions import SYSTEM, Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.clock import iso
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from vedette.hosts import signal
from vedette.hosts.store import hosts, shelf
from vedette.hosts.types import LIVE, REVISION, TOKEN_SECONDS, TOPIC, Credential, Host, HostState, Invitation
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.plumbing.seal import ed25519
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.signals import service as signals
from vedette.wire.agent import enrolling
from vedette.wire.agent.enrolling import Enrolled, Enrolling, Rotated, Rotating

MOST = 5_000
_PURPOSE, _SECRET = "hosts.invitation", 24
_KEY_PURPOSE = "hosts.server-key"
_SHOWN = 8
MODES = frozenset({"off", "simulate", "enforce"})


def server_key() -> SigningKey:
    """Return the server's own key: of the key file, and so the same after a restart or a restored backup."""
    return SigningKey(bytes.fromhex(ports().seal.mark("ed25519", _KEY_PURPOSE)))


def invite(actor: Actor, now: float) -> tuple[str, Invitation]:
    """Make a token that lets one host in within an hour, and return it, shown once."""
    require(actor, Verb.HOST_WRITE)
    secret = ids.new_secret(_SECRET)
    made = Invitation(
        id=enrolling.id_of(secret), by=actor.name[:80], created_at=now, expires_at=now + TOKEN_SECONDS
    )
    with transaction():
        hosts.invite(made, ports().seal.seal(secret, _PURPOSE))
        audit(actor, "host.invite", made.id[:_SHOWN], {"expires": iso(made.expires_at)}, now)
    return enrolling.put_together(secret, server_key().fingerprint), made


def withdraw(actor: Actor, token: str, now: float) -> None:
    """Revoke a token that nobody used yet, by its id; raises `NotFound`, `Conflict`."""
    require(actor, Verb.HOST_WRITE)
    with transaction():
        if hosts.invitation(token) is None:
            raise NotFound("There is no such token.")
        if not hosts.withdraw(token, now):
            raise Conflict("This token was used or revoked already.")
        audit(actor, "host.uninvite", token[:_SHOWN], {}, now)


def enrol(asked: Enrolling, now: float) -> Enrolled:
    """Let a host in by a token; raises `Forbidden` that says what is wrong with the token, `Invalid`."""
    public = enrolling.key_of(asked.key)
    wrong = enrolling.name_problem(asked.name)
    if wrong:
        raise Invalid(wrong, {"name": wrong})
    by = _proved(asked, public, now)  # whoever is a stranger takes no lock
    if isinstance(by, Enrolled):
        return by
    with transaction():
        if not hosts.use(asked.token, now):  # somebody was faster
            again = _proved(asked, public, now)
            if isinstance(again, Enrolled):
                return again
            raise Conflict("The token is being used just now; try again.")
        host = _admitted(asked.name, public, by, now)
        said = {"key": host.key, "invited_by": by, "token": asked.token[:_SHOWN]}
        audit(SYSTEM, "host.enrol", host.name, said, now)
        tell_changed(now)
    return _enrolled(host.id, host.name)


def _proved(asked: Enrolling, public: bytes, now: float) -> str | Enrolled:
    """Return who invites whoever asks, or as whom it is let in already; raises `Forbidden`."""
    found = hosts.invitation(asked.token)
    held = hosts.credentials().get(ed25519.fingerprint(public))
    if found and found[0].used_at is not None and held and not held.revoked:
        return _enrolled(
            held.host, held.name
        )  # its answer was lost, and the key says that it is the same host
    problem = _problem(found[0] if found else None, now)
    if found is None or problem:
        raise Forbidden(problem)
    if not enrolling.proves(ports().seal.open(found[1], _PURPOSE), asked):
        raise Forbidden("The proof does not fit the token; copy the whole of it.")
    return found[0].by


def _enrolled(host: int, name: str) -> Enrolled:
    return Enrolled(host=host, name=name, key=enrolling.text_of(server_key().public))


def _problem(found: Invitation | None, now: float) -> str:
    """Return why a token lets nobody in; empty when it does."""
    anew = "make another one under Hosts, or by `vedette hosts token`."
    if found is None:
        return f"This token is not of this installation; {anew}"
    if found.revoked_at is not None:
        return f"This token was revoked; {anew}"
    if found.used_at is not None:
        return f"This token was used already, at {iso(found.used_at)}; {anew}"
    return f"This token expired at {iso(found.expires_at)}; {anew}" if found.expires_at <= now else ""


def _admitted(name: str, public: bytes, by: str, now: float) -> Host:
    """Return a new host, or the one of this name that was revoked with its new key."""
    key, held = ed25519.fingerprint(public), hosts.by_name(name)
    if key in hosts.credentials():
        raise Conflict("This key belongs to a host already; make a new one.")
    if held is not None and held.state is HostState.REVOKED:
        hosts.readmit(held.id, public, key, by, now)
        return hosts.by_id(held.id) or held
    if hosts.count() >= MOST:
        raise Invalid(f"There are {MOST:,} hosts, which is the most; remove one first.", {"name": "too many"})
    return hosts.add(_free(name), public, key, by, now)


def _free(name: str) -> str:
    """Return a name that no host has: `-2`, `-3` … when it is taken."""
    taken, candidate, n = hosts.names(), name, 2
    while candidate in taken:
        candidate, n = f"{name[: enrolling.MOST_NAME - 5]}-{n}", n + 1
    return candidate


def take_key(credential: Credential, asked: Rotating, now: float) -> Rotated:
    """Remember a host's new key, which its old one signed for; raises `Unauthenticated`, `Conflict`."""
    public = enrolling.key_of(asked.key)
    host = of_id(credential.host)
    if not ed25519.verifies(public, enrolling.rotation(host.key, public), enrolling.bytes_of(asked.proof)):
        raise Unauthenticated("The proof does not fit the new key.")
    key = ed25519.fingerprint(public)
    with transaction():
        held = hosts.credentials().get(key)
        if held is not None and not (held.host == host.id and held.fresh):
            raise Conflict("This key belongs to a host already; make a new one.")
        hosts.offer(host.id, public, key)
        tell_changed(now)
    return Rotated(key)


def promote(credential: Credential, key: str, now: float) -> None:
    """Let a host's new key be its only one, as it was used for the first time."""
    with transaction():
        if hosts.promote(credential.host, key):
            audit(SYSTEM, "host.rotated", credential.name, {"key": key}, now)
            tell_changed(now)


def revoke(actor: Actor, host: Host, now: float) -> None:
    """Let a host say and read nothing any more, at once; its history stays, and it may be enrolled anew."""
    require(actor, Verb.HOST_WRITE)
    with transaction():
        hosts.change(host.id, state=HostState.REVOKED, rotate=False, told=False)
        if host.told:
            _end_silence(host, f"{host.name} is revoked; nobody waits for it any more.", now)
        audit(actor, "host.revoke", host.name, {"key": host.key}, now)
        tell_changed(now)


def rotate(actor: Actor, host: Host, now: float) -> None:
    """Have a host make a new key; the old one ends when the new one is first used."""
    require(actor, Verb.HOST_WRITE)
    if host.state is not HostState.ACTIVE:
        raise Conflict(f"{host.name} is revoked: enrol it anew, which makes a new key.")
    with transaction():
        hosts.change(host.id, rotate=True)
        audit(actor, "host.rotate", host.name, {"key": host.key}, now)
        tell_changed(now)


def settle(actor: Actor, host: Host, modes: dict[str, str], now: float) -> None:
    """Say what a host does with sets of rules: off, simulate or enforce; raises `Invalid`."""
    require(actor, Verb.HOST_WRITE)
    wrong = next(
        (name for name, mode in modes.items() if mode not in MODES or not 1 <= len(name) <= 80), None
    )
    if wrong is not None or len(modes) > 200:
        raise Invalid("A mode is off, simulate or enforce.", {"modes": str(wrong)[:80]})
    with transaction():
        hosts.set_modes(host.id, modes)
        audit(actor, "host.modes", host.name, {"modes": msgspec.json.encode(modes).decode()[:500]}, now)
        tell_changed(now)


def remove(actor: Actor, host: Host, now: float) -> None:
    """Remove a host with all that is known of it."""
    require(actor, Verb.HOST_WRITE)
    with transaction():
        if host.told:
            _end_silence(host, f"{host.name} is removed; nobody waits for it any more.", now)
        hosts.remove(host.id)
        audit(actor, "host.remove", host.name, {"key": host.key}, now)
        tell_changed(now)
    shelf.forget(host.id)


def of_id(host: int) -> Host:
    """Return a host; raises `NotFound`."""
    found = hosts.by_id(host)
    if found is None:
        raise NotFound("There is no such host.")
    return found


def find(key: str) -> Host:
    """Return the host of an id or a name; raises `NotFound`."""
    found = hosts.by_id(int(key)) if key.isdecimal() and len(key) < 18 else None
    found = found or hosts.by_name(key)
    if found is None:
        raise NotFound(f"There is no host {key[:80]}.")
    return found


def tell_changed(now: float) -> None:
    """Tell who answers hosts, here and in other processes, that who may speak changed; in the caller's transaction."""
    ports().kv.put(REVISION, repr(now).encode())
    on_commit(_wake)


def _wake() -> None:
    ports().bus.wake(TOPIC)
    ports().bus.wake(LIVE)


def _end_silence(host: Host, text: str, now: float) -> None:
    signals.publish([signal.of_silence(host, text, over=True, now=now)], now)
