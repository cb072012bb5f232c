"""Acts on every issue of a search: a page that says how many they are and what was searched, then the act."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Invalid
from vedette.errors import service, working
from vedette.errors.query import QueryProblem
from vedette.errors.sweep import service as sweep
from vedette.errors.sweep.types import Whole
from vedette.errors.types import Done
from vedette.errors.views import acts
from vedette.errors.views.common import actor_of, link_to_list, now, people, whole_href
from vedette.projects import service as projects
from vedette.ui import words


@require_safe
@needs(Verb.ISSUE_WRITE)
def whole(request: HttpRequest) -> HttpResponse:
    """Say how many issues match a search, and ask what to do with all of them."""
    query, slug = request.GET.get("q", "").strip(), request.GET.get("project", "")
    back = link_to_list(query, slug)
    try:
        found = sweep.matching(actor_of(request), Whole(query, slug))
    except QueryProblem:
        return HttpResponseRedirect(back)
    context = {
        "sentence": sentence(found.n), "found": found, "query": query, "back": back, "mutes": acts.MUTES,
        "project": projects.project(slug) if slug else None, "people": people().values(),
        "too_many": found.n > sweep.MOST, "mergeable": 1 < found.n <= working.MOST_MERGED, "most": sweep.MOST,
    }  # fmt: skip
    return render(request, "errors/whole.html", context)


def sentence(n: int) -> str:
    """Say how many issues match."""
    if not n:
        return "No issue matches this search."
    return f"{words.number(n)} {'issue matches' if n == 1 else 'issues match'} this search."


@require_POST
@needs(Verb.ISSUE_WRITE)
def act(request: HttpRequest) -> HttpResponse:
    """Begin the act and show the list, where its progress stands."""
    asked = request.POST
    newest = asked.get("newest", "")
    chosen = Whole(asked.get("q", ""), asked.get("project", ""), int(newest) if _is_id(newest) else None)
    try:
        done = _begin(request, chosen)
    except Invalid as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(whole_href(chosen.query, chosen.project))
    messages.success(request, done.text)
    return HttpResponseRedirect(link_to_list(chosen.query, chosen.project))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _begin(request: HttpRequest, chosen: Whole) -> Done:
    if request.POST.get("act") == "merge":
        return service.merge_all(actor_of(request), chosen, now())
    return service.act_on_all(actor_of(request), chosen, acts.action_of(request), now())
