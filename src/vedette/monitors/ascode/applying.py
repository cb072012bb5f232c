"""Puts in force what files say of monitors: all of it in one transaction, or nothing."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.monitors import keeping
from vedette.monitors.ascode import comparing, vault
from vedette.monitors.ascode.compiling import Place, Placed, There, compile_files
from vedette.monitors.ascode.entry import Entry, named
from vedette.monitors.ascode.exporting import Written, written
from vedette.monitors.ascode.written import INNER, SECTIONS, MonitorFile
from vedette.monitors.locations import store as locations
from vedette.monitors.store import monitors as store
from vedette.monitors.types import Monitor, MonitorDraft
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects
from vedette.wire.ascode.changing import Act, Change, Plan
from vedette.wire.ascode.reading import Document, Fault, Read, said

_replace = msgspec.structs.replace


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.MONITOR_WRITE)
    return _wanted(files, now)[0]


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Put in force what files say, and remove what came from files and is in none of them any more.

    Where one of them is wrong, nothing is changed. Raises `Forbidden`.
    """
    require(actor, Verb.MONITOR_WRITE)
    with transaction():
        found, wanted, there = _wanted(files, now)
        changed = {change.name: change for change in found.changes}
        for name in (name for name, change in changed.items() if change.act is Act.REMOVE):
            keeping.remove(actor, there[_place(name)], now)
        ids = {place: monitor.id for place, monitor in there.items()}
        for each in wanted:
            change = changed.get("/".join(part for part in each.entry.place if part))
            made_anew = any(ids[place] != there[place].id for place in each.parents if place in there)
            if change is not None or made_anew:
                ids[each.entry.place] = _keep(actor, there.get(each.entry.place), each, ids, now)
    return found


def export_files(actor: Actor, owner: int | None = None) -> Written:
    """Return the monitors that were made by hand as a file, those of a project (0: of none) alone where it is named.

    Raises `Forbidden`.
    """
    require(actor, Verb.MONITOR_WRITE)
    by_hand = [one for one in store.every() if not one.source and owner in {None, one.project}]
    return written(entries(by_hand).values())


def entries(monitors: Sequence[Monitor]) -> Mapping[Place, Entry]:
    """Return monitors as files speak of them, secrets opened."""
    slugs = {one.id: one.slug for one in projects.projects()}
    places = {one.id: (slugs.get(one.project, ""), one.slug) for one in store.every()}
    return {places[one.id]: _entry(one, places) for one in monitors}


def _wanted(
    files: Sequence[Document], now: float
) -> tuple[Plan, tuple[Placed, ...], Mapping[Place, Monitor]]:
    found = [said(file.only(SECTIONS), MonitorFile, INNER) for file in files]
    broken = tuple(each for each in found if isinstance(each, Fault))
    if broken:
        return Plan((), broken), (), {}
    read = [each for each in found if isinstance(each, Read)]
    monitors = store.every()
    before = entries(monitors)
    wanted, faults = compile_files(read, _there(before), vault.opened, now)
    changes: tuple[Change, ...] = () if faults else comparing.changes(before, wanted)
    return Plan(changes, faults), wanted, dict(zip(before, monitors, strict=True))


def _there(before: Mapping[Place, Entry]) -> There:
    by_hand = {place: entry for place, entry in before.items() if not entry.draft.source}
    return There(
        projects={project.slug: project.id for project in projects.projects()},
        monitors={
            place: tuple(_parent(name, place[0]) for name in entry.parents)
            for place, entry in by_hand.items()
        },
        addresses={entry.draft.key: place for place, entry in before.items()},
        locations=locations.slugs(),
    )


def _keep(actor: Actor, before: Monitor | None, each: Placed, ids: Mapping[Place, int], now: float) -> int:
    entry = each.entry
    parents = tuple(ids[place] for place in each.parents)
    draft = _replace(entry.draft, config=_replace(entry.draft.config, parents=parents))
    if before is None:
        made = _create(actor, entry.project, draft, now)
    elif before.kind != draft.kind:  # a kind never changes: it is another monitor
        children = store.children(before.id)
        keeping.remove(actor, before, now)
        made = _create(actor, entry.project, draft, now)
        for child in children:
            store.depend(child, (made.id if one == before.id else one for one in child.config.parents))
    else:
        made = keeping.update(actor, before, draft, now)
    if entry.paused is not None:
        keeping.pause(actor, made, now, paused=entry.paused)
    return made.id


def _create(actor: Actor, project: str, draft: MonitorDraft, now: float) -> Monitor:
    return keeping.create(actor, projects.project(project).id if project else 0, draft, now)


def _entry(one: Monitor, places: Mapping[int, Place]) -> Entry:
    parents = tuple(named(places[p], places[one.id][0]) for p in one.config.parents if p in places)
    draft = keeping.draft_of(one)
    return Entry(
        draft=_replace(draft, config=_replace(draft.config, parents=())), project=places[one.id][0],
        parents=parents, paused=one.paused or None,
    )  # fmt: skip


def _place(name: str) -> Place:
    project, _, slug = name.rpartition("/")
    return project, slug


def _parent(name: str, project: str) -> Place:
    """Return whom a name means that `entry.named` wrote."""
    return _place(name) if "/" in name else (project, name)
