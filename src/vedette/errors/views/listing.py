"""The list of issues."""

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from vedette.accounts.permissions import Actor, Verb, may, needs
from vedette.core.errors import Invalid
from vedette.errors import service
from vedette.errors.present import issue as present
from vedette.errors.query import QueryProblem
from vedette.errors.sweep import service as sweep
from vedette.errors.sweep.types import Whole
from vedette.errors.types import IssuePage, Sort
from vedette.errors.views.common import Way, actor_of, head_of, link, names, now, people, whole_href
from vedette.projects import service as projects
from vedette.projects.types import Project

DEFAULT = "is:open"
ROWS = 50
FILTERS = (
    ("Open", "is:open", "open"), ("New", "is:new", "new"), ("Came back", "is:regressed", "regressed"),
    ("Muted", "is:muted", "muted"), ("Resolved", "is:resolved", "resolved"), ("All", "", None),
)  # fmt: skip
SORTS = (
    (Sort.WORST, "Worst first"), (Sort.LAST_SEEN, "Last seen"), (Sort.FIRST_SEEN, "Newest"),
    (Sort.EVENTS, "Events"), (Sort.USERS, "Users"),
)  # fmt: skip
COLUMNS = ((Sort.EVENTS, "Events", "num"), (Sort.USERS, "Users", "num"), (Sort.LAST_SEEN, "Last seen", "num"))


class Empty(msgspec.Struct, frozen=True):
    """What stands where no row is: what will be here, and the one thing to do."""

    text: str = ""
    icon: str = "bug"
    command: str = ""
    href: str = ""
    verb: str = ""


class Further(msgspec.Struct, frozen=True):
    """The way from a page of a search to every issue of it, and how many those are when that was known soon."""

    n: int | None
    href: str


@require_safe
@needs(Verb.ISSUE_READ)
def issues(request: HttpRequest) -> HttpResponse:
    """Show issues, worst first, narrowed by a search."""
    begun = _begun(request)
    if begun:
        return HttpResponseRedirect(begun)
    query, slug, sort = _asked(request)
    project = projects.project(slug) if slug else None
    page, problem = _page((query, slug, sort), request.GET.get("cursor"), actor_of(request).id or None)
    counts = service.counts(slug or None)
    known, trends = names(page.issues), service.trends(page.issues, now())
    context = {
        "query": query, "problem": problem, "project": project, "sort": sort.value,
        "sort_words": dict(SORTS)[sort].lower(), "sentence": present.sentence(counts),
        "rows": [head_of(request, i, trends.get(i.id, ()), known) for i in page.issues],
        "chips": [Way(text, link(request, q=q, cursor=None), query == q, counts.get(key) if key else None) for text, q, key in FILTERS],
        "sorts": [Way(text, link(request, sort=key.value, cursor=None), key == sort) for key, text in SORTS],
        "columns": [{"text": text, "css": css, "on": key == sort, "href": link(request, sort=key.value, cursor=None)} for key, text, css in COLUMNS],
        "project_chips": _project_ways(request, slug), "page": page, "here": request.get_full_path(),
        "people": people().values(), "may_write": may(actor_of(request), Verb.ISSUE_WRITE).allowed,
        "whole": _whole(request, (query, slug), page), "jobs": service.jobs(now()), **_saved(actor_of(request), query, slug, sort),
        "empty": Empty() if problem else _empty(actor_of(request), query, project, sum(counts.values())),
    }  # fmt: skip
    return render(request, "errors/issues.html", context, status=400 if problem else 200)


def _whole(request: HttpRequest, asked: tuple[str, str], page: IssuePage) -> Further | None:
    """Return what leads to every issue of a search that has several pages, for who may act on them."""
    several = page.cursor is not None or request.GET.get("cursor")
    if not page.issues or not several or not may(actor_of(request), Verb.ISSUE_WRITE).allowed:
        return None
    query, slug = asked
    return Further(sweep.glance(actor_of(request), Whole(query, slug)), whole_href(query, slug))


def _begun(request: HttpRequest) -> str:
    """Return where somebody who asked for nothing in particular begins, when they chose that."""
    if request.GET:
        return ""
    return next((one.href for one in service.searches(actor_of(request)) if one.starred), "")


def _saved(actor: Actor, query: str, slug: str, sort: Sort) -> dict[str, object]:
    """Return the saved searches, and the one that is shown."""
    saved = service.searches(actor)
    chosen = next((one for one in saved if (one.query, one.project, one.sort) == (query, slug, sort)), None)
    shared = "Everybody sees it now. " if chosen and chosen.shared else ""
    return {
        "saved": saved, "chosen": chosen, "delete_text": f"{shared}Its issues stay.",
        "delete_href": f"/issues/searches/{chosen.id}/delete/" if chosen else "",
    }  # fmt: skip


@require_safe
@needs(Verb.ISSUE_READ)
def issues_json(request: HttpRequest) -> HttpResponse:
    """Return the same list as JSON."""
    query, slug, sort = _asked(request)
    page = service.issues(
        query, slug or None, sort, request.GET.get("cursor"), ROWS, me=actor_of(request).id or None
    )
    return HttpResponse(msgspec.json.encode(_listed(page)), content_type="application/json")


def _listed(page: IssuePage) -> dict[str, object]:
    return {"issues": page.issues, "cursor": page.cursor}


def _asked(request: HttpRequest) -> tuple[str, str, Sort]:
    wanted = request.GET.get("sort", Sort.WORST.value)
    sort = Sort(wanted) if wanted in list(Sort) else Sort.WORST
    return request.GET.get("q", DEFAULT).strip(), request.GET.get("project", ""), sort


def _page(
    asked: tuple[str, str, Sort], cursor: str | None, me: int | None
) -> tuple[IssuePage, QueryProblem | None]:
    """Return the page, or an empty one and what is wrong with the search."""
    query, slug, sort = asked
    try:
        return service.issues(query, slug or None, sort, cursor, ROWS, me=me), None
    except QueryProblem as problem:
        return IssuePage((), None), problem
    except Invalid:
        if cursor is None:
            raise
        return service.issues(query, slug or None, sort, None, ROWS, me=me), None


def _project_ways(request: HttpRequest, slug: str) -> list[Way]:
    listed = projects.projects()
    if len(listed) < 2:
        return []
    every = Way("Every project", link(request, project=None, cursor=None), not slug)
    return [every, *(Way(p.name, link(request, project=p.slug, cursor=None), p.slug == slug) for p in listed)]


def _empty(actor: Actor, query: str, project: Project | None, known: int) -> Empty:
    if known:
        text = "Nothing is open." if query == DEFAULT else "No issue matches this search."
        return Empty(
            text, "circle-check" if query == DEFAULT else "search", href="/issues/?q=", verb="Show all issues"
        )
    found = project or next(iter(projects.projects()), None)
    if found is None:
        text = "No errors yet. A project collects them; make one first."
        allowed = may(actor, Verb.PROJECT_WRITE).allowed
        return Empty(text, href="/setup/project/", verb="New project…") if allowed else Empty(text)
    text, command = (
        "No errors yet. This command sends one, it shows here within 2 s.",
        f"vedette test-error {found.slug}",
    )
    if not may(actor, Verb.KEY_READ).allowed:
        return Empty(text, command=command)
    return Empty(text, command=command, href=f"/setup/{found.slug}/snippet/", verb="Connect an application")
