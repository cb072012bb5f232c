"""The verbs of the second factor: enrol, check, renew, remove. Each user's factors are one row of a store.

A code is taken by compare-and-set: of two requests that bring the same one, one is right. Every check is a try that is
counted before it is made.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from vedette_guard.decisions import recovery, totp
from vedette_guard.decisions.totp import Totp
from vedette_guard.mfa import passkeys as asking
from vedette_guard.mfa.passkeys import Passkey, PasskeyRefused, Passkeys, Question
from vedette_guard.mfa.throttling import Throttle
from vedette_guard.stores.port import Store, Stored

SECRET_BYTES = 20
BEGUN_FOR = 600.0
CODES = 10
MOST_PASSKEYS = 20
LONGEST_NAME = 60
_TRIES = 16
_PASSKEY_TRY = "passkey from "
T = TypeVar("T")


class Seals(Protocol):
    """What encrypts secrets at rest, as `vedette_guard.sealed.Keyring` does."""

    def seal(self, text: str, *context: str) -> str:
        """Return the sealed text."""
        ...

    def open(self, sealed: str, *context: str) -> str:
        """Return what was sealed in this context."""
        ...


@dataclass(frozen=True)
class Begun:
    """A secret to enrol: as text to type, and as the address of a QR code."""

    secret: str
    uri: str


@dataclass(frozen=True)
class Has:
    """Which second factors a user has; `codes` is how many recovery codes are left."""

    totp: bool
    codes: int
    passkeys: tuple[Passkey, ...]

    def __bool__(self) -> bool:
        return self.totp or bool(self.passkeys)


@dataclass(frozen=True)
class Outcome:
    """What a check came to: by what it was passed (`totp`, `recovery`, `passkey`), or how long to wait, and why.

    `user` is whose factor it was; empty when it was not passed.
    """

    ok: bool
    kind: str
    wait: float
    reason: str
    user: str = ""


@dataclass(frozen=True)
class State:
    """A user's factors as they are kept; secrets sealed where there is a key, codes as digests."""

    secret: str = ""
    pending: str = ""
    step: int = -1
    codes: tuple[str, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    handle: str = ""
    pending_at: float = 0.0


class Factors:
    """The second factors of an application's users.

    `issuer` is its name in authenticators; `seals` keeps their secrets unreadable in the store; `throttle` is shared
    with the password's, so that tries of both count together; `passkeys` asks browsers.
    """

    def __init__(
        self,
        store: Store,
        issuer: str,
        *,
        seals: Seals | None = None,
        throttle: Throttle | None = None,
        passkeys: Passkeys | None = None,
        rules: Totp | None = None,
        clock: Callable[[], float] = time.time,  # noqa: TID251 - the one place where it is the machine's
    ) -> None:
        self._store, self._issuer, self._seals, self._clock = store, issuer, seals, clock
        self.throttle = throttle or Throttle(clock=clock)
        self._passkeys, self._rules = passkeys, rules or Totp()

    def has(self, user: str) -> Has:
        """Return which second factors a user has."""
        state, _ = self._read(user)
        return Has(bool(state.secret), len(state.codes), state.passkeys)

    def begin_totp(self, user: str, shown: str = "") -> Begun:
        """Return a secret to enrol; `shown` is the account's name in the authenticator.

        For ten minutes it is the same one, so that a page may be loaded again; who saw it long ago knows nothing.
        """
        chance, now = totp.text_of(secrets.token_bytes(SECRET_BYTES)), self._clock()

        def begin(state: State) -> tuple[State | None, State]:
            if state.pending and now - state.pending_at < BEGUN_FOR:
                return None, state
            made = dataclasses.replace(state, pending=self._sealed(chance, user), pending_at=now)
            return made, made

        text = self._opened(self._change(user, begin).pending, user)
        uri = totp.uri(totp.secret_of(text), shown or user, self._issuer, self._rules)
        return Begun(text, uri)

    def confirm_totp(self, user: str, code: str) -> tuple[str, ...] | None:
        """Enrol the secret that was begun when the code is right, and return fresh recovery codes; None when it is not."""
        fresh = _new_codes()

        def confirm(state: State) -> tuple[State | None, bool]:
            verdict = self._judge(state.pending, user, code, -1)
            if not verdict.ok:
                return None, False
            kept = tuple(map(recovery.digest, fresh))
            enrolled = dataclasses.replace(
                state, secret=state.pending, pending="", step=verdict.step, codes=kept
            )
            return enrolled, True

        return fresh if self._change(user, confirm) else None

    def check(self, user: str, code: str, address: str) -> Outcome:
        """Decide about a code of the user's authenticator, or one of their recovery codes; either is good for once."""
        admission = self.throttle.begin(user, address)
        if not admission.allowed:
            return Outcome(False, "", admission.wait, admission.reason)
        outcome: Outcome = self._change(user, lambda state: self._take(state, user, code))
        if outcome.ok:
            self.throttle.succeed(user, address)
        return outcome

    def renew_codes(self, user: str) -> tuple[str, ...]:
        """Replace a user's recovery codes and return the new ones; the old ones work no more."""
        fresh = _new_codes()
        kept = tuple(map(recovery.digest, fresh))
        return self._change(user, lambda state: (dataclasses.replace(state, codes=kept), fresh))

    def remove_totp(self, user: str) -> None:
        """Forget a user's authenticator; the recovery codes too, unless there is a passkey."""

        def remove(state: State) -> tuple[State | None, None]:
            codes = state.codes if state.passkeys else ()
            return dataclasses.replace(state, secret="", pending="", codes=codes), None

        self._change(user, remove)

    def forget(self, user: str) -> None:
        """Forget all factors of a user: their account is deleted, or support proved who they are in another way."""
        handle = self._read(user)[0].handle
        self._change(user, lambda _: (State(), None))
        if handle:
            self._store.delete(_handle_key(handle))

    def ask_for_passkey(self, user: str, shown: str = "") -> Question:
        """Return what makes a passkey. Raise PasskeyRefused when the user has too many."""

        def named(state: State) -> tuple[State | None, State]:
            made = dataclasses.replace(state, handle=state.handle or secrets.token_urlsafe(32))
            return made, made

        state = self._change(user, named)
        if len(state.passkeys) >= MOST_PASSKEYS:
            raise PasskeyRefused(f"{MOST_PASSKEYS} passkeys are enough; remove one first")
        now = self._clock()
        self._store.insert(_handle_key(state.handle), Stored(user), now)
        handle = state.handle.encode()
        return self._site().ask_to_make(user, shown, handle, state.passkeys, now)

    def add_passkey(self, user: str, kept: object, answer: str, name: str = "") -> Passkey:
        """Keep the passkey that a browser made. Raise PasskeyRefused when it made none for this question."""
        named = " ".join(name.split())[:LONGEST_NAME] or "Passkey"
        made = self._site().made(kept, answer, named, self._clock())

        def add(state: State) -> tuple[State | None, Passkey]:
            if len(state.passkeys) >= MOST_PASSKEYS or any(one.id == made.id for one in state.passkeys):
                raise PasskeyRefused("the passkey is there already, or there are too many")
            return dataclasses.replace(state, passkeys=(*state.passkeys, made)), made

        return self._change(user, add)

    def remove_passkey(self, user: str, passkey: str) -> bool:
        """Forget one of a user's passkeys, by its id; False when they have none of that id."""

        def remove(state: State) -> tuple[State | None, bool]:
            left = tuple(one for one in state.passkeys if one.id != passkey)
            codes = state.codes if left or state.secret else ()
            return dataclasses.replace(state, passkeys=left, codes=codes), left != state.passkeys

        return self._change(user, remove)

    def ask_to_use_passkey(self, user: str = "") -> Question:
        """Return what proves a passkey of a user's; of nobody's, any that the browser knows."""
        has = self._read(user)[0].passkeys if user else ()
        return self._site().ask_to_use(has, self._clock())

    def use_passkey(self, kept: object, answer: str, address: str, user: str = "") -> Outcome:
        """Decide about an answer; without a user, whose passkey it is says who signs in."""
        tried = user or _PASSKEY_TRY + address
        admission = self.throttle.begin(tried, address)
        if not admission.allowed:
            return Outcome(False, "", admission.wait, admission.reason)
        row = (
            None if user else self._store.read(_handle_key(_decoded(asking.handle_in(answer))), self._clock())
        )
        who = user or (row.body if row is not None else "")
        try:
            return self._used(who, tried, kept, answer, address)
        except PasskeyRefused as error:
            return Outcome(False, "", 0.0, f"The passkey was refused: {error}.")

    def _used(self, who: str, tried: str, kept: object, answer: str, address: str) -> Outcome:
        def use(state: State) -> tuple[State | None, None]:
            passkey, uses = self._site().used(kept, answer, state.passkeys, self._clock())
            counted = dataclasses.replace(passkey, uses=uses)
            new = tuple(counted if one.id == passkey.id else one for one in state.passkeys)
            return dataclasses.replace(state, passkeys=new), None

        self._change(who, use)
        self.throttle.succeed(tried, address)
        return Outcome(True, "passkey", 0.0, "The passkey is the user's.", who)

    def _take(self, state: State, user: str, code: str) -> tuple[State | None, Outcome]:
        """Return what becomes of the factors when a code is taken (None: it is not), and what to say."""
        verdict = self._judge(state.secret, user, code, state.step)
        if verdict.ok:
            taken = dataclasses.replace(state, step=verdict.step)
            return taken, Outcome(True, "totp", 0.0, verdict.reason, user)
        found = recovery.find(code, state.codes)
        if found is None:
            return None, Outcome(False, "", 0.0, verdict.reason)
        left = tuple(one for one in state.codes if one != found)
        said = f"A recovery code; {len(left)} are left."
        return dataclasses.replace(state, codes=left), Outcome(True, "recovery", 0.0, said, user)

    def _judge(self, sealed: str, user: str, code: str, last: int) -> totp.CodeVerdict:
        # Who has no secret is asked for the code of a random one: the answer takes as long, and is no.
        text = self._opened(sealed, user) if sealed else totp.text_of(secrets.token_bytes(SECRET_BYTES))
        verdict = totp.judge(totp.secret_of(text), code, self._clock(), last, self._rules)
        return verdict if sealed else totp.CodeVerdict(False, last, "The code is wrong.")

    def _read(self, user: str) -> tuple[State, int]:
        row = self._store.read(_key(user), self._clock())
        return (_state(row.body), row.revision) if row is not None else (State(), 0)

    def _change(self, user: str, change: Callable[[State], tuple[State | None, T]]) -> T:
        """Write what a change makes of a user's factors (None: nothing) and return what it says; again when others wrote."""
        now = self._clock()
        for _ in range(_TRIES):
            state, revision = self._read(user)
            after, said = change(state)
            if after is None or after == state:
                return said
            row = Stored(json.dumps(dataclasses.asdict(after), separators=(",", ":")), f"mfa:{user}")
            if not revision and self._store.insert(_key(user), row, now):
                return said
            if revision and self._store.replace(_key(user), row, revision, now):
                return said
        raise RuntimeError("others write this user's factors again and again")

    def _site(self) -> Passkeys:
        if self._passkeys is None:
            raise RuntimeError("Factors was made without passkeys=Passkeys(…)")
        return self._passkeys

    def _sealed(self, text: str, user: str) -> str:
        return self._seals.seal(text, "mfa", user) if self._seals else text

    def _opened(self, kept: str, user: str) -> str:
        return self._seals.open(kept, "mfa", user) if self._seals else kept


def _new_codes() -> tuple[str, ...]:
    return tuple(recovery.text_of(secrets.token_bytes(recovery.BYTES)) for _ in range(CODES))


def _state(body: str) -> State:
    said: dict[str, Any] = json.loads(body)
    passkeys = tuple(Passkey(**one) for one in said.pop("passkeys"))
    return State(**{**said, "codes": tuple(said["codes"])}, passkeys=passkeys)


def _key(user: str) -> str:
    return f"mfa:{user}"


def _handle_key(handle: str) -> str:
    return f"mfa-handle:{handle[:64]}"


def _decoded(handle: str) -> str:
    """Return a handle as it was made: browsers send it back as base64url."""
    try:
        return asking.decoded(handle).decode("ascii")
    except ValueError:
        return ""
