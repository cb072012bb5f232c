"""The page of people: who is here, who is invited, what each may do."""

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts import inviting, members, people
from vedette.accounts.forms import InviteForm
from vedette.accounts.members import Target
from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Actor, Role, Verb, may, needs
from vedette.accounts.types import Member, NewInvitation
from vedette.accounts.views.common import back, errors_into
from vedette.core.errors import Conflict, Invalid
from vedette.plumbing.ports import ports

_PAGE = "/settings/users/"


class Line(msgspec.Struct, frozen=True):
    """A person as the page shows one: which roles may be given, whether the other acts are open."""

    member: Member
    you: bool
    roles: tuple[Role, ...]
    may_switch: bool
    may_reset: bool
    may_sign_out: bool


@require_safe
@needs(Verb.USER_READ)
def page(request: Request) -> HttpResponse:
    """List people and open invitations."""
    return _page(request)


@require_POST
@needs(Verb.USER_WRITE)
def invite(request: Request) -> HttpResponse:
    """Invite somebody; the link is in this answer and never again."""
    form = InviteForm(request.POST, roles=_roles(request.actor))
    if form.is_valid():
        try:
            with errors_into(form):
                role = Role(form.cleaned_data["role"])
                made = inviting.invite(request.actor, form.cleaned_data["email"], role, ports().clock.now())
                return _page(request, made=made)
        except Conflict as error:
            form.add_error("email", str(error))
    return _page(request, form)


@require_POST
@needs(Verb.USER_WRITE)
def revoke(request: Request, invitation_id: int) -> HttpResponse:
    """Revoke an invitation."""
    inviting.revoke_invitation(request.actor, invitation_id, ports().clock.now())
    messages.success(request, "The invitation is revoked; its link works no more.")
    return back(_PAGE)


@require_POST
@needs(Verb.USER_WRITE)
def role(request: Request, user_id: int) -> HttpResponse:
    """Give a person another role."""
    wanted = request.POST.get("role", "")
    if wanted not in set(Role):
        raise Invalid("Choose one of the roles.", {"role": "unknown"})
    changed = people.change_role(request.actor, user_id, Role(wanted), ports().clock.now())
    messages.success(request, f"{changed.name} is {_article(changed.role)} now.")
    return back(_PAGE)


@require_POST
@needs(Verb.USER_WRITE)
def active(request: Request, user_id: int) -> HttpResponse:
    """Deactivate or reactivate a person."""
    on = request.POST.get("active") == "yes"
    people.set_active(request.actor, user_id, on, ports().clock.now())
    name = people.user(user_id).ref.name
    messages.success(
        request,
        f"{name} may sign in again." if on else f"{name} is signed out everywhere and may not sign in.",
    )
    return back(_PAGE)


@require_POST
@needs(Verb.USER_WRITE)
def reset_factor(request: Request, user_id: int) -> HttpResponse:
    """Take away a person's authenticator, when the phone is lost."""
    people.reset_second_factor(request.actor, user_id, ports().clock.now())
    messages.success(
        request,
        f"{people.user(user_id).ref.name} signs in with the password and sets up a new authenticator.",
    )
    return back(_PAGE)


@require_POST
@needs(Verb.USER_WRITE)
def sign_out(request: Request, user_id: int) -> HttpResponse:
    """End every session of a person."""
    ended = people.sign_out(request.actor, user_id, ports().clock.now())
    sessions = f"{ended} {'session' if ended == 1 else 'sessions'}"
    messages.success(request, f"{people.user(user_id).ref.name} is signed out everywhere: {sessions} ended.")
    return back(_PAGE)


def _page(
    request: Request, form: InviteForm | None = None, made: NewInvitation | None = None
) -> HttpResponse:
    found, now = people.users(), ports().clock.now()
    owners = sum(m.active and m.ref.role is Role.OWNER for m in found)
    writes = may(request.actor, Verb.USER_WRITE).allowed
    shown = {
        "lines": [_line(request.actor, m, owners) for m in found],
        "active": sum(m.active for m in found),
        "without": sum(m.active and m.ref.role in members.PRIVILEGED and not m.has_factor for m in found),
        "invitations": inviting.invitations(now) if writes else (),
        "writes": writes,
        "form": form or InviteForm(roles=_roles(request.actor)),
        "made": made,
    }
    return render(request, "accounts/users.html", shown, status=422 if form else 200)


def _line(actor: Actor, member: Member, owners: int) -> Line:
    target = Target(member.ref.id, member.ref.role, member.active)
    roles = tuple(r for r in Role if members.may_change_role(actor, target, r, owners).allowed)
    return Line(
        member=member,
        you=actor.id == member.ref.id,
        roles=roles if set(roles) - {member.ref.role} else (),
        may_switch=members.may_set_active(actor, target, not member.active, owners).allowed,
        may_sign_out=members.may_sign_out(actor, target).allowed,
        may_reset=member.has_factor and members.may_reset_factor(actor, target).allowed,
    )


def _roles(actor: Actor) -> tuple[Role, ...]:
    return tuple(r for r in Role if members.may_add(actor, r).allowed)


def _article(given: Role) -> str:
    return (
        f"{'an' if given.value[0] in 'ao' else 'a'} {'administrator' if given is Role.ADMIN else given.value}"
    )
