"""What a browser answers when a passkey was made or used (Web Authentication Level 3, section 5.1: the JSON forms)."""

from typing import Literal

import msgspec

from vedette.core.errors import Invalid

LONGEST = 16_384
UNREADABLE = "The browser's answer cannot be read; try again."


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The authenticator's part, each value base64url: made (attestation) or used (authenticator data, signature)."""

    client_data: str = msgspec.field(name="clientDataJSON")
    attestation: str | None = msgspec.field(name="attestationObject", default=None)
    authenticator_data: str | None = msgspec.field(name="authenticatorData", default=None)
    signature: str | None = None
    user_handle: str | None = msgspec.field(name="userHandle", default=None)


class Properties(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the browser tells of a new passkey: whether it can sign in alone."""

    rk: bool | None = None


class Extensions(msgspec.Struct, frozen=True, omit_defaults=True):
    """The extensions Vedette asks for."""

    properties: Properties | None = msgspec.field(name="credProps", default=None)


class Credential(msgspec.Struct, frozen=True):
    """A browser's answer."""

    id: str
    raw_id: str = msgspec.field(name="rawId")
    type: Literal["public-key"]
    response: Answer
    extensions: Extensions = msgspec.field(name="clientExtensionResults", default=Extensions())


def parse(text: str) -> Credential:
    """Read a browser's answer; raises `Invalid` for anything else, however deep or long it is."""
    if len(text) > LONGEST:
        raise Invalid(UNREADABLE)
    try:
        return msgspec.json.decode(text, type=Credential)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        raise Invalid(UNREADABLE) from None
