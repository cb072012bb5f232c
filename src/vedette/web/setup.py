"""From the link a fresh installation prints to the first error somebody is told about; each step stands alone."""

from collections.abc import Sequence

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from vedette.accounts.permissions import Actor, Verb, may, needs
from vedette.core.errors import Conflict, Invalid
from vedette.errors import service as errors
from vedette.notify import service as notify
from vedette.notify.types import ChannelError, ChannelRef
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.ui import highlight
from vedette.web import snippets, test_error
from vedette.web.setup_forms import ChannelForm, ProjectForm, blame

_FIRST = ("email", "webhook")  # the kinds the last step shows at once; the others unfold
STEPS = ("Account", "Second factor", "Project", "First event", "Notifications")


class Step(msgspec.Struct, frozen=True):
    """One step of the way as the line on top shows it."""

    text: str
    done: bool
    on: bool


class Snippet(msgspec.Struct, frozen=True):
    """A block to copy: its text, and the same coloured."""

    title: str
    text: str
    html: SafeString


def way(at: int) -> tuple[Step, ...]:
    """Return the steps with the one at `at` as the present one."""
    return tuple(Step(text, i < at, i == at) for i, text in enumerate(STEPS))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.PROJECT_WRITE)
def project(request: HttpRequest) -> HttpResponse:
    """Ask what runs, make the project, and go on to its snippet."""
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = _create(request, form)
        if made:
            return HttpResponseRedirect(f"/setup/{made}/snippet/")
    chosen = request.POST.get("platform", "python")
    context = {"form": form, "families": snippets.families(), "chosen": chosen, "way": way(2)}
    return render(request, "web/setup/project.html", context, status=422 if form.errors else 200)


def _create(request: HttpRequest, form: ProjectForm) -> str:
    """Return the new project's slug, or nothing when the service refused; the form then says why."""
    name, platform = str(form.cleaned_data["name"]), str(form.cleaned_data["platform"])
    try:
        return projects.create_project(actor_of(request), name, platform, ports().clock.now()).slug
    except Invalid as error:
        blame(form, error.fields, str(error))
    except Conflict as error:
        form.add_error("name", str(error))
    return ""


@require_GET
@needs(Verb.KEY_READ)
def snippet(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what to paste, and whether the first event has come."""
    found = projects.project(slug)
    key = next((k for k in projects.keys(found.id) if k.active), None)
    dsn = projects.dsn(key, ports().settings.public_url) if key else ""
    context = {
        "project": found, "platform": snippets.platform(found.platform), "dsn": dsn, "first": errors.latest(found.id),
        "steps": coloured(snippets.steps(found.platform, dsn)), "here": request.get_full_path(), "way": way(3),
        "sent": "sent" in request.GET, "may_send": may(actor_of(request), Verb.EVENT_SEND).allowed,
    }  # fmt: skip
    return render(request, "web/setup/snippet.html", context)


def coloured(steps: Sequence[snippets.Step]) -> tuple[Snippet, ...]:
    """Return the steps with their words coloured by class."""
    return tuple(Snippet(step.title, step.text.rstrip("\n"), _colour(step)) for step in steps)


def _colour(step: snippets.Step) -> SafeString:
    lines = highlight.block(tuple(step.text.rstrip("\n").split("\n")), step.language)
    return mark_safe("\n".join(lines))  # noqa: S308 - highlight escapes what it writes


@require_POST
@needs(Verb.EVENT_SEND)
def send_test(request: HttpRequest, slug: str) -> HttpResponse:
    """Publish a test error; it takes the same way as any other event."""
    found = projects.project(slug)
    test_error.send(found.id, ports().clock.now(), actor_of(request).name or "world")
    return HttpResponseRedirect(f"/setup/{found.slug}/snippet/?sent=1")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.CHANNEL_WRITE)
def notifications(request: HttpRequest) -> HttpResponse:
    """Ask who should hear of errors, and add a channel."""
    kinds = notify.shared_kinds()
    posted = request.POST.get("kind", "") if request.method == "POST" else ""
    forms = {
        kind: ChannelForm(channel, request.POST if kind == posted else None)
        for kind, channel in kinds.items()
    }
    if posted in forms and forms[posted].is_valid() and _add_channel(request, forms[posted]):
        return HttpResponseRedirect(request.get_full_path())
    entries = {
        kind: {"kind": kinds[kind], "form": form, "warning": _warning(kind)} for kind, form in forms.items()
    }
    context = {
        "first": [entries[kind] for kind in _FIRST],
        "rest": [entry for kind, entry in entries.items() if kind not in _FIRST],
        "unfolded": posted not in {"", *_FIRST}, "channels": [_channel(ref) for ref in notify.channels()], "way": way(4),
    }  # fmt: skip
    return render(request, "web/setup/notify.html", context, status=422 if posted else 200)


def _channel(ref: ChannelRef) -> dict[str, object]:
    """Return a channel with its icon and where it leads."""
    icon = notify.kinds()[ref.kind].icon
    return {**msgspec.structs.asdict(ref), "where": notify.where(ref), "icon": icon}


def _warning(kind: str) -> str:
    off = kind == "email" and not ports().settings.smtp_host
    return "No mail server is set: put smtp_host into vedette.toml, then restart." if off else ""


def _add_channel(request: HttpRequest, form: ChannelForm) -> bool:
    name, now = str(form.cleaned_data["name"]), ports().clock.now()
    try:
        made = notify.create_channel(actor_of(request), form.kind.kind, name, form.config(), now)
    except Invalid as error:
        blame(form, error.fields, str(error))
        return False
    messages.success(request, f"{made.name} hears of new issues from now on. Send it a test.")
    return True


@require_POST
@needs(Verb.CHANNEL_WRITE)
def test_channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Send a test notice and say what the receiver answered."""
    try:
        receipt = notify.test(actor_of(request), channel_id, ports().clock.now())
    except ChannelError as error:
        messages.error(request, f"The test did not arrive: {error}")
    else:
        messages.success(request, f"The test was accepted: {receipt.detail}")
    return HttpResponseRedirect("/setup/notify/")


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks."""
    return request.actor  # type: ignore[attr-defined, no-any-return]
