"""The settings pages of projects: keys, origins, quotas, scrubbing, what was not kept; and retention."""

from collections.abc import Callable

import msgspec
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may, needs
from vedette.core.clock import utc_day
from vedette.core.errors import Conflict, Invalid
from vedette.plumbing.ports import ports
from vedette.projects import forms, service
from vedette.projects.forms import KeyForm, NewProjectForm, ProjectForm, RetentionForm, ScrubForm
from vedette.projects.types import LABELS, LEFT_OUT, DsnKey, Project, UsageCount

_DAY = 86_400.0
_SHOWN_DAYS = 14


class KeyLine(msgspec.Struct, frozen=True):
    """A key as the page shows it."""

    key: DsnKey
    dsn: str
    script: str
    form: KeyForm
    open: bool


@require_safe
@needs(Verb.PROJECT_READ)
def listing(request: Request) -> HttpResponse:
    """List the projects, with what came today."""
    now = ports().clock.now()
    today = {row.project: row.count for row in service.usage(None, utc_day(now)) if _is_event(row)}
    lines = [(project, _label(project), today.get(project.id, 0)) for project in service.projects()]
    return render(
        request, "projects/list.html", {"lines": lines, "may_write": _may(request, Verb.PROJECT_WRITE)}
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.PROJECT_WRITE)
def new(request: Request) -> HttpResponse:
    """Make a project and go to its page."""
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made: list[Project] = []
        if _tried(form, lambda: made.append(service.create_project(request.actor, data["name"], data["platform"], _now(), data["slug"]))):  # fmt: skip
            messages.success(request, f"{made[0].name} is there. Give its DSN to the SDK.")
            return HttpResponseRedirect(_path(made[0]))
    return render(request, "projects/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@needs(Verb.PROJECT_READ)
def detail(request: Request, slug: str) -> HttpResponse:
    """Show everything about one project."""
    return _detail(request, service.project(slug))


@require_POST
@needs(Verb.PROJECT_WRITE)
def edit(request: Request, slug: str) -> HttpResponse:
    """Change name and platform."""
    project, form = service.project(slug), ProjectForm(request.POST)
    if form.is_valid() and _tried(form, lambda: service.update_project(request.actor, project.id, _now(), **form.cleaned_data)):  # fmt: skip
        return _done(request, project, "Saved.", "h-project")
    return _detail(request, project, project_form=form)


@require_POST
@needs(Verb.PROJECT_WRITE)
def scrubbing(request: Request, slug: str) -> HttpResponse:
    """Change what is removed from events that come from now on."""
    project, form = service.project(slug), ScrubForm(request.POST, auto_id="scrub_%s")
    if form.is_valid() and _tried(form, lambda: service.set_scrub_rules(request.actor, project.id, form.rules(), _now())):  # fmt: skip
        return _done(
            request, project, "Saved. Events that come from now on are scrubbed by these rules.", "h-scrub"
        )
    return _detail(request, project, scrub_form=form)


@require_POST
@needs(Verb.PROJECT_WRITE)
def delete(request: Request, slug: str) -> HttpResponse:
    """Delete the project when its name was typed."""
    project = service.project(slug)
    try:
        service.delete_project(request.actor, project.id, request.POST.get("confirm", ""), _now())
    except Invalid as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(_path(project))
    messages.success(request, f"{project.name} is gone.")
    return HttpResponseRedirect("/settings/projects/")


@require_POST
@needs(Verb.KEY_WRITE)
def new_key(request: Request, slug: str) -> HttpResponse:
    """Make a key."""
    project, form = service.project(slug), KeyForm(request.POST, auto_id="newkey_%s")
    if form.is_valid() and _tried(form, lambda: service.create_key(request.actor, project.id, now=_now(), **form.values())):  # type: ignore[arg-type]  # fmt: skip
        return _done(request, project, "The key is there.", "h-keys")
    return _detail(request, project, new_key_form=form)


@require_POST
@needs(Verb.KEY_WRITE)
def edit_key(request: Request, slug: str, key_id: int) -> HttpResponse:
    """Change a key's label, origins and quotas."""
    project = service.project(slug)
    form = forms.of_key(service.key(project.id, key_id), request.POST)
    if form.is_valid() and _tried(form, lambda: service.update_key(request.actor, project.id, key_id, now=_now(), **form.values())):  # type: ignore[arg-type]  # fmt: skip
        return _done(request, project, "Saved. It holds within a second.", "h-keys")
    return _detail(request, project, key_form=(key_id, form))


@require_POST
@needs(Verb.KEY_WRITE)
def revoke_key(request: Request, slug: str, key_id: int) -> HttpResponse:
    """Let a key send no more."""
    project = service.project(slug)
    service.revoke_key(request.actor, project.id, key_id, _now())
    return _done(request, project, "Revoked: what is sent with this key is refused.", "h-keys")


@require_POST
@needs(Verb.KEY_WRITE)
def rotate_key(request: Request, slug: str, key_id: int) -> HttpResponse:
    """Make a new key beside an old one."""
    project = service.project(slug)
    service.rotate_key(request.actor, project.id, key_id, _now())
    return _done(request, project, "A new key is there. The old one works until you revoke it.", "h-keys")


@require_safe
@needs(Verb.SETTINGS_READ)
def retention(request: Request) -> HttpResponse:
    """Show for how long events are kept and what each project takes."""
    return _retention(request, RetentionForm(initial={"days": service.retention_days()}))


@require_POST
@needs(Verb.SETTINGS_WRITE)
def set_retention(request: Request) -> HttpResponse:
    """Change for how long events are kept."""
    form = RetentionForm(request.POST)
    if form.is_valid() and _tried(form, lambda: service.set_retention_days(request.actor, form.cleaned_data["days"], _now())):  # fmt: skip
        messages.success(request, "Saved. Older days go within the hour.")
        return HttpResponseRedirect("/settings/retention/")
    return _retention(request, form)


def _retention(request: Request, form: RetentionForm) -> HttpResponse:
    now, telemetry = _now(), ports().telemetry
    total = service.stored_bytes()
    context = {
        "form": form,
        "days": service.retention_days(),
        "kept": service.kept(total, now),
        "total": total,
        "first_day": next(iter(telemetry.days()), None),
        "may_write": _may(request, Verb.SETTINGS_WRITE),
    }
    return render(request, "projects/retention.html", context, status=422 if form.errors else 200)


def _detail(
    request: Request,
    project: Project,
    *,
    project_form: ProjectForm | None = None,
    scrub_form: ScrubForm | None = None,
    new_key_form: KeyForm | None = None,
    key_form: tuple[int, KeyForm] | None = None,
) -> HttpResponse:
    since = utc_day(_now() - _SHOWN_DAYS * _DAY)
    usage = service.usage(project.id, since)
    given = (project_form, scrub_form, new_key_form, key_form and key_form[1])
    context = {
        "project": project,
        "delete_path": f"{_path(project)}delete/",
        "platform": _label(project),
        "project_form": project_form
        or ProjectForm(initial={"name": project.name, "platform": project.platform}),
        "scrub_form": scrub_form or forms.of_rules(service.scrub_rules(project.id)),
        "new_key_form": new_key_form or KeyForm(initial={"origins": "*"}, auto_id="newkey_%s"),
        "adding": new_key_form is not None,
        "keys": _key_lines(project, key_form) if _may(request, Verb.KEY_READ) else None,
        "not_kept": [row for row in service.not_kept(project.id) if row.day >= since],
        "kept_items": [r for r in usage if r.outcome == "accepted" and r.item_type != "event"],
        "left_out": [row for row in service.left_out(project.id) if row.day >= since],
        "events": [row for row in usage if row.item_type == "event" and row.outcome not in LEFT_OUT],
        "shown_days": _SHOWN_DAYS,
        "releases": service.releases(project.id, 10),
        "environments": service.environments(project.id, 10),
        "may_write": _may(request, Verb.PROJECT_WRITE),
        "may_keys": _may(request, Verb.KEY_WRITE),
    }
    bad = any(form is not None for form in given)
    return render(request, "projects/detail.html", context, status=422 if bad else 200)


def _key_lines(project: Project, given: tuple[int, KeyForm] | None) -> list[KeyLine]:
    base = ports().settings.public_url
    held = dict([given]) if given else {}
    keys = sorted(service.keys(project.id), key=lambda key: (not key.active, key.id))
    return [
        KeyLine(
            key=key,
            dsn=service.dsn(key, base),
            script=service.script_tag(key, base),
            form=held.get(key.id) or forms.of_key(key),
            open=key.id in held,
        )
        for key in keys
    ]


def _tried(form: Form, act: Callable[[], object]) -> bool:
    """Run what the form asks; False when the service refused it, which the form then shows."""
    try:
        act()
    except (Invalid, Conflict) as error:
        fields = error.fields if isinstance(error, Invalid) else {"slug": str(error)}
        forms.blame(form, fields, str(error))
        return False
    return True


def _done(request: Request, project: Project, text: str, anchor: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(f"{_path(project)}#{anchor}")


def _path(project: Project) -> str:
    return f"/settings/projects/{project.slug}/"


def _label(project: Project) -> str:
    return next(
        (label for platform, label in LABELS.items() if platform == project.platform), project.platform
    )


def _is_event(row: UsageCount) -> bool:
    return row.item_type == "event" and row.outcome == "accepted"


def _may(request: Request, verb: Verb) -> bool:
    return may(request.actor, verb).allowed


def _now() -> float:
    return ports().clock.now()
