"""The wizard of a project: a token that reads, what is there taken as what should be, intents proposed; and changing both later."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Conflict, Invalid, Unavailable
from vedette.deploy import service
from vedette.deploy.forms import ConnectForm, TokenForm
from vedette.deploy.types import CloudProject
from vedette.deploy.views import beginning, common, saying
from vedette.deploy.views.drawn import drawn

_LONGEST, _FILES, _SENTENCES = 500_000, 50, 100


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INFRA_WRITE)
def new(request: Request) -> HttpResponse:
    """Let a project be read: its name, and a token for which reading is enough."""
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            project = service.connect(
                request.actor, said["name"], said["token"].strip(), said["endpoint"].strip(), common.now()
            )
        except (Conflict, Invalid, Unavailable) as error:
            form.add_error(None, str(error))
        else:
            return HttpResponseRedirect(f"{common.page_of(project.id)}start/")
    return render(request, "deploy/new.html", {"form": form, **common.rights(request)})


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INFRA_WRITE)
def start(request: Request, number: int) -> HttpResponse:
    """Show what is there as a file with sentences that are worth watching, and take it as what should be."""
    project = service.project(str(number))
    if request.method != "POST":
        return _begin(request, project)
    text = request.POST.get("text", "")[:_LONGEST]
    chosen = [each[:_LONGEST] for each in request.POST.getlist("assert")[:_SENTENCES]]
    errors = _kept(request, project, {beginning.FILE: beginning.asserted(text, chosen)})
    if errors:
        return _begin(request, project, text, chosen, errors)
    messages.success(request, f"{project.name} is watched: what changes beside the file is told from now on.")
    return HttpResponseRedirect(common.page_of(number))


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INFRA_WRITE)
def files(request: Request, number: int) -> HttpResponse:
    """Show what should be as files, and keep what is written there; or tell each fault by its line."""
    project = service.project(str(number))
    said = dict(project.files)
    errors: Sequence[str] = ()
    if request.method == "POST":
        names, texts = request.POST.getlist("name")[:_FILES], request.POST.getlist("text")[:_FILES]
        said = {
            name: text[:_LONGEST] for name, text in zip(names, texts, strict=False) if name in project.files
        }
        errors = _kept(request, project, {**project.files, **said})
        if not errors:
            messages.success(request, "Kept. What differs from it waits as a change.")
            return HttpResponseRedirect(common.page_of(number))
    context = {
        "project": project, "page": common.page_of(number), "files": list(said.items()), "errors": errors, **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/files.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Verb.INFRA_WRITE)
def token(request: Request, number: int) -> HttpResponse:
    """Put another token in the place of the one that is here."""
    project = service.project(str(number))
    form = TokenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            service.renew_token(request.actor, number, form.cleaned_data["token"].strip(), common.now())
        except (Conflict, Invalid, Unavailable) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The token is kept; it is tried with the next look.")
            return HttpResponseRedirect(common.page_of(number))
    context = {
        "project": project, "page": common.page_of(number), "form": form, "told": saying.told_token(project), **common.rights(request),
    }  # fmt: skip
    return render(request, "deploy/token.html", context)


def _kept(request: Request, project: CloudProject, said: dict[str, str]) -> Sequence[str]:
    """Keep what should be; return every fault, by file and line, where something is wrong with it."""
    try:
        service.say(request.actor, project.id, said, common.now())
    except Invalid as error:
        return [f"{place}: {text}" for place, text in error.fields.items() if ":" in place] or [str(error)]
    except Conflict as error:
        return [str(error)]
    return ()


def _begin(
    request: Request, project: CloudProject, text: str = "", chosen: Sequence[str] | None = None, errors: Sequence[str] = ()
) -> HttpResponse:  # fmt: skip
    found = service.beginning(project.id)
    context: dict[str, object] = {
        "project": project, "page": common.page_of(project.id), "waits": found is None and not project.problem, "errors": errors,
        **common.rights(request),
    }  # fmt: skip
    if found is not None:
        context |= {
            "summary": saying.of_beginning(project.name, found.servers, found.things), "drawn": drawn(found.picture), "text": text or found.text, "left": list(found.left.items()),
            "proposed": beginning.proposals(found.proposed, chosen),
        }  # fmt: skip
    return render(request, "deploy/start.html", context, status=422 if errors else 200)
