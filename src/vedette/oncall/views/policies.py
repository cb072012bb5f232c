"""The pages of escalation policies and of what escalates: lists, the form, who would be paged now, and one escalation."""

from collections.abc import Callable, Mapping

import msgspec
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.notify.types import Notice
from vedette.oncall import escalating, foreseeing, gathering, policies, reading_aloud
from vedette.oncall import escalation as deciding
from vedette.oncall.escalation import Facts
from vedette.oncall.foreseeing import Foreseen
from vedette.oncall.forms.policy import PolicyForm
from vedette.oncall.gathering import Circle
from vedette.oncall.types import (
    Escalation,
    EscalationState,
    EscalationStep,
    Policy,
    PolicyDraft,
    StepKind,
)
from vedette.oncall.views.common import PAGE, now

POLICIES = f"{PAGE}policies/"
ESCALATIONS = f"{PAGE}escalations/"
_AT_ONCE = 25
_FORESEEN = 20
_TONES = {
    EscalationState.RUNNING: ("crit", "Runs"),
    EscalationState.ACKNOWLEDGED: ("ok", "Acknowledged"),
    EscalationState.DONE: ("warn", "At its end"),
    EscalationState.STOPPED: ("off", "Ended"),
}


@require_safe
@needs(Verb.ONCALL_READ)
def listing(request: Request) -> HttpResponse:
    """Show the policies, each read aloud."""
    circle, found = Circle(), policies.policies()
    writes = may(request.actor, Verb.ONCALL_WRITE).allowed
    context = {
        "said": _opening(found), "tab": "policies", "may_write": writes,
        "policies": [(each, reading_aloud.sentence(each, circle.called)) for each in found],
    }  # fmt: skip
    return render(request, "oncall/policies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_WRITE)
def new(request: Request) -> HttpResponse:
    """Make a policy; the form begins with the usual one."""
    circle = Circle()
    first = next(iter(circle.called.schedules), None)
    page = EscalationStep(kind=StepKind.NOTIFY_SCHEDULE, schedule=first) if first else EscalationStep(kind=StepKind.NOTIFY_USERS)  # fmt: skip
    usual = (page, EscalationStep(kind=StepKind.WAIT, minutes=5), EscalationStep(kind=StepKind.NOTIFY_TEAM, team="admin"), EscalationStep(kind=StepKind.WAIT, minutes=10))  # fmt: skip
    return _form(request, circle, PolicyDraft(name="", steps=usual, repeats=2), None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.ONCALL_WRITE)
def one(request: Request, policy_id: int) -> HttpResponse:
    """Change a policy; what escalates already goes on as it was."""
    found = policies.policy(policy_id)
    return _form(request, Circle(), found, found)


@require_POST
@needs(Verb.ONCALL_WRITE)
def delete(request: Request, policy_id: int) -> HttpResponse:
    """Delete a policy whose name was typed."""
    found = policies.policy(policy_id)
    if request.POST.get("confirm", "").strip() != found.name:
        messages.error(request, f"Nothing was deleted: type {found.name} to delete it.")
        return HttpResponseRedirect(f"{POLICIES}{policy_id}/")
    try:
        policies.delete_policy(request.actor, policy_id, now())
    except Conflict as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(f"{POLICIES}{policy_id}/")
    messages.success(request, f"{found.name} is deleted. What escalates by it goes on to its end.")
    return HttpResponseRedirect(POLICIES)


@require_safe
@needs(Verb.ONCALL_READ)
def escalations(request: Request) -> HttpResponse:
    """Show what escalates now, and what did, newest first."""
    every = request.GET.get("all") == "1"
    found = escalating.page(request.GET.get("cursor") or None, _AT_ONCE, live_only=not every)
    running = escalating.count_live()
    context = {
        "said": _running(running), "tab": "escalations", "every": every, "page": found,
        "rows": [_row(each) for each in found.items], "may_take": may(request.actor, Verb.ALERT_WRITE).allowed,
    }  # fmt: skip
    return render(request, "oncall/escalations.html", context)


@require_safe
@needs(Verb.ONCALL_READ)
def escalation(request: Request, escalation_id: int) -> HttpResponse:
    """Show one escalation: what it did, why, and what it does next."""
    found = escalating.escalation(escalation_id)
    if found is None:
        raise NotFound(f"There is no escalation {escalation_id}; it may have been cleaned up.")
    circle = Circle()
    context = {
        "found": found, "row": _row(found), "lines": escalating.lines(escalation_id), "tab": "escalations",
        "ahead": _ahead(found, circle), "policy": reading_aloud.sentence(found.policy, circle.called),
        "may_take": may(request.actor, Verb.ALERT_WRITE).allowed,
    }  # fmt: skip
    return render(request, "oncall/escalation.html", context)


def _form(request: Request, circle: Circle, draft: PolicyDraft, before: Policy | None) -> HttpResponse:
    form = PolicyForm(circle.called, draft, request.POST if request.method == "POST" else None)
    preview: tuple[Foreseen, ...] | None = None
    saved, wrong = None, form.is_bound
    if form.is_bound and form.is_valid():
        try:
            made = form.draft()
            if request.POST.get("act") == "preview":
                policies.check(made, before.id if before else None)
                preview, wrong, draft = _foreseen(made, circle), False, made
            else:
                saved = _saved(request, made, form.secret, before)
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.problem = str(error)
    if saved is not None:
        messages.success(request, f"{saved.name} is saved.")
        return HttpResponseRedirect(POLICIES)
    context = {
        "form": form, "policy": before, "preview": preview, "aloud": reading_aloud.sentence(draft, circle.called),
        "signed": before is not None and policies.has_secret(before.id), "tab": "policies",
    }  # fmt: skip
    return render(request, "oncall/policy_form.html", context, status=422 if wrong else 200)


def _saved(request: Request, made: PolicyDraft, secret: str | None, before: Policy | None) -> Policy:
    if before is None:
        return policies.create_policy(request.actor, made, now(), secret or "")
    return policies.update_policy(request.actor, before.id, made, now(), secret)


def _foreseen(draft: PolicyDraft, circle: Circle) -> tuple[Foreseen, ...]:
    """Return whom a policy would page if something fired now and nobody answered."""
    at = now()
    policy = Policy(id=0, **{name: getattr(draft, name) for name in PolicyDraft.__struct_fields__})
    notice = Notice(title="A try", text="", severity="critical", link="/", at=at)
    begun = Escalation(
        id=0, thread="", policy=policy, state=EscalationState.RUNNING, step=0, round=0, due=at, started_at=at, notice=notice
    )  # fmt: skip
    return foreseeing.foresee(begun, _facts(circle), _FORESEEN)


def _ahead(found: Escalation, circle: Circle) -> tuple[Foreseen, ...]:
    if found.due is None:
        return ()
    due = max(found.due, now())
    begun = msgspec.structs.replace(deciding.resumed(found, due), due=due)
    return foreseeing.foresee(begun, _facts(circle), _FORESEEN)


def _facts(circle: Circle) -> Callable[[Escalation, float, bool], Facts]:
    def facts(found: Escalation, at: float, told: bool) -> Facts:
        return gathering.facts(found, circle, at, settled="", alerts=0, told=told)

    return facts


def _row(found: Escalation) -> Mapping[str, object]:
    tone, word = _TONES[found.state]
    return {"found": found, "tone": tone, "word": word, "open": found.state is EscalationState.RUNNING}


def _opening(found: tuple[Policy, ...]) -> dict[str, str]:
    if not found:
        return {"tone": "off", "title": "Nobody is paged by a policy", "text": "Alerts go to channels, whether or not somebody answers."}  # fmt: skip
    word = "policy says" if len(found) == 1 else "policies say"
    return {"tone": "ok", "title": f"{len(found)} {word} who is paged until somebody answers", "text": "A rule or a receiver names one."}  # fmt: skip


def _running(count: int) -> dict[str, str]:
    if not count:
        return {"tone": "ok", "title": "Nothing escalates", "text": "Whatever was paged is answered or over."}
    word = "thing escalates" if count == 1 else "things escalate"
    return {"tone": "warn", "title": f"{count} {word}", "text": "Who takes one stops the pages for it."}
