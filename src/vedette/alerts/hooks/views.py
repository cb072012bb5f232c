"""The pages of hooks: which there are and what came, and one with its mapping, tried on a body before it is saved."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts.hooks import service, verdict
from vedette.alerts.hooks.examples import EXAMPLES
from vedette.alerts.hooks.forms import HookForm
from vedette.alerts.hooks.presets import GENERIC, PRESETS
from vedette.alerts.hooks.types import AlertHook, AlertHookDraft, Arrival, HookTrial
from vedette.core.errors import Conflict, Invalid
from vedette.plumbing.ports import ports

PAGE = "/alerts/hooks/"
_SHOWN = 10  # alerts of a trial


@require_safe
@needs(Verb.RULE_READ)
def hooks(request: Request) -> HttpResponse:
    """Show every hook, and when something came last."""
    found = [(each, service.last(each.name)) for each in service.hooks()]
    context = {
        "verdict": verdict.of_hooks(found),
        "rows": [{"hook": each, "last": last} for each, last in found],
        "may_write": may(request.actor, Verb.RULE_WRITE).allowed,
        "tab": "hooks",
    }
    return render(request, "alerts/hooks.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def new_hook(request: Request) -> HttpResponse:
    """Make a hook; `preset` fills the form for a sender."""
    preset = PRESETS.get(request.GET.get("preset", ""), GENERIC)
    draft = AlertHookDraft(name=preset.key, mapping=preset.mapping)
    form = HookForm(draft, EXAMPLES[preset.key], _posted(request))
    more = {"presets": PRESETS.values(), "preset": preset}
    return _page(request, form, None, more)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def hook(request: Request, name: str) -> HttpResponse:
    """Show and change a hook; `body` chooses one of those that came lately to try the mapping on."""
    found = service.hook(name)
    came = service.arrivals(request.actor, name)
    form = HookForm(found, _chosen(came, request.GET.get("body", "0")), _posted(request))
    return _page(request, form, found, {"came": came})


@require_POST
@needs(Verb.RULE_WRITE)
def make_secret(request: Request, name: str) -> HttpResponse:
    """Make a new secret and show it once."""
    secret = service.make_secret(request.actor, name, ports().clock.now())
    found = service.hook(name)
    came = service.arrivals(request.actor, name)
    return _page(request, HookForm(found, _chosen(came, "0")), found, {"came": came, "secret": secret})


@require_POST
@needs(Verb.RULE_WRITE)
def delete_hook(request: Request, name: str) -> HttpResponse:
    """Delete a hook; what it told of stays."""
    try:
        service.delete(request.actor, name, ports().clock.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The hook is gone: what is sent to it is refused.")
    return HttpResponseRedirect(PAGE)


def _page(
    request: Request, form: HookForm, before: AlertHook | None, more: Mapping[str, object]
) -> HttpResponse:
    trial, trying = None, request.POST.get("act") == "try"
    if form.is_bound and form.is_valid():
        try:
            draft = form.draft()
            if not trying:
                return _save(request, draft, before)
            trial = service.trial(
                request.actor, draft.mapping, form.cleaned_data["body"], draft.name, ports().clock.now()
            )
        except Invalid as error:
            form.blame(error)
        except Conflict as error:
            form.add_error(None, str(error))
    bad = form.is_bound and bool(form.errors)
    context = {"form": form, "hook": before, "tab": "hooks", **_around(before), **_tried(trial), **more}
    return render(request, "alerts/hook.html", context, status=422 if bad else 200)


def _save(request: Request, draft: AlertHookDraft, before: AlertHook | None) -> HttpResponse:
    now = ports().clock.now()
    if before is None:
        made = service.create(request.actor, draft, now)
        messages.success(request, "The hook is made. Give it a secret, or send with an API token.")
    else:
        made = service.change(request.actor, before.name, draft, now)
        messages.success(request, "The hook is saved.")
    return HttpResponseRedirect(f"{PAGE}{made.name}/")


def _around(before: AlertHook | None) -> dict[str, object]:
    """Return the addresses of a hook that is there."""
    if before is None:
        return {}
    return {
        "address": service.address(before.name),
        "secret_action": f"{PAGE}{before.name}/secret/",
        "delete_action": f"{PAGE}{before.name}/delete/",
    }


def _tried(trial: HookTrial | None) -> dict[str, object]:
    if trial is None:
        return {}
    shown = trial.alerts[:_SHOWN]
    return {
        "trial": trial,
        "sentence": verdict.of_trial(trial),
        "shown": shown,
        "more": len(trial.alerts) - len(shown),
    }


def _chosen(came: tuple[Arrival, ...], number: str) -> str:
    """Return the body that was chosen of those that came, the newest without a choice; empty when there is none."""
    at = int(number) if number.isdecimal() and len(number) < 3 else 0
    return came[at].body.decode() if at < len(came) else ""


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None
