"""The pages of rules."""

from collections.abc import Mapping, Sequence

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, may, needs
from vedette.alerts import service, verdict
from vedette.alerts.forms import RuleForm
from vedette.alerts.rules import describe
from vedette.alerts.service import Preview
from vedette.alerts.types import Rule, RuleDraft
from vedette.core.errors import Invalid
from vedette.deploys import service as deploys
from vedette.notify import service as notify
from vedette.notify.types import ChannelRef
from vedette.oncall import service as oncall
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.ui import charts

RULES = "/settings/rules/"
_PAGE = 25
_DAY = 86_400.0
_LINES = 12
_SHOWN = 50


class Request(HttpRequest):
    """A request as the middleware leaves it."""

    actor: Actor


@require_safe
@needs(Verb.RULE_READ)
def old_rules(request: Request) -> HttpResponse:
    """Lead to the rules, which stand in the settings."""
    return HttpResponseRedirect(RULES)


@require_safe
@needs(Verb.RULE_READ)
def rules(request: Request) -> HttpResponse:
    """Show the rules: what each looks for, where, and whom it tells."""
    found, channels = service.rules(), notify.channels()
    names, on = _names(), [channel for channel in channels if channel.enabled]
    context = {
        "verdict": verdict.of_rules(found, len(on)),
        "rules": [_row(rule, names, channels) for rule in found],
        "may_write": may(request.actor, Verb.RULE_WRITE).allowed,
    }
    return render(request, "alerts/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def new_rule(request: Request) -> HttpResponse:
    """Add a rule."""
    form = _form(request, None)
    if "preview" in request.POST:
        return _previewed(request, form, {"form": form})
    if form.is_bound and form.is_valid():
        try:
            made = service.create_rule(request.actor, form.draft(), ports().clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, f"The rule {made.name} is in force.")
            return HttpResponseRedirect(RULES)
    return render(request, "alerts/rule.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def rule(request: Request, rule_id: int) -> HttpResponse:
    """Change a rule."""
    found = service.rule(rule_id)
    form = _form(request, found)
    if "preview" in request.POST:
        return _previewed(request, form, _rule_context(form, found))
    if form.is_bound and form.is_valid():
        try:
            service.update_rule(request.actor, rule_id, form.draft(), ports().clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, f"The rule {form.draft().name} is saved.")
            return HttpResponseRedirect(RULES)
    context = _rule_context(form, found)
    return render(request, "alerts/rule.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs(Verb.RULE_WRITE)
def switch_rule(request: Request, rule_id: int) -> HttpResponse:
    """Switch a rule on or off."""
    on = request.POST.get("enabled") == "1"
    changed = service.enable_rule(request.actor, rule_id, ports().clock.now(), enabled=on)
    messages.success(request, f"The rule {changed.name} is {'on' if on else 'off'}.")
    return HttpResponseRedirect(RULES)


@require_POST
@needs(Verb.RULE_WRITE)
def delete_rule(request: Request, rule_id: int) -> HttpResponse:
    """Delete a rule."""
    name = service.rule(rule_id).name
    service.delete_rule(request.actor, rule_id, ports().clock.now())
    messages.success(request, f"The rule {name} is deleted. What it told stays in the history.")
    return HttpResponseRedirect(RULES)


def _rule_context(form: RuleForm, found: Rule) -> dict[str, object]:
    return {
        "form": form,
        "rule": found,
        "tells": describe(found),
        "delete_title": f"Delete the rule {found.name}?",
        "delete_action": f"{RULES}{found.id}/delete/",
    }


def _previewed(request: Request, form: RuleForm, context: dict[str, object]) -> HttpResponse:
    """Show the form as it was filled in, and what the rule would have sent."""
    if form.is_valid():
        draft = form.draft()
        try:
            found = service.preview(request.actor, draft, ports().clock.now())
        except Invalid as error:
            form.blame(error)
        else:
            return render(request, "alerts/rule.html", {**context, "preview": _shown(found, draft)})
    return render(request, "alerts/rule.html", context, status=422)


def _shown(found: Preview, draft: RuleDraft) -> dict[str, object]:
    """Return a preview as the page shows it: deploys and notices as lines of the chart, the newest notices first."""
    span = found.end - found.start
    lines = [
        charts.Mark((each.at - found.start) / span, "notice", "crit", each.title)
        for each in found.notices[-_LINES:]
    ]
    marks = (*deploys.marks(found.start, found.end, draft.project, n=_LINES), *lines)
    newest = [
        {**msgspec.structs.asdict(each), "more": each.alerts - 1}
        for each in reversed(found.notices[-_SHOWN:])
    ]
    return {
        **msgspec.structs.asdict(found),
        "notices": newest,
        "more": max(0, len(found.notices) - _SHOWN),
        "marks": sorted(marks, key=lambda mark: mark.at),
        "sentence": verdict.of_preview(found.notices),
    }


def _form(request: Request, before: Rule | None) -> RuleForm:
    there = notify.channels(), projects.projects(), _people(before)
    policies = [(policy.id, policy.name) for policy in oncall.policies()]
    return RuleForm(*there, before, _posted(request), series=service.measurable(), policies=policies)


def _row(rule: Rule, names: Mapping[int, str], channels: Sequence[ChannelRef]) -> dict[str, object]:
    told = [channel.name for channel in channels if channel.id in rule.channels]
    default = [channel.name for channel in channels if channel.default and channel.enabled]
    told += [ref.name for ref in accounts.user_refs(rule.people).values()]
    told += ["whoever it is assigned to"] if rule.assignee else []
    told += [f"the policy {policy.name}" for policy in oncall.policies() if policy.id == rule.policy]
    named = bool(rule.channels or rule.people or rule.assignee or rule.policy)
    return {
        "rule": rule,
        "tells": describe(rule),
        "where": "every project" if rule.project is None else names.get(rule.project, "a deleted project"),
        "whom": ", ".join(told if named else default) or "nobody",
        "by_default": not named,
    }


def _people(rule: Rule | None = None) -> list[tuple[int, str]]:
    """Return whom a rule may name: the active people, and those it names already."""
    there = accounts.user_refs() | (accounts.user_refs(rule.people) if rule and rule.people else {})
    return sorted(((user, ref.name) for user, ref in there.items()), key=lambda pair: pair[1])


def _names() -> dict[int, str]:
    return {project.id: project.name for project in projects.projects()}


def _posted(request: Request) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None
