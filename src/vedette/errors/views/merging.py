"""Merge issues from the pages, show what a merged one consists of, and split groups off again."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from vedette.accounts.permissions import Verb, may, needs
from vedette.core.errors import Invalid, NotFound
from vedette.errors import service, shortid
from vedette.errors.present.issue import href_of
from vedette.errors.types import Issue
from vedette.errors.views.acts import tell
from vedette.errors.views.common import actor_of, head_of, now
from vedette.ui import words


@require_POST
@needs(Verb.ISSUE_WRITE)
def merge(request: HttpRequest, short_id: str) -> HttpResponse:
    """Merge an issue into the one whose key was written, and show that one."""
    into = request.POST.get("into", "").strip()
    try:
        if not into:
            raise Invalid("Write the key of the issue it should be merged into, such as SHOP-4F.")
        done = service.merge(actor_of(request), [short_id], into, now())
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(href_of(short_id))
    tell(request, done)
    return HttpResponseRedirect(href_of(done.changed[0]))


@require_POST
@needs(Verb.ISSUE_WRITE)
def split(request: HttpRequest, short_id: str) -> HttpResponse:
    """Make an issue of the chosen group again."""
    try:
        tell(request, service.split(actor_of(request), short_id, request.POST.getlist("group"), now()))
    except (Invalid, NotFound) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(href_of(short_id))


@require_safe
@needs(Verb.ISSUE_READ)
def groups(request: HttpRequest, short_id: str) -> HttpResponse:
    """List the groups an issue consists of."""
    found = service.issue(short_id)
    page = service.groups(found, request.GET.get("cursor"), 50)
    context = {
        "head": head_of(request, found), "page": page, "groups": page.groups,
        "sentence": sentence(found, page.total), "may_write": may(actor_of(request), Verb.ISSUE_WRITE).allowed,
    }  # fmt: skip
    return render(request, "errors/groups.html", context)


def sentence(issue: Issue, total: int) -> str:
    """Say of how many groups an issue consists."""
    if not total:
        return f"Nothing was merged into {issue.short_id}."
    return f"{issue.short_id} consists of {words.number(total)} groups."


def note(request: HttpRequest, asked: str, found: Issue) -> None:
    """Say that the issue asked for was merged into the one found, if it was."""
    if shortid.parse(asked) != shortid.parse(found.short_id):
        messages.info(request, f"{asked.upper()} was merged into this issue.")
