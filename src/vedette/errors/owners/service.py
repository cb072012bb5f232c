"""The verbs of ownership: keep a project's rules, try them on its last issues, and give new issues to their owners."""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.types import UserRef
from vedette.core.errors import Invalid, NotFound
from vedette.errors import owning, reading
from vedette.errors.owners import store
from vedette.errors.owners.types import OwnerRules, Trial
from vedette.errors.store import listing
from vedette.errors.store.story import Line
from vedette.errors.types import Event, Issue
from vedette.plumbing.db import sql
from vedette.projects import service as projects

TRIED = 100
_SHOWN_PROBLEMS = 5
_DECODE = msgspec.json.Decoder(Event).decode


class Newcomer(msgspec.Struct, frozen=True):
    """A new issue: its id, its project, and its last event as telemetry keeps it."""

    id: int
    project: int
    body: bytes


def rules(slug: str) -> OwnerRules:
    """Return a project's rules; raises `NotFound`."""
    return store.rules(projects.project(slug).id)


def set_rules(actor: Actor, slug: str, wanted: OwnerRules, now: float) -> OwnerRules:
    """Keep a project's rules; raises `Invalid` with what is wrong in which line."""
    require(actor, Verb.PROJECT_WRITE)
    project = projects.project(slug)
    found = _read(wanted.source, _by_email())
    kept = OwnerRules(wanted.source.strip(), wanted.suggest)
    with sql.transaction():
        store.keep(project.id, kept)
        told = {"rules": str(len(found)), "new issues": "suggested" if kept.suggest else "assigned"}
        accounts.audit(actor, "project.owners", project.slug, told, now)
    return kept


def preview(slug: str, source: str) -> tuple[Trial, ...]:
    """Return to whom rules would give each of a project's last issues, newest first; raises as `set_rules` does."""
    project, people = projects.project(slug), _by_email()
    found = _read(source, people)
    ids = store.newest(project.id, TRIED)
    known = listing.by_id(ids, {project.id: project})
    return tuple(_trial(known[one], found, people) for one in ids if one in known)


def give(newcomers: Iterable[Newcomer], now: float) -> list[Line]:
    """Give new issues to their owners, in the caller's transaction; return what their histories say.

    Rules were checked when they were kept; a person who left since owns nothing.
    """
    projects_of: dict[int, list[Newcomer]] = {}
    for one in newcomers:
        projects_of.setdefault(one.project, []).append(one)
    lines: list[Line] = []
    for project, some in projects_of.items():
        kept = store.rules(project)
        if kept.source:
            people = _by_email()
            found, _ = owning.parse(kept.source, people)
            lines += [line for one in some for line in _given(one, found, people, now, suggest=kept.suggest)]
    return lines


def _given(
    one: Newcomer,
    found: tuple[owning.OwnerRule, ...],
    people: Mapping[str, UserRef],
    now: float,
    *,
    suggest: bool,
) -> list[Line]:
    owner = owning.owner(found, owning.traits_of(_DECODE(one.body)))
    if owner is None:
        return []
    ref = people[owner.email]
    if suggest:
        return [Line(issue=one.id, at=now, kind="suggested", text=f"Could be for {ref.name}: {owner.reason}")]
    store.assign(one.id, ref.id)
    return [Line(issue=one.id, at=now, kind="assigned", text=f"Given to {ref.name}: {owner.reason}")]


def _read(source: str, people: Mapping[str, UserRef]) -> tuple[owning.OwnerRule, ...]:
    if len(source) > owning.LONGEST:
        raise Invalid(f"Rules have at most {owning.LONGEST} characters.", {"source": "too long"})
    found, problems = owning.parse(source, people)
    if problems:
        more = (
            f" And {len(problems) - _SHOWN_PROBLEMS} lines more." if len(problems) > _SHOWN_PROBLEMS else ""
        )
        said = " ".join(problems[:_SHOWN_PROBLEMS]) + more
        raise Invalid(said, {"source": said})
    return found


def _trial(issue: Issue, found: tuple[owning.OwnerRule, ...], people: Mapping[str, UserRef]) -> Trial:
    owner = _owner_of(issue, found)
    return Trial(issue, people[owner.email].name if owner else "", owner.reason if owner else "")


def _owner_of(issue: Issue, found: tuple[owning.OwnerRule, ...]) -> owning.Owner | None:
    """Return the owner by the last event; None too when retention took it."""
    try:
        return owning.owner(found, owning.traits_of(reading.event(issue, "latest").event))
    except NotFound:
        return None


def _by_email() -> Mapping[str, UserRef]:
    return {ref.email.lower(): ref for ref in accounts.user_refs().values()}


projects.on_delete(store.forget_project)
