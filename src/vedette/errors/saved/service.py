"""The verbs of saved searches: a name for a search, an order and a project; one's own, or shared with everybody."""

from urllib.parse import urlencode

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, may, require
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound
from vedette.errors import reading
from vedette.errors.saved import store
from vedette.errors.saved.store import Kept
from vedette.errors.saved.types import SavedSearch, SearchDraft
from vedette.errors.types import Sort
from vedette.plumbing.db import sql
from vedette.projects import service as projects

MOST = 100
LONGEST_NAME = 60


def searches(actor: Actor) -> tuple[SavedSearch, ...]:
    """Return the searches an actor sees, by name."""
    starred = store.starred(actor.id)
    slugs = {project.id: project.slug for project in projects.projects()}
    return tuple(_saved(kept, actor, starred, slugs) for kept in store.visible(actor.id))


def search(actor: Actor, id_: int) -> SavedSearch:
    """Return one search an actor sees; raises `NotFound`."""
    found = next((one for one in searches(actor) if one.id == id_), None)
    if found is None:
        raise NotFound(f"There is no saved search {id_} that you see.")
    return found


def save(actor: Actor, draft: SearchDraft, now: float) -> SavedSearch:
    """Save a search; raises `Invalid`, `QueryProblem`, `NotFound`, `Conflict`, and `Forbidden` for who may not share."""
    require(actor, Verb.SEARCH_OWN)
    draft, project = _checked(actor, draft)
    with sql.transaction():
        mine = [kept for kept in store.visible(actor.id) if kept.owner == actor.id]
        if len(mine) >= MOST:
            raise Invalid(f"You have {MOST} saved searches; delete one first.", {"name": "too many"})
        _refuse_taken(mine, draft.name)
        made = store.add(actor.id, draft, project, now)
        accounts.audit(actor, "search.create", draft.name, _told(draft), now)
    return search(actor, made)


def change(actor: Actor, id_: int, draft: SearchDraft, now: float) -> SavedSearch:
    """Change a search of one's own, or, for administrators, a shared one; raises as `save` does."""
    require(actor, Verb.SEARCH_OWN)
    before = _editable(actor, id_)
    draft, project = _checked(actor, draft, was_shared=before.shared)
    with sql.transaction():
        of_owner = [kept for kept in store.visible(before.owner) if kept.owner == before.owner]
        _refuse_taken([kept for kept in of_owner if kept.id != id_], draft.name)
        store.change(id_, draft, project)
        if not draft.shared:
            store.unstar_others(id_, before.owner)
        accounts.audit(actor, "search.update", draft.name, _told(draft), now)
    return _saved(Kept(id_, before.owner, draft.name, draft.query, str(draft.sort), project, int(draft.shared)),
                  actor, store.starred(actor.id), {project: draft.project})  # fmt: skip


def delete(actor: Actor, id_: int, now: float) -> None:
    """Delete a search of one's own, or, for administrators, a shared one."""
    require(actor, Verb.SEARCH_OWN)
    gone = _editable(actor, id_)
    with sql.transaction():
        store.delete(id_)
        accounts.audit(actor, "search.delete", gone.name, {}, now)


def star(actor: Actor, id_: int, now: float, *, on: bool = True) -> SavedSearch:
    """Begin with a search whenever the issues are opened, or no longer."""
    require(actor, Verb.SEARCH_OWN)
    found = search(actor, id_)
    with sql.transaction():
        if on or found.starred:
            store.star(actor.id, id_ if on else None)
            accounts.audit(actor, "search.star", found.name, {"on": "yes" if on else "no"}, now)
    return msgspec.structs.replace(found, starred=on)


def _checked(actor: Actor, draft: SearchDraft, *, was_shared: bool = False) -> tuple[SearchDraft, int]:
    """Return a draft that may be kept, and the id of its project (0 for all)."""
    name = " ".join(draft.name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters.", {"name": "too short or too long"})
    if draft.sort not in list(Sort):
        raise Invalid(f"Issues are sorted by {', '.join(Sort)}.", {"sort": "unknown"})
    reading.understood(draft.query, actor.id or None)
    if draft.shared and not was_shared and not may(actor, Verb.ISSUE_WRITE).allowed:
        raise Forbidden("Members and administrators share searches; save it for yourself.")
    project = projects.project(draft.project).id if draft.project else 0
    return msgspec.structs.replace(draft, name=name, query=draft.query.strip()), project


def _editable(actor: Actor, id_: int) -> SavedSearch:
    found = search(actor, id_)
    if not found.editable:
        raise Forbidden("This search is somebody else's; administrators change shared ones.")
    return found


def _refuse_taken(others: list[Kept], name: str) -> None:
    if any(kept.name.lower() == name.lower() for kept in others):
        raise Conflict(f"There is a saved search {name} already; choose another name.")


def _told(draft: SearchDraft) -> dict[str, str]:
    shared = "yes" if draft.shared else "no"
    return {"query": draft.query, "sort": str(draft.sort), "project": draft.project, "shared": shared}


def _saved(kept: Kept, actor: Actor, starred: int | None, slugs: dict[int, str]) -> SavedSearch:
    project = slugs.get(kept.project, "") if kept.project else ""
    where = {"q": kept.query, "sort": kept.sort if kept.sort != Sort.WORST else "", "project": project}
    mine = kept.owner == actor.id
    return SavedSearch(
        id=kept.id, owner=kept.owner, name=kept.name, query=kept.query, sort=Sort(kept.sort), project=project,
        shared=bool(kept.shared), starred=kept.id == starred,
        editable=mine or (bool(kept.shared) and may(actor, Verb.SETTINGS_WRITE).allowed),
        href="/issues/?" + urlencode({key: value for key, value in where.items() if value or key == "q"}),
    )  # fmt: skip


projects.on_delete(store.forget_project)
