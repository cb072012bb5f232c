"""The verbs of feeds: secret addresses by which calendar programs read shifts. Only a digest of the secret is kept."""

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, ActorKind, Verb, require
from vedette.core import ids
from vedette.core.errors import Forbidden, Invalid, NotFound
from vedette.oncall import standing
from vedette.oncall.ical import writing
from vedette.oncall.ical.writing import Entry
from vedette.oncall.signal import link, name
from vedette.oncall.standing import DAY
from vedette.oncall.store import calendars as store
from vedette.oncall.store import schedules as schedule_store
from vedette.oncall.types import Feed, Schedule, Shift
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports

MOST_FEEDS = 20
BEHIND, AHEAD = 28 * DAY, 92 * DAY
_TOUCHED = 3_600.0


def feeds(actor: Actor) -> tuple[Feed, ...]:
    """Return the feeds the actor made, newest first."""
    return store.feeds(actor.id)


def make(actor: Actor, schedule_id: int | None, now: float) -> tuple[Feed, str]:
    """Make a feed of a schedule, or of one's own shifts, and return it with its path, which is shown once."""
    require(actor, Verb.ONCALL_READ)
    if actor.kind is not ActorKind.USER:
        raise Forbidden("A feed belongs to a person: sign in to make one.")
    if len(store.feeds(actor.id)) >= MOST_FEEDS:
        raise Invalid(f"You have {MOST_FEEDS} addresses; take one away first.")
    secret = ids.new_secret()
    with transaction():
        of = schedule_store.find(schedule_id).name if schedule_id is not None else "own shifts"
        made = store.add_feed(ids.hash_secret(secret), actor.id, schedule_id, now)
        accounts.audit(actor, "feed.create", of, {}, now)
    return made, f"/on-call/feeds/{secret}.ics"


def drop(actor: Actor, feed_id: int, now: float) -> None:
    """Take a feed away: its address opens nothing any more. Raises `NotFound`."""
    require(actor, Verb.ONCALL_READ)
    with transaction():
        if not store.drop_feed(feed_id, actor.id):
            raise NotFound("There is no such address of yours (any more).")
        accounts.audit(actor, "feed.delete", str(feed_id), {}, now)


def read(secret: str, now: float) -> str:
    """Return the calendar behind a secret; raises `NotFound`, the same for all that opens nothing.

    Whoever made it must still be in the team.
    """
    feed = store.by_key(ids.hash_secret(secret))
    if feed is None or feed.user not in accounts.user_refs():
        raise NotFound("There is no calendar at this address.")
    if feed.used_at is None or now - feed.used_at > _TOUCHED:
        store.touch_feed(feed.id, now)
    return _own(feed.user, now) if feed.schedule is None else _of_schedule(feed.schedule, now)


def _of_schedule(schedule_id: int, now: float) -> str:
    schedule = schedule_store.find(schedule_id)
    found = standing.shifts(schedule_id, now - BEHIND, now + AHEAD)
    names = accounts.user_refs({user for one in found for user in one.people})
    told = (
        _entry(
            schedule, one, ", ".join(name(names, user) for user in one.people) or "Nobody is on call", "", now
        )
        for one in found
    )
    return writing.calendar(f"On call: {schedule.name}", told, now)


def _own(user: int, now: float) -> str:
    found = standing.own_shifts(user, now - BEHIND, now + AHEAD)
    told = (_entry(schedule, one, f"On call: {schedule.name}", str(user), now) for schedule, one in found)
    return writing.calendar("On call", told, now)


def _entry(schedule: Schedule, one: Shift, title: str, whose: str, now: float) -> Entry:
    """Return a shift as an entry; its key names its end, which stays, but for the last, which the range cuts off."""
    ends = "open" if one.ends >= now + AHEAD else f"{one.ends:.0f}"
    return Entry(
        key=f"{schedule.id}/{whose or ','.join(map(str, one.people))}/{ends}", starts=one.starts, ends=one.ends,
        title=title, text=f"{schedule.name}, {one.layer}" if one.layer else schedule.name,
        link=f"{ports().settings.public_url}{link(schedule)}",
    )  # fmt: skip
