"""The REST resources of accounts: users, tokens, audit."""

from typing import Annotated

import msgspec
from ninja import Field, Path, Query, Router, Schema, Status

from vedette.accounts import auditing, people, tokens
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Role, Scope, Verb, needs
from vedette.accounts.types import AuditEntry, Member, TokenRef
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid
from vedette.plumbing.ports import ports
from vedette.ui import pager

router = Router(tags=["accounts"])
Cursor = Annotated[str | None, Query(max_length=512, description="from the page before")]
Size = Annotated[int | None, Query(ge=1, le=100)]
Id = Annotated[int, Path(ge=1, le=2**53)]


class UserOut(Schema):
    """A person."""

    id: int
    name: str
    email: str
    role: Role
    active: bool
    two_factor: bool
    created_at: str
    last_seen_at: str | None


class UserChange(Schema):
    """What to change of a person; what is left out stays."""

    role: Role | None = None
    active: bool | None = None


class TokenOut(Schema):
    """A token without its secret."""

    id: int
    name: str
    hint: str
    scopes: list[Scope]
    owner: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class TokenIn(Schema):
    """A token to be made."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[Scope] = Field(min_length=1, max_length=3)
    expires_at: str | None = Field(None, max_length=40, description="ISO 8601; left out: never")


class TokenMade(TokenOut):
    """A fresh token; `token` is its secret, told this once."""

    token: str


class AuditOut(Schema):
    """An entry of the audit log."""

    id: int
    at: str
    actor_kind: str
    actor: str
    action: str
    subject: str
    detail: dict[str, str]
    address: str


class UserPage(Schema):
    """A page of people."""

    items: list[UserOut]
    cursor: str | None


class TokenPage(Schema):
    """A page of tokens."""

    items: list[TokenOut]
    cursor: str | None


class AuditList(Schema):
    """A page of the audit log."""

    items: list[AuditOut]
    cursor: str | None


@router.get("/users", response=UserPage, operation_id="list_users")
@needs(Verb.USER_READ)
def list_users(request: Request, cursor: Cursor = None, n: Size = None) -> UserPage:
    """Return people by id."""
    after, size = _after(cursor), pager.size(n)
    found = sorted((m for m in people.users() if m.ref.id > after), key=lambda m: m.ref.id)
    following = pager.encode(found[size - 1].ref.id) if len(found) > size else None
    return UserPage(items=[_user(m) for m in found[:size]], cursor=following)


@router.get("/users/{user_id}", response=UserOut, operation_id="get_user")
@needs(Verb.USER_READ)
def get_user(request: Request, user_id: Id) -> UserOut:
    """Return one person."""
    return _user(people.user(user_id))


@router.patch("/users/{user_id}", response=UserOut, operation_id="change_user")
@needs(Verb.USER_WRITE)
def change_user(request: Request, user_id: Id, body: UserChange) -> UserOut:
    """Change a person's role, or deactivate or reactivate the person."""
    now = ports().clock.now()
    if body.role is not None:
        people.change_role(request.actor, user_id, body.role, now)
    if body.active is not None:
        people.set_active(request.actor, user_id, body.active, now)
    return _user(people.user(user_id))


@router.get("/tokens", response=TokenPage, operation_id="list_tokens")
@needs(Verb.TOKEN_OWN)
def list_tokens(request: Request, cursor: Cursor = None, n: Size = None) -> TokenPage:
    """Return the tokens the caller may see, newest first: everybody's for administrators, else one's own."""
    before, size = _after(cursor), pager.size(n)
    found = [t for t in tokens.tokens(request.actor) if not before or t.id < before]
    following = pager.encode(found[size - 1].id) if len(found) > size else None
    return TokenPage(items=[_token(t) for t in found[:size]], cursor=following)


@router.post("/tokens", response={201: TokenMade}, operation_id="create_token")
@needs(Verb.TOKEN_OWN)
def create_token(request: Request, body: TokenIn) -> Status[TokenMade]:
    """Make a token; its secret is in this answer and never again."""
    expires_at = None if body.expires_at is None else _instant(body.expires_at)
    now = ports().clock.now()
    secret, made = tokens.create_token(request.actor, body.name, body.scopes, now, expires_at)
    return Status(201, TokenMade(token=secret, **_token(made).dict()))


@router.delete("/tokens/{token_id}", response={204: None}, operation_id="revoke_token")
@needs(Verb.TOKEN_OWN)
def revoke_token(request: Request, token_id: Id) -> Status[None]:
    """Revoke a token; it works no more within a second."""
    tokens.revoke_token(request.actor, token_id, ports().clock.now())
    return Status(204, None)


@router.get("/audit", response=AuditList, operation_id="list_audit")
@needs(Verb.AUDIT_READ)
def list_audit(  # noqa: PLR0917 - the filters of the list
    request: Request,
    action: Annotated[str, Query(max_length=64)] = "",
    actor: Annotated[str, Query(max_length=120)] = "",
    subject: Annotated[str, Query(max_length=255)] = "",
    cursor: Cursor = None,
    n: Size = None,
) -> AuditList:
    """Return the audit log, newest first; `action` is a prefix, `subject` a part."""
    page = auditing.audit_page(action=action, actor=actor, subject=subject, cursor=cursor, n=pager.size(n))
    return AuditList(items=[_entry(e) for e in page.entries], cursor=page.cursor)


def _after(cursor: str | None) -> int:
    return 0 if cursor is None else pager.decode(cursor, tuple[int])[0]


def _instant(text: str) -> float:
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise Invalid(
            "An instant is ISO 8601, like 2027-01-31T12:00:00Z.", {"expires_at": "not an instant"}
        ) from None


def _told(instant: float | None) -> str | None:
    return None if instant is None else iso(instant)


def _user(member: Member) -> UserOut:
    ref = member.ref
    return UserOut(
        id=ref.id, name=ref.name, email=ref.email, role=ref.role, active=member.active, two_factor=member.has_factor,
        created_at=iso(member.created_at), last_seen_at=_told(member.last_seen_at),
    )  # fmt: skip


def _token(token: TokenRef) -> TokenOut:
    return TokenOut(
        id=token.id, name=token.name, hint=token.hint, scopes=list(token.scopes), owner=token.owner,
        created_at=iso(token.created_at), expires_at=_told(token.expires_at), last_used_at=_told(token.last_used_at),
    )  # fmt: skip


def _entry(entry: AuditEntry) -> AuditOut:
    kept = msgspec.structs.asdict(entry)
    return AuditOut(**{**kept, "at": iso(entry.at), "detail": dict(entry.detail)})
