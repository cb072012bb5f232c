"""The nouns of accounts."""

from collections.abc import Mapping

import msgspec

from vedette.accounts.permissions import Role, Scope


class UserRef(msgspec.Struct, frozen=True):
    """A person as other rooms show one."""

    id: int
    name: str
    email: str
    initials: str
    role: Role


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person as the users page shows one. `privileged_at` is when the second factor became a duty, None before."""

    ref: UserRef
    active: bool
    created_at: float
    last_seen_at: float | None
    has_factor: bool
    privileged_at: float | None = None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An open or past invitation; its secret is known to the invited person alone."""

    id: int
    email: str
    role: Role
    created_at: float
    expires_at: float
    invited_by: str
    accepted_at: float | None = None
    revoked_at: float | None = None


class NewInvitation(msgspec.Struct, frozen=True):
    """A fresh invitation. `link` is shown once; `problem` says why it could not be mailed, empty when it was."""

    invitation: Invitation
    link: str
    mailed: bool
    problem: str = ""


class TokenRef(msgspec.Struct, frozen=True, kw_only=True):
    """An API token without its secret. `user` is None for a token of Vedette itself, made by the CLI."""

    id: int
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    user: int | None
    owner: str
    created_at: float
    expires_at: float | None
    last_used_at: float | None = None
    last_address: str = ""
    revoked_at: float | None = None


class SessionRef(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser; `current` marks the one that asks."""

    id: str
    device: str
    address: str
    created_at: float
    last_seen_at: float
    current: bool


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log: who did what to what, from where."""

    id: int
    at: float
    actor_kind: str
    actor_id: int
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str]
    address: str


class AuditPage(msgspec.Struct, frozen=True):
    """A page of the audit log, newest first, and where the next one starts (None at the end)."""

    entries: tuple[AuditEntry, ...]
    cursor: str | None = None


class Totp(msgspec.Struct, frozen=True):
    """What a person needs to enrol an authenticator: the seed, its otpauth URI and that URI as an SVG QR code."""

    secret: str
    uri: str
    svg: str


class SecondFactor(msgspec.Struct, frozen=True):
    """Whether a person has an authenticator, how many passkeys, and how many recovery codes are left."""

    totp: bool
    codes_left: int
    codes_total: int = 10
    passkeys: int = 0

    @property
    def any(self) -> bool:
        """Tell whether a password alone does not sign in."""
        return self.totp or self.passkeys > 0


class Passkey(msgspec.Struct, frozen=True):
    """A key that a browser, phone or security key holds for one person at this Vedette; signs in alone."""

    id: int
    name: str
    created_at: float
    last_used_at: float | None = None
