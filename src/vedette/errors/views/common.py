"""What the pages of errors share: who asks, who there is, and how an issue's head is put together."""

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from django.http import HttpRequest

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor
from vedette.accounts.types import UserRef
from vedette.errors.present import issue as present
from vedette.errors.types import Issue
from vedette.plumbing.ports import ports
from vedette.ui import words

PAGE = "/issues/"


class Way(msgspec.Struct, frozen=True):
    """A link among several of which one is on."""

    text: str
    href: str
    on: bool
    count: int | None = None


def actor_of(request: HttpRequest) -> Actor:
    """Return who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def now() -> float:
    """Return the present instant."""
    return ports().clock.now()


def people() -> Mapping[int, UserRef]:
    """Return everybody an issue may be given to, by id."""
    return accounts.user_refs()


def names(issues: tuple[Issue, ...]) -> dict[int, str]:
    """Return the names of those the issues are assigned to, also of people who cannot sign in any more."""
    asked = {issue.assignee for issue in issues if issue.assignee is not None}
    return {ref.id: ref.name for ref in accounts.user_refs(asked).values()} if asked else {}


def head_of(
    request: HttpRequest, issue: Issue, trend: tuple[int, ...] = (), known: dict[int, str] | None = None
) -> present.Head:
    """Return an issue as pages show it, its instants in the reader's time zone."""
    until = ""
    if issue.muted_until is not None:
        until = words.date(issue.muted_until, now(), request.COOKIES.get("tz", "UTC"))
    return present.head(issue, names((issue,)) if known is None else known, until, trend)


def link(request: HttpRequest, **changes: str | None) -> str:
    """Return this page's address with some parameters changed; None takes one away."""
    query = {key: value for key, value in request.GET.items() if key not in changes}
    query.update({key: value for key, value in changes.items() if value is not None})
    return f"{request.path}?{urlencode(query)}" if query else request.path


def whole_href(query: str, slug: str) -> str:
    """Return the address of the page that acts on every issue of a search, which may be that of a project."""
    return f"/issues/all/?{_asked(query, slug)}"


def link_to_list(query: str, slug: str) -> str:
    """Return the address of the list of a search, which may be that of a project."""
    return f"/issues/?{_asked(query, slug)}"


def _asked(query: str, slug: str) -> str:
    return urlencode({"q": query, **({"project": slug} if slug else {})})
