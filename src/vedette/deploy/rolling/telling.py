"""A roll as people read it. Pure."""

from collections.abc import Sequence

from vedette.deploy.rolling import machine
from vedette.deploy.types import Event, Happened, Progress, Roll, Rolled, Seat, Standing, Target, Verb

_MARKS = {Happened.DONE: "✓", Happened.FAILED: "✗", Happened.TURNED: "↩"}
_DOING = {
    Verb.OUT: ("taken out", "could not be taken out"), Verb.CHANGE: ("changed", "could not be changed"),
    Verb.UNDO: ("undone", "could not be undone"), Verb.CHECK: ("healthy by itself", "did not become healthy"),
    Verb.JOIN: ("back behind the load balancer and healthy", "is not healthy behind the load balancer"),
}  # fmt: skip


def plan(roll: Roll, targets: Sequence[Target], progress: Progress) -> str:
    """Return what a roll would do, the care it takes first."""
    keep = machine.floor(roll, len(targets))
    first = f"{roll.first} first, then " if roll.first != roll.batch else ""
    lines = [
        f"{len(targets)} targets, {first}{roll.batch} at a time; at least {keep} stay healthy. The first failure takes everything back.",
        *(f"  {each.name}  {each.address}  {_behind(each)}" for each in targets),
        *(f"  {what}: {text}" for what, text in _steps(roll) if text),
    ]
    begun = [each for each in progress.targets if each.seat is not Seat.IN or each.version != "old"]
    if begun or progress.back:
        way = f"going back ({progress.back})" if progress.back else "going forward"
        lines.append(f"An earlier run was stopped while {way}; this goes on from there:")
        lines += [f"  {_standing(each)}" for each in begun]
    return "\n".join(lines)


def event(happened: Event) -> str:
    """Return what happened in a line; nothing for what only began."""
    if happened.what is Happened.BEGUN:
        return ""
    mark = _MARKS[happened.what]
    if happened.what is Happened.TURNED or happened.verb is None:
        return f"{mark} Going back: {happened.reason}"
    done, failed = _DOING[happened.verb]
    if happened.what is Happened.DONE:
        return f"{mark} {happened.target}: {done}"
    return f"{mark} {happened.target}: {failed}: {happened.reason}"


def ended(rolled: Rolled) -> str:
    """Return how a roll ended: a sentence, then who is not where it went."""
    if not rolled.back:
        return f"Done: {len(rolled.targets)} targets have the new version, each seen healthy."
    rest = machine.left(Progress(targets=rolled.targets, back=rolled.back))
    if not rest:
        return f"Rolled back: every target is as it was, and healthy. {rolled.back}"
    lines = [f"Rolled back, but not everywhere: {len(rest)} of {len(rolled.targets)} need you. {rolled.back}"]
    return "\n".join([*lines, *(f"  {_standing(each)}" for each in rest)])


def _standing(one: Standing) -> str:
    seat = {Seat.IN: "in", Seat.OUT: "taken out", Seat.UNSURE: "on its way in or out"}[one.seat]
    why = f": {one.stuck}" if one.stuck else ""
    stays = (
        ", taking it out would leave too few healthy ones"
        if one.seat is Seat.IN and one.version == "new"
        else ""
    )
    return f"{one.name}: {seat}, {one.version} version{stays}{why}"


def _behind(target: Target) -> str:
    ways = [f"{each.balancer_name} (by {each.kind.replace('_', ' ')})" for each in target.behind]
    return f"behind {', '.join(ways)}" if ways else "behind no load balancer"


def _steps(roll: Roll) -> list[tuple[str, str]]:
    return [
        ("version", roll.version), ("do", roll.do), ("undo", roll.undo), ("restart", roll.unit), ("healthy when", roll.health and f"{roll.health} answers 2xx"),
    ]  # fmt: skip
