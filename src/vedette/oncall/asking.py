"""Tells a person that somebody asks them for a swap: on their own channels, by the first step of their own rule."""

from vedette.accounts.permissions import Actor
from vedette.notify import service as notify
from vedette.notify.types import Concern, Notice
from vedette.oncall.types import Cover, Schedule
from vedette.oncall.walls import told
from vedette.plumbing.ports import ports

_SEVERITY = "low"


def tell(asker: Actor, schedule: Schedule, given: Cover, taken: Cover, now: float) -> int:
    """Queue the question in the caller's transaction; return on how many channels. Their quiet hours keep it from them."""
    person = next((one for one in notify.people() if one.user == given.user), None)
    if person is None:
        return 0
    concern = Concern(severity=_SEVERITY, named=True)
    if not notify.hears(person.preferences, concern, now).tell:
        return 0
    notice = _notice(asker, schedule, given, taken, now)
    first = [each for each in notify.plan(person.preferences, person.channels, _SEVERITY) if each.number == 1]
    for each in first:
        notify.queue(each.channel.id, notice, f"oncall.swap.{given.id}.{each.channel.id}", now)
    return len(first)


def _notice(asker: Actor, schedule: Schedule, given: Cover, taken: Cover, now: float) -> Notice:
    yours, theirs = (
        f"{told(one.starts, now, schedule.zone)} to {told(one.ends, now, schedule.zone)}"
        for one in (given, taken)
    )
    reason = f" {given.reason}" if given.reason else ""
    return Notice(
        title=f"{asker.name} asks you to swap in {schedule.name}",
        text=f"You take {yours}, they take {theirs} ({schedule.zone}).{reason} Nothing changes before you accept.",
        severity=_SEVERITY, link=f"{ports().settings.public_url}/on-call/", at=now, state="info",
        reason="Somebody asks you for a swap.", group=f"oncall.swap.{given.id}",
    )  # fmt: skip
