"""What the page of on-call says first: who gets the next page, until when, and who then. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.oncall import spelling
from vedette.oncall.types import Layer, RotationKind, Shift, Turn
from vedette.oncall.walls import told

GONE = "somebody who left"
Names = Mapping[int, str]


class Said(msgspec.Struct, frozen=True):
    """A sentence, what stands under it, and its tone."""

    title: str
    text: str
    tone: str


def opening(turns: Sequence[Turn], names: Names, now: float, zone: str) -> Said:
    """Return what the page says first, read by the clock of `zone`."""
    if not turns:
        return Said(
            "Nobody is on call: there is no schedule.",
            "A schedule says whom a page reaches, and when.",
            "off",
        )
    empty = [turn for turn in turns if not turn.now.people]
    if empty:
        where = empty[0].schedule.name if len(empty) == 1 else f"{len(empty)} schedules"
        until = told(empty[0].now.ends, now, zone) if empty[0].then else ""
        text = (
            f"The gap lasts until {until}. Take over, or put somebody into a layer."
            if until
            else "Put somebody into a layer, or take over."
        )
        return Said(f"Nobody is on call in {where}.", text, "crit")
    if len(turns) == 1:
        return Said(next_page(turns[0], names, now, zone), "", "ok")
    people = {user for turn in turns for user in turn.now.people}
    each = "; ".join(f"{turn.schedule.name}: {who(turn.now.people, names)}" for turn in turns[:4])
    more = f"; and {len(turns) - 4} more" if len(turns) > 4 else ""
    if len(people) == 1:
        return Said(f"{who(tuple(people), names)} gets every page now.", f"{each}{more}.", "ok")
    return Said(f"{len(people)} people are on call.", f"{each}{more}.", "ok")


def next_page(turn: Turn, names: Names, now: float, zone: str) -> str:
    """Return who gets the next page of a schedule, until when, and who then."""
    if not turn.now.people:
        return "Nobody gets the next page."
    verb = "gets" if len(turn.now.people) == 1 else "get"
    if turn.then is None:
        return f"{who(turn.now.people, names)} {verb} the next page, and nobody else for weeks."
    following = who(turn.then.people, names) if turn.then.people else "nobody"
    until = told(turn.now.ends, now, zone)
    return f"{who(turn.now.people, names)} {verb} the next page until {until}, then {following}."


def who(people: Sequence[int], names: Names) -> str:
    """Return people by their names."""
    known = [names.get(user, GONE) for user in people]
    return (
        " and ".join([", ".join(known[:-1]), known[-1]])
        if len(known) > 1
        else known[0]
        if known
        else "nobody"
    )


def own(shift: Shift, now: float, zone: str) -> str:
    """Return when oneself is on: `now, until 18:00`, `from Sat 09:00 until Mon 09:00`."""
    until = told(shift.ends, now, zone)
    return (
        f"now, until {until}"
        if shift.starts <= now
        else f"from {told(shift.starts, now, zone)} until {until}"
    )


def layer(one: Layer) -> str:
    """Return how a layer takes turns, in words."""
    if one.calendar is not None:
        return "from a calendar"
    if one.counts_spans:
        turn = "each part of the week" if one.every == 1 else f"every {one.every} parts of the week"
    elif one.rotation is RotationKind.WEEKLY:
        turn = f"{'every week' if one.every == 1 else f'every {one.every} weeks'} on {spelling.DAYS[one.turns_on]} at {one.turns_at}"
    else:
        turn = f"{'every day' if one.every == 1 else f'every {one.every} days'} at {one.turns_at}"
    when = f", {spelling.written(one.spans).replace(chr(10), '; ')}" if one.spans else ""
    return f"{turn}{when}" if len(one.people) > 1 else f"always{when}" if one.people else f"nobody{when}"
