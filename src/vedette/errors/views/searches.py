"""Saved searches on the page of issues: save, rename, share, begin with, delete."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.errors import service
from vedette.errors.saved.types import SearchDraft
from vedette.errors.types import Sort
from vedette.errors.views.common import PAGE, actor_of, now
from vedette.ui.requests import back


@require_POST
@needs(Verb.SEARCH_OWN)
def save(request: HttpRequest) -> HttpResponse:
    """Save the search that is shown, and show it under its name."""
    try:
        made = service.save_search(actor_of(request), _draft(request), now())
    except (Invalid, Conflict, Forbidden) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back(request, PAGE))
    messages.success(request, f"Saved as {made.name}.")
    return HttpResponseRedirect(made.href)


@require_POST
@needs(Verb.SEARCH_OWN)
def edit(request: HttpRequest, search_id: int) -> HttpResponse:
    """Rename a saved search, or share it."""
    service.saved_search(actor_of(request), search_id)
    try:
        made = service.change_search(actor_of(request), search_id, _draft(request), now())
    except (Invalid, Conflict) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(back(request, PAGE))
    messages.success(request, f"Saved as {made.name}.")
    return HttpResponseRedirect(made.href)


@require_POST
@needs(Verb.SEARCH_OWN)
def star(request: HttpRequest, search_id: int) -> HttpResponse:
    """Begin with a saved search, or no longer."""
    on = request.POST.get("star") != "off"
    found = service.star_search(actor_of(request), search_id, now(), on=on)
    told = f"Your issues begin with {found.name}." if on else "Your issues begin with the open ones."
    messages.success(request, told)
    return HttpResponseRedirect(found.href)


@require_POST
@needs(Verb.SEARCH_OWN)
def delete(request: HttpRequest, search_id: int) -> HttpResponse:
    """Delete a saved search."""
    name = service.saved_search(actor_of(request), search_id).name
    service.delete_search(actor_of(request), search_id, now())
    messages.success(request, f"{name} is deleted; the issues stay.")
    return HttpResponseRedirect("/issues/?q=is:open")


def _draft(request: HttpRequest) -> SearchDraft:
    asked = request.POST
    sort = asked.get("sort", "")
    return SearchDraft(
        name=asked.get("name", ""), query=asked.get("query", ""), sort=Sort(sort) if sort in list(Sort) else Sort.WORST,
        project=asked.get("project", ""), shared="shared" in asked,
    )  # fmt: skip
