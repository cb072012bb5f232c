"""What becomes of an action that was ordered on a host? Pure: a host may write what it wants, and may be away."""

import re
from collections.abc import Sequence

import msgspec

from vedette.hosts.noting import plain
from vedette.hosts.types import Action, ActionState
from vedette.wire.agent.types import ActionReport, Offer

BEGINS = 60.0  # seconds within which an action begins, else never
SLACK = 30.0  # seconds for the way of a report
LONGEST = 300.0  # seconds that an action runs at most, by its host's configuration
MOST_OFFERED, MOST_OUTPUT, MOST_WHY = 50, 16_384, 300
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_STATES = {"running": ActionState.RUNNING, "done": ActionState.DONE}
_MOST_CODE = 255


def offered(told: Offer) -> tuple[str, ...]:
    """Return what is kept of an offer: names that are some, each once."""
    return tuple(dict.fromkeys(name for name in told.actions if NAME.fullmatch(name)))[:MOST_OFFERED]


def after(before: Action, report: ActionReport, now: float) -> Action:
    """Return an action after its host told of it: bounded, printable; done only with an exit status of 0."""
    state = _STATES.get(report.state, ActionState.FAILED)
    code = report.code if report.code is not None and abs(report.code) <= _MOST_CODE else None
    if state is ActionState.DONE and code != 0:
        state = ActionState.FAILED
    return msgspec.structs.replace(
        before, state=state, changed_at=now, code=code, why=plain(report.why, MOST_WHY).replace("\n", " "),
        output=plain(report.output[-MOST_OUTPUT - 100 :], MOST_OUTPUT + 100),
    )  # fmt: skip


def overdue(one: Action, host: str, now: float) -> str:
    """Return in a sentence that nobody waits for an action any longer; empty while somebody does."""
    if one.state is ActionState.ASKED and now > one.until + SLACK:
        return f"{host} did not take it within {BEGINS:.0f} s, as it was away or busy, and will not begin it any more."
    if one.state is ActionState.RUNNING and now > one.changed_at + LONGEST + SLACK:
        return f"{host} began it and has not told its end; whether it was done is not known."
    return ""


def refusal(name: str, host: str, offers: Sequence[str], waiting: Sequence[Action], most: int) -> str:
    """Return why an action cannot be ordered on a host; empty where it can."""
    if not offers:
        return (
            f"{host} offers no actions: name {name} under [actions] in its agent.toml, and reload the agent."
        )
    if name not in offers:
        return f"{host} does not offer {name}; it offers {', '.join(offers[:10])}."
    if any(one.name == name for one in waiting):
        return f"{name} is running on {host} already; wait for its end."
    return f"{host} has {most} actions to run already; wait for their end." if len(waiting) >= most else ""
