"""Commands written in chats: `ack`, `who`, and what rooms above enter (`incident`).

Nobody is signed in: the chat proved itself, and whoever writes there acts as its channel does by buttons. So a command
can do no more than a button, or what a room says that everybody in a shared chat may do.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, may
from vedette.alerts import governing
from vedette.alerts.answering import answers
from vedette.alerts.store import alerts as store
from vedette.alerts.types import Alert
from vedette.core.errors import VedetteError
from vedette.notify import service as notify
from vedette.notify.types import Command
from vedette.oncall import service as oncall
from vedette.signals.types import SignalState
from vedette.ui import words

Act = Callable[[Actor, str, float], str]
_TOLD = 30  # of so many notices of a channel the newest that still fires is looked for
_AHEAD = 14 * 86_400.0


class Known(msgspec.Struct, frozen=True):
    """A command: how it is written, what it does, and what a person must be allowed to do to say it."""

    usage: str
    does: str
    verb: Verb
    act: Callable[[Actor, Command, float], str]


_KNOWN: dict[str, Known] = {}


def enter(name: str, usage: str, does: str, verb: Verb, act: Act) -> None:
    """Have a command be known; `act(actor, words, now)` does it and returns the answer. The last one of a name wins."""
    _KNOWN[name] = Known(usage, does, verb, lambda actor, command, now: act(actor, command.words, now))


def known() -> Mapping[str, Known]:
    """Return the commands there are."""
    return dict(sorted(_KNOWN.items()))


def run(command: Command, now: float) -> str:
    """Do what a command says and return the answer; what goes wrong is an answer too."""
    found = _KNOWN.get(command.name)
    if found is None:
        return _help(command.name)
    try:
        actor = answers.actor_of(command.channel, command.who)
        if not may(actor, found.verb).allowed:
            return f"{may(actor, found.verb).reason} Nothing was changed."
        return found.act(actor, command, now)
    except VedetteError as error:
        return f"{error} Nothing was changed."


def _help(name: str) -> str:
    told = "" if name in {"", "help", "start"} else f"There is no command {name[:40]}. "
    return told + "\n".join(f"{one.usage}: {one.does}" for one in known().values())


def _acknowledge(actor: Actor, command: Command, now: float) -> str:
    alerts = store.firing_named(command.words) if command.words else _newest(command.channel)
    if not alerts:
        what = (
            f"Nothing that fires is called {command.words}."
            if command.words
            else "Nothing that fires was told here."
        )
        return f"{what} Nothing was changed."
    fresh = [one for one in alerts if one.acked_at is None]
    if not fresh:
        return f"Already acknowledged by {', '.join(sorted({one.acked_by for one in alerts}))}."
    governing.acknowledge(actor, [one.id for one in fresh], now)
    more = f" and {len(fresh) - 1} more" if len(fresh) > 1 else ""
    return f"Acknowledged by {actor.name}: {fresh[0].title}{more}."


def _newest(channel: int) -> Sequence[Alert]:
    """Return the alerts of the newest notice of a channel of which something still fires."""
    for delivery in notify.deliveries(channel, n=_TOLD).deliveries:
        notice = notify.notice_of(delivery.idempotency_key)
        told = store.find([each.fingerprint for each in notice.alerts]) if notice else {}
        firing = [one for one in told.values() if one.standing.state is SignalState.FIRING]
        if any(one.acked_at is None for one in firing):
            return firing
    return ()


def _who(_actor: Actor, command: Command, now: float) -> str:
    schedules = [
        one for one in oncall.schedules() if not command.words or command.words.lower() in one.name.lower()
    ]
    if not schedules:
        return (
            f"There is no schedule called {command.words}." if command.words else "There is no schedule yet."
        )
    return "\n".join(f"{one.name}: {_on(one.id, one.zone, now)}" for one in schedules)


def _on(schedule: int, zone: str, now: float) -> str:
    shift = next((one for one in oncall.shifts(schedule, now, now + _AHEAD) if one.ends > now), None)
    if shift is None or not shift.people:
        return "nobody is on call"
    names = {one.id: one.name for one in accounts.user_refs(shift.people).values()}
    people = " and ".join(names.get(one, "somebody who left") for one in shift.people)
    until = words.local(shift.ends, zone)
    return f"{people} until {until:%a %H:%M} {until.tzname()}"


_KNOWN["ack"] = Known(
    "ack [KEY]", "acknowledge the newest alert told here, or the one named", Verb.ALERT_WRITE, _acknowledge
)
_KNOWN["who"] = Known("who [SCHEDULE]", "who is on call now, and until when", Verb.ONCALL_READ, _who)
