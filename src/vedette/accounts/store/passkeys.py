"""Passkeys as allauth stores them: names and public keys, nothing secret. What browsers answer is verified by fido2."""

import base64
import json
import struct

import msgspec
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from fido2.webauthn import CollectedClientData

from vedette.accounts import origins
from vedette.accounts.credentials import Credential
from vedette.accounts.models import User
from vedette.accounts.types import Passkey
from vedette.core.clock import to_datetime
from vedette.core.errors import Invalid
from vedette.plumbing.ports import ports

_WRONG = "The passkey is not known here, or it took too long. Try again, or sign in with the password."
_BROKEN = (
    ValidationError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    RecursionError,
    struct.error,
)  # what allauth and fido2 raise for answers no browser gives


def passkeys(user_id: int) -> tuple[Passkey, ...]:
    """Return a person's passkeys, oldest first."""
    return tuple(_passkey(row) for row in _rows(user_id).order_by("id"))


def count(user_id: int) -> int:
    """Count a person's passkeys."""
    return int(_rows(user_id).count())


def begin_making(user_id: int) -> str:
    """Return what the browser needs to make a passkey that signs in alone, as JSON; the challenge stays in the session."""
    user = User.objects.get(id=user_id)
    return json.dumps(auth.begin_registration(user, passwordless=True))


def make(user_id: int, name: str, credential: Credential, now: float) -> Passkey:
    """Verify and store a passkey; raises `Invalid`. The challenge is used up, right or wrong."""
    answer = _checked_place(credential)
    try:
        auth.complete_registration(answer)
    except _BROKEN:
        raise Invalid("The browser's passkey could not be verified; try again.") from None
    finally:
        auth.clear_state()
    row = auth.WebAuthn.add(User.objects.get(id=user_id), name, answer).instance
    row.created_at = to_datetime(now)
    row.save(update_fields=["created_at"])
    return _passkey(row)


def begin_using(user_id: int | None = None) -> str:
    """Return what the browser needs to use a passkey, as JSON: one of a person's, or any it knows for this place."""
    user = None if user_id is None else User.objects.get(id=user_id)
    return json.dumps(auth.begin_authentication(user))


def used(credential: Credential, user: User | None = None) -> Authenticator:
    """Verify that a passkey was used (the given person's, or that of whom it names) and return it; raises `Invalid`.

    The challenge is used up, right or wrong.
    """
    answer = _checked_place(credential)
    try:
        owner = user or auth.extract_user_from_response(answer)
        return auth.complete_authentication(owner, answer)
    except _BROKEN:
        raise Invalid(_WRONG) from None
    finally:
        auth.clear_state()


def rename(user_id: int, passkey_id: int, name: str) -> bool:
    """Give a passkey another name; False when the person has no such passkey."""
    row = _rows(user_id).filter(id=passkey_id).first()
    if row is None:
        return False
    row.data = {**row.data, "name": name}
    row.save(update_fields=["data"])
    return True


def drop(user_id: int, passkey_id: int) -> bool:
    """Remove a passkey; False when the person has no such passkey."""
    return bool(_rows(user_id).filter(id=passkey_id).delete()[0])


def _checked_place(credential: Credential) -> dict[str, object]:
    """Return the answer as fido2 reads it, when the browser gave it at this place and not within another site's page."""
    try:
        padded = credential.response.client_data + "=" * (-len(credential.response.client_data) % 4)
        told = CollectedClientData(base64.urlsafe_b64decode(padded))
        fits = origins.belongs(told.origin, ports().settings.public_url) and not told.cross_origin
    except _BROKEN:
        fits = False
    if not fits:
        auth.clear_state()
        raise Invalid(_WRONG)
    answer: dict[str, object] = msgspec.to_builtins(credential)
    return answer


def _rows(user_id: int):  # type: ignore[no-untyped-def]  # allauth has no types
    return Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.WEBAUTHN)


def _passkey(row: Authenticator) -> Passkey:
    last = row.last_used_at
    return Passkey(
        id=row.pk,
        name=str(row.data.get("name", "")),
        created_at=row.created_at.timestamp(),
        last_used_at=None if last is None else last.timestamp(),
    )
