"""What every act leaves: a line of the timeline, a moment for other pages, an audit entry, and a word to live pages."""

from collections.abc import Sequence

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor
from vedette.core import ids
from vedette.core.errors import Conflict, NotFound
from vedette.incidents.store import entries as entry_store
from vedette.incidents.store import incidents as store
from vedette.incidents.types import LIVE_TOPIC, ROOM, EntryDraft, EntryKind, Incident
from vedette.plumbing.db.sql import on_commit
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Moment

MOST_ENTRIES = 5_000  # of what comes by itself; what people write always has its place
_FULL = "More happened than a timeline keeps: what comes from here on stands on the pages of its own."


def found(number: int) -> Incident:
    """Return an incident; raises `NotFound`."""
    incident = store.find(number)
    if incident is None:
        raise NotFound(f"There is no incident INC-{number}; the list is at /incidents/.")
    return incident


def living(number: int) -> Incident:
    """Return an incident that people still act on; raises `NotFound`, `Conflict` for one that lives on in another."""
    incident = found(number)
    if incident.merged_into is not None:
        raise Conflict(f"It lives on in INC-{incident.merged_into}; act there.")
    return incident


def acted(
    actor: Actor, incident: Incident, action: str, text: str, now: float, *,
    kind: EntryKind = EntryKind.ACT, detail: str = "", tone: str = "", link: str = "", told: bool = True,
) -> None:  # fmt: skip
    """Write what an actor did, in the caller's transaction: `text` follows the name. `told` makes it a moment, too."""
    line = EntryDraft(
        at=now,
        kind=kind,
        text=text,
        detail=detail,
        tone=tone,
        link=link,
        by=name_of(actor),
        source=f"act:{action}:{ids.new_id()}",
    )
    entry_store.add(incident.id, [line])
    if told:
        signals.record([_moment(actor, incident, action, text, now)])
    audited(actor, incident, action, text, now)


def audited(actor: Actor, incident: Incident, action: str, text: str, now: float) -> None:
    """Write the audit entry of an act alone, in the caller's transaction."""
    accounts.audit(
        actor, f"incident.{action}", incident.key, {"title": incident.title, "what": text[:200]}, now
    )
    wake()


def came(incident: int, drafts: Sequence[EntryDraft]) -> int:
    """Put what came by itself into a timeline, in the caller's transaction; a full one says so once. Return how many came."""
    room = MOST_ENTRIES - entry_store.count(incident)
    fits = list(drafts[: max(0, room)])
    if len(fits) < len(drafts):
        at = drafts[len(fits)].at
        fits.append(EntryDraft(at=at, kind=EntryKind.OTHER, text=_FULL, tone="warn", source="full"))
    added = entry_store.add(incident, fits)
    if added:
        wake()
    return added


def name_of(actor: Actor) -> str:
    """Return how a timeline calls who acted; Vedette itself needs no name."""
    return "" if actor == SYSTEM else actor.name


def wake() -> None:
    """Let live pages look again once the transaction has committed."""
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _moment(actor: Actor, incident: Incident, action: str, text: str, now: float) -> Moment:
    who = name_of(actor) or "Vedette"
    return Moment(
        at=now, room=ROOM, kind=f"incident.{action}", subject=incident.key, text=f"{incident.key} {incident.title}: {who} {text}"[:500],
        link=incident.link, project=incident.project,
    )  # fmt: skip
