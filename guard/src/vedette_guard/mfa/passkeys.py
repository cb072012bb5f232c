"""Passkeys (WebAuthn Level 3) by the library `webauthn`: what to ask of a browser, and what its answer is worth.

A question is kept on the server's side (in the session) until its answer comes: once, and for five minutes.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vedette_guard.extras import need

EXTRA = "mfa"
ANSWERED_WITHIN = 300.0
BIGGEST_ANSWER = 65_536


class PasskeyRefused(ValueError):
    """An answer of a browser that proves nothing; the text says why, for a log rather than for people."""


@dataclass(frozen=True)
class Passkey:
    """A passkey as it is kept: ids and key as base64url, how often it was used as its authenticator counts, its name."""

    id: str
    public_key: str
    uses: int
    name: str
    made_at: float


@dataclass(frozen=True)
class Question:
    """What a browser is asked: `options` are JSON for its page; `kept` is JSON for the session until the answer comes."""

    options: str
    kept: dict[str, Any]


class Passkeys:
    """Asks and checks for one site: `domain` is its name without a scheme, `origins` the pages that may ask.

    `verify`: the person has to be recognised by the authenticator (PIN, finger), so that a passkey alone is two factors.
    """

    def __init__(self, domain: str, name: str, origins: tuple[str, ...] = (), *, verify: bool = True) -> None:
        self._domain, self._name, self._verify = domain, name, verify
        self._origins = list(origins or (f"https://{domain}",))

    def ask_to_make(
        self, user: str, shown: str, handle: bytes, has: tuple[Passkey, ...], now: float
    ) -> Question:
        """Return what makes a passkey for a user; `handle` is what authenticators know them by: 64 bytes at most, no name."""
        webauthn, structs = need("webauthn", EXTRA), need("webauthn.helpers.structs", EXTRA)
        asked = webauthn.generate_registration_options(
            rp_id=self._domain,
            rp_name=self._name,
            user_name=shown or user,
            user_id=handle,
            exclude_credentials=_described(structs, has),
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.PREFERRED,
                user_verification=self._wish(structs),
            ),
        )
        return _question(webauthn, asked, "make", now)

    def made(self, kept: object, answer: str, name: str, now: float) -> Passkey:
        """Return the passkey that a browser made. Raise PasskeyRefused when it did not, or not for this question."""
        webauthn = need("webauthn", EXTRA)
        found = self._checked(
            webauthn.verify_registration_response,
            credential=_parsed(answer),
            expected_challenge=_challenge(kept, "make", now),
        )
        return Passkey(
            _text(found.credential_id), _text(found.credential_public_key), found.sign_count, name, now
        )

    def ask_to_use(self, has: tuple[Passkey, ...], now: float) -> Question:
        """Return what signs somebody in with one of these passkeys; with none given, with any the browser knows."""
        webauthn, structs = need("webauthn", EXTRA), need("webauthn.helpers.structs", EXTRA)
        asked = webauthn.generate_authentication_options(
            rp_id=self._domain,
            allow_credentials=_described(structs, has),
            user_verification=self._wish(structs),
        )
        return _question(webauthn, asked, "use", now)

    def used(self, kept: object, answer: str, has: tuple[Passkey, ...], now: float) -> tuple[Passkey, int]:
        """Return the passkey that was used, and how often it was by now. Raise PasskeyRefused when none of `has` was.

        An authenticator that counts backwards was copied: refused.
        """
        webauthn, parsed = need("webauthn", EXTRA), _parsed(answer)
        passkey = next((one for one in has if one.id == parsed.get("id")), None)
        if passkey is None:
            raise PasskeyRefused("the passkey is none of this user's")
        found = self._checked(
            webauthn.verify_authentication_response,
            credential=parsed,
            expected_challenge=_challenge(kept, "use", now),
            credential_public_key=decoded(passkey.public_key),
            credential_current_sign_count=passkey.uses,
        )
        return passkey, found.new_sign_count

    def _wish(self, structs: Any) -> Any:
        wish = structs.UserVerificationRequirement
        return wish.REQUIRED if self._verify else wish.PREFERRED

    def _checked(self, check: Any, **said: Any) -> Any:
        exceptions = need("webauthn.helpers.exceptions", EXTRA)
        try:
            return check(
                **said,
                expected_rp_id=self._domain,
                expected_origin=self._origins,
                require_user_verification=self._verify,
            )
        except (exceptions.WebAuthnException, ValueError, TypeError, KeyError) as error:
            raise PasskeyRefused(str(error)) from error


def handle_in(answer: str) -> str:
    """Return the handle of the user whom an answer says it is of, as base64url; empty when it says none."""
    try:
        response = _parsed(answer).get("response")
    except PasskeyRefused:
        return ""
    return str(response.get("userHandle") or "") if isinstance(response, dict) else ""


def _question(webauthn: Any, asked: Any, kind: str, now: float) -> Question:
    kept = {"kind": kind, "challenge": _text(asked.challenge), "until": now + ANSWERED_WITHIN}
    return Question(webauthn.options_to_json(asked), kept)


def _challenge(kept: object, kind: str, now: float) -> bytes:
    if not isinstance(kept, Mapping) or kept.get("kind") != kind:
        raise PasskeyRefused("nothing was asked")
    if now >= kept["until"]:
        raise PasskeyRefused("the answer came too late")
    return decoded(str(kept["challenge"]))


def _parsed(answer: str) -> dict[str, Any]:
    if len(answer) > BIGGEST_ANSWER:
        raise PasskeyRefused("the answer is too long")
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise PasskeyRefused("the answer is no JSON") from error
    if not isinstance(found, dict):
        raise PasskeyRefused("the answer is no object")
    return found


def _described(structs: Any, has: tuple[Passkey, ...]) -> list[Any]:
    return [structs.PublicKeyCredentialDescriptor(id=decoded(one.id)) for one in has]


def decoded(text: str) -> bytes:
    """Return what base64url says. Raise ValueError when it says nothing."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
