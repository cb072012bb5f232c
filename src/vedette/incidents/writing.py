"""What people write on a timeline: notes, pins, annotations, and what customers are told."""

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Invalid, NotFound
from vedette.incidents import drafting, telling
from vedette.incidents.store import entries as store
from vedette.incidents.store import incidents as incident_store
from vedette.incidents.types import Entry, EntryDraft, EntryKind, Incident
from vedette.plumbing.db.sql import transaction


def note(actor: Actor, number: int, text: str, now: float) -> None:
    """Write a note; raises `Invalid`, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    _fit("The note cannot be kept.", text)
    with transaction():
        telling.acted(
            actor, telling.living(number), "note", text.strip(), now, kind=EntryKind.NOTE, told=False
        )


def entry_added(number: int, draft: EntryDraft, now: float) -> None:  # noqa: ARG001 - the face of every verb
    """Put a line into a timeline for a part of this room, in the caller's transaction."""
    store.add(number, [draft])
    telling.wake()


def pin(actor: Actor, number: int, entry: int, now: float, *, on: bool = True) -> Entry:
    """Let a line stand above the others, or no more."""
    before = _entry(number, entry)
    return _mark(actor, msgspec.structs.replace(before, pinned=on), "pin" if on else "unpin", now)


def hide(actor: Actor, number: int, entry: int, now: float, *, on: bool = True) -> Entry:
    """Leave a line out, or show it again; nothing is lost."""
    before = _entry(number, entry)
    return _mark(actor, msgspec.structs.replace(before, hidden=on), "hide" if on else "show", now)


def annotate(actor: Actor, number: int, entry: int, text: str, now: float) -> Entry:
    """Add to what the house tells; an empty text takes it away. Raises `Invalid`."""
    if len(text) > drafting.LONGEST_TEXT:
        raise Invalid("The annotation cannot be kept.", drafting.text_problems(text))
    before = _entry(number, entry)
    return _mark(actor, msgspec.structs.replace(before, annotation=text.strip()), "annotate", now)


def draft(actor: Actor, number: int, text: str, now: float) -> Incident:
    """Keep what customers could be told; an empty text brings back what is suggested. Raises `Invalid`."""
    require(actor, Verb.INCIDENT_WRITE)
    if text.strip():
        _fit("The draft cannot be kept.", text, 4_000)
    with transaction():
        after = msgspec.structs.replace(telling.living(number), draft=text.strip(), updated_at=now)
        incident_store.save(after)
        telling.acted(
            actor, after, "draft", "wrote a draft for customers", now, kind=EntryKind.STATUS, told=False
        )
    return after


def announced(actor: Actor, number: int, page: str, notice: int, text: str, now: float) -> Incident:  # noqa: PLR0917
    """Remember that customers were told on a status page (its slug), under the number of its notice there."""
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        after = msgspec.structs.replace(
            telling.found(number), announced=(page, notice), draft="", updated_at=now
        )
        incident_store.save(after)
        link = f"/status-pages/{page}/incidents/{notice}/"
        telling.acted(
            actor,
            after,
            "announce",
            f"told customers on {page}",
            now,
            kind=EntryKind.STATUS,
            detail=text[:500],
            link=link,
        )
    return after


def _mark(actor: Actor, after: Entry, action: str, now: float) -> Entry:
    require(actor, Verb.INCIDENT_WRITE)
    with transaction():
        store.mark(after.id, pinned=after.pinned, hidden=after.hidden, annotation=after.annotation)
        telling.audited(actor, telling.found(after.incident), action, after.text, now)
    return after


def _entry(number: int, entry: int) -> Entry:
    found = store.find(number, entry)
    if found is None:
        raise NotFound(f"INC-{number} has no line {entry} in its timeline.")
    return found


def _fit(said: str, text: str, longest: int = drafting.LONGEST_TEXT) -> None:
    wrong = drafting.text_problems(text, longest)
    if wrong:
        raise Invalid(said, wrong)
