"""Announcing what went wrong or is planned, and telling subscribers; each with its audit entry, in one transaction."""

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.status import drafting, keeping
from vedette.status.store import notices as store
from vedette.status.types import (
    OUTBOX,
    IncidentDraft,
    NoticeKind,
    PageIncident,
    PageUpdate,
    Progress,
    StatusPage,
)


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of the outbox: `spread` an update over the subscribers after one, `tell` one of it, or ask one to `confirm`."""

    act: str
    subscriber: int = 0
    update: int = 0


def announce(actor: Actor, page: StatusPage, draft: IncidentDraft, now: float) -> PageIncident:
    """Announce an incident or a maintenance; raises `Invalid` by field, `Forbidden`."""
    require(actor, Verb.STATUS_WRITE)
    draft = _fit(draft, page)
    with transaction():
        starts = draft.starts if draft.starts is not None else now
        incident = store.add(page.id, draft, starts)
        _say(incident, draft.progress, draft, now)
        audit(actor, f"status.{draft.kind}", f"status page {page.slug}", {"title": draft.title}, now)
        keeping.changed(now)
    return find(page, incident)


def say(
    actor: Actor, page: StatusPage, incident: PageIncident, draft: IncidentDraft, now: float
) -> PageIncident:
    """Say what is new: an update of its text, with the draft's title, impact, components and times. Raises `Invalid`, `Forbidden`."""
    require(actor, Verb.STATUS_WRITE)
    draft = _fit(msgspec.structs.replace(draft, kind=incident.kind), page)
    with transaction():
        store.change(incident.id, draft)
        _say(incident.id, draft.progress, draft, now)
        detail = {"title": draft.title, "progress": str(draft.progress)}
        audit(actor, "status.update-incident", f"status page {page.slug}", detail, now)
        keeping.changed(now)
    return find(page, incident.id)


def remove(actor: Actor, page: StatusPage, incident: PageIncident, now: float) -> None:
    """Remove an incident from a page as if nothing had been said of it; raises `Forbidden`."""
    require(actor, Verb.STATUS_WRITE)
    with transaction():
        store.remove(incident.id)
        audit(actor, "status.remove-incident", f"status page {page.slug}", {"title": incident.title}, now)
        keeping.changed(now)


def find(page: StatusPage, incident: int) -> PageIncident:
    """Return an incident of a page; raises `NotFound`."""
    found = store.find(page.id, incident)
    if found is None:
        raise NotFound(f"There is no incident {incident} on this page; it may have been removed.")
    return found


def queue(message: Message, key: str, at: float) -> None:
    """Add a message to the outbox, in the caller's transaction; a key that was used changes nothing."""
    ports().outbox.add(OUTBOX, msgspec.json.encode(message), key, at)
    on_commit(lambda: ports().bus.wake(OUTBOX))


def _say(incident: int, progress: Progress, draft: IncidentDraft, now: float) -> None:
    update = store.say(incident, PageUpdate(at=now, progress=progress, text=draft.text))
    if progress is Progress.RESOLVED:
        store.end(incident, now)
    elif draft.kind is NoticeKind.INCIDENT:
        store.end(incident, None)
    if draft.tell:
        queue(Message(act="spread", update=update), f"status.spread.{update}.0", now)


def _fit(draft: IncidentDraft, page: StatusPage) -> IncidentDraft:
    draft = msgspec.structs.replace(
        draft,
        title=draft.title.strip(),
        text=draft.text.strip(),
        components=tuple(dict.fromkeys(draft.components)),
    )
    if draft.kind is NoticeKind.INCIDENT:
        draft = msgspec.structs.replace(draft, ends=None)
    wrong = drafting.incident_problems(draft, [one.id for one in page.components])
    if wrong:
        raise Invalid("This cannot be announced.", wrong)
    return draft
