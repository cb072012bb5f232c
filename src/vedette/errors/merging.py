"""What merging does to how issues stand, and what parting them does. Pure: values and `now` in; standing and reason out."""

from collections.abc import Sequence

import msgspec

from vedette.errors import lifecycle
from vedette.errors.lifecycle import Arrival, Standing, Step
from vedette.errors.releasing import Release
from vedette.errors.types import Reopen, Status, Transition

REOPENED = "An open issue was merged into it."


def joined(standing: Standing, others: Sequence[Standing], now: float) -> Step:
    """Return how an issue stands once others were merged into it.

    What people decided about it stays, unless one of the others was open: what is open must not vanish into what
    is resolved or muted.
    """
    if standing.status is Status.OPEN or all(other.status is not Status.OPEN for other in others):
        return Step(standing, Transition.NONE, "What was decided about it stays.")
    return Step(lifecycle.decided(standing, Reopen(), now), Transition.NONE, REOPENED)


def recounted(standing: Standing, events: int, users: int) -> Standing:
    """Return the standing with other totals; as many events and users as before are left until a mute ends."""
    more_events, more_users = events - standing.events, users - standing.users
    return msgspec.structs.replace(
        standing,
        events=events,
        users=users,
        mute_events=None if standing.mute_events is None else standing.mute_events + more_events,
        mute_users=None if standing.mute_users is None else standing.mute_users + more_users,
    )


def parted(
    standing: Standing, base: tuple[int, int], last_seen: float, now: float, last: Release | None = None
) -> Step:
    """Return how a group stands as an issue again: as before it was merged, plus what came since.

    `standing` is how it stood, with the events and users it has now; `base` are those it had then; `last` is the
    release it was last seen in.
    """
    came = standing.events - base[0]
    if came <= 0:
        return Step(standing, Transition.NONE, "Nothing came since it was merged.")
    new_users = max(0, standing.users - base[1])
    before = msgspec.structs.replace(standing, events=base[0], users=standing.users - new_users)
    came_with = Arrival(events=came, users=new_users, at=last_seen, releases=(last,) if last else ())
    return lifecycle.step(before, came_with, now)


def taken_back(now_stands: Standing, before: Standing, after: Standing) -> Standing:
    """Return how an issue stands when a merge into it is taken back: as before, if only the merge changed it."""
    same = (now_stands.state, now_stands.changed_at) == (after.state, after.changed_at)
    if not same or before.state is after.state:
        return now_stands
    return recounted(before, now_stands.events, now_stands.users)
