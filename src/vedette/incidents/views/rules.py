"""The pages of the rules that declare incidents."""

from collections.abc import Collection, Mapping

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.alerts import service as alerts
from vedette.core.errors import Conflict, Invalid
from vedette.incidents import service, severity
from vedette.incidents.forms import RuleForm
from vedette.incidents.types import IncidentRule
from vedette.plumbing.ports import ports
from vedette.projects import service as projects

RULES = "/incidents/rules/"


@require_safe
@needs(Verb.INCIDENT_READ)
def rules(request: Request) -> HttpResponse:
    """Show which alerts make incidents."""
    names = {each.id: each.name for each in projects.projects()}
    found, known = service.rules(), service.rule_runbooks()
    context = {
        "rows": [_row(one, names, known) for one in found], "on": sum(one.enabled for one in found),
        "may_write": may(request.actor, Verb.RULE_WRITE).allowed, "tab": "rules",
    }  # fmt: skip
    return render(request, "incidents/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def new_rule(request: Request) -> HttpResponse:
    """Add a rule."""
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.RULE_WRITE)
def rule(request: Request, number: int) -> HttpResponse:
    """Change a rule."""
    return _form(request, service.rule(number))


@require_POST
@needs(Verb.RULE_WRITE)
def switch_rule(request: Request, number: int) -> HttpResponse:
    """Switch a rule on or off."""
    made = service.enable_rule(
        request.actor, number, ports().clock.now(), enabled=request.POST.get("enabled") == "1"
    )
    messages.success(request, f"The rule {made.name} is {'on' if made.enabled else 'off'}.")
    return HttpResponseRedirect(RULES)


@require_POST
@needs(Verb.RULE_WRITE)
def delete_rule(request: Request, number: int) -> HttpResponse:
    """Delete a rule; its incidents stay."""
    service.delete_rule(request.actor, number, ports().clock.now())
    messages.success(request, "The rule is gone; the incidents it declared stay.")
    return HttpResponseRedirect(RULES)


def _form(request: Request, before: IncidentRule | None) -> HttpResponse:
    posted: Mapping[str, object] | None = request.POST if request.method == "POST" else None
    form = RuleForm(projects.projects(), before, posted)
    if form.is_bound and form.is_valid():
        try:
            made = _keep(request, form, before)
        except Conflict as error:
            form.add_error("name", str(error))
        except Invalid as error:
            form.blame(error)
        else:
            messages.success(request, f"The rule {made.name} is in force.")
            return HttpResponseRedirect(RULES)
    bad = form.is_bound and bool(form.errors)
    context = {
        "form": form,
        "rule": before,
        "tab": "rules",
        "delete_action": f"{RULES}{before.id}/delete/" if before else "",
    }
    return render(request, "incidents/rule.html", context, status=422 if bad else 200)


def _keep(request: Request, form: RuleForm, before: IncidentRule | None) -> IncidentRule:
    draft, now = form.draft(), ports().clock.now()
    if before is None:
        return service.create_rule(request.actor, draft, now)
    return service.update_rule(request.actor, before.id, draft, now)


def _row(one: IncidentRule, names: Mapping[int, str], runbooks: Collection[str]) -> dict[str, object]:
    where = (
        "in every project"
        if one.project is None
        else f"in {names.get(one.project, 'a project that is gone')}"
    )
    labels = alerts.matchers_written(one.matchers)
    apart = f"one for each {', '.join(one.group_by)}" if one.group_by else "all in one"
    over = (
        f"over after {one.quiet_minutes} quiet minutes" if one.quiet_minutes else "over when somebody says so"
    )
    return {
        "rule": one, "when": f"An alert of severity {one.severity} or worse {where}{f' with {labels}' if labels else ''}",
        "then": f"SEV {severity.of(one.impact, one.urgency)[0].value}, {apart}, {over}",
        "gone": one.runbook if one.runbook and one.runbook not in runbooks else "",
    }  # fmt: skip
