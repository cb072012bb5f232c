"""Saved searches in the REST API."""

from typing import Annotated

from ninja import Field, Router, Schema, Status

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.errors.saved import service
from vedette.errors.saved.types import SavedSearch, SearchDraft
from vedette.errors.types import Sort
from vedette.plumbing.ports import ports

router = Router(tags=["searches"])


class SearchIn(Schema):
    """What a saved search says."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    query: Annotated[str, Field(default="", max_length=500, description="a search, as in the search box")]
    sort: Sort = Sort.WORST
    project: Annotated[str, Field(default="", max_length=50, description="slug of a project; empty = all")]
    shared: bool = False


class SearchOut(Schema):
    """A saved search; `starred` says that your issues begin with it, `editable` that you may change it."""

    id: int
    owner: int
    name: str
    query: str
    sort: Sort
    project: str
    shared: bool
    starred: bool
    editable: bool


@router.get("/searches", response=list[SearchOut], operation_id="list_searches")
@needs(Verb.ISSUE_READ)
def list_searches(request: Request) -> list[SearchOut]:
    """List your saved searches and the shared ones, by name."""
    return [_out(found) for found in service.searches(request.actor)]


@router.post("/searches", response={201: SearchOut}, operation_id="save_search")
@needs(Verb.SEARCH_OWN)
def save_search(request: Request, payload: SearchIn) -> Status[SearchOut]:
    """Save a search."""
    return Status(201, _out(service.save(request.actor, _draft(payload), _now())))


@router.put("/searches/{search_id}", response=SearchOut, operation_id="change_search")
@needs(Verb.SEARCH_OWN)
def change_search(request: Request, search_id: int, payload: SearchIn) -> SearchOut:
    """Change a saved search."""
    return _out(service.change(request.actor, search_id, _draft(payload), _now()))


@router.delete("/searches/{search_id}", response={204: None}, operation_id="delete_search")
@needs(Verb.SEARCH_OWN)
def delete_search(request: Request, search_id: int) -> Status[None]:
    """Delete a saved search."""
    service.delete(request.actor, search_id, _now())
    return Status(204, None)


@router.put("/searches/{search_id}/star", response=SearchOut, operation_id="star_search")
@needs(Verb.SEARCH_OWN)
def star_search(request: Request, search_id: int) -> SearchOut:
    """Begin with this search whenever the issues are opened."""
    return _out(service.star(request.actor, search_id, _now()))


@router.delete("/searches/{search_id}/star", response=SearchOut, operation_id="unstar_search")
@needs(Verb.SEARCH_OWN)
def unstar_search(request: Request, search_id: int) -> SearchOut:
    """Begin with the open issues again."""
    return _out(service.star(request.actor, search_id, _now(), on=False))


def _draft(payload: SearchIn) -> SearchDraft:
    return SearchDraft(**payload.model_dump())


def _out(found: SavedSearch) -> SearchOut:
    return SearchOut(**{name: getattr(found, name) for name in SearchOut.model_fields})


def _now() -> float:
    return ports().clock.now()
