"""One check now, for somebody who waits: bounded in time and number, its steps told as they come, nothing kept of it."""

import asyncio
import threading
from collections.abc import Callable

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.address import AddressPolicy
from vedette.core.errors import Invalid, Throttled
from vedette.instruments.probe.types import Request, Result, Standpoint
from vedette.monitors import drafting, keeping, requesting
from vedette.monitors.types import HEARTBEAT, Monitor, MonitorDraft
from vedette.plumbing.ports import ports

LONGEST = 30.0
AT_ONCE = 8
Step = Callable[[str, float | None], None]
_ROOM = threading.BoundedSemaphore(AT_ONCE)


def try_now(actor: Actor, asked: Monitor | MonitorDraft, on_step: Step) -> Result:
    """Look once and return the result; `on_step` hears of each phase when it begins (None) and ends (its milliseconds).

    Raises `Invalid` by field for a draft that is not fit, `Throttled` when too many wait already.
    """
    from vedette.instruments.probe.running import run
    from vedette.instruments.probe.tape import TellingTape

    require(actor, Verb.MONITOR_WRITE)
    if isinstance(asked, MonitorDraft):  # what is kept was written by somebody who might
        requesting.require_kind(actor, asked.kind)
    if asked.kind == HEARTBEAT:
        raise Invalid("A heartbeat is not checked: it is heard of.", {"kind": "heartbeat"})
    request = _request(asked)
    request = msgspec.structs.replace(request, deadline=min(LONGEST, request.deadline))
    if not _ROOM.acquire(blocking=False):
        raise Throttled(f"{AT_ONCE} checks are tried just now; try again in a moment.", 5.0)
    try:
        return asyncio.run(run(request, standpoint(), TellingTape(on_step)))
    finally:
        _ROOM.release()


def standpoint() -> Standpoint:
    """Return where this installation looks from: private addresses and folders are reached, scripts run, when its settings say so."""
    from vedette.instruments.probe.journey.ability import rules_of

    settings = ports().settings
    policy = AddressPolicy(allow_private=settings.allow_private_addresses)
    return Standpoint(policy=policy, folders=settings.checked_folders, journeys=rules_of(settings))


def _request(asked: Monitor | MonitorDraft) -> Request:
    if isinstance(asked, Monitor):
        return requesting.request_of(asked, keeping.secrets(asked))
    wrong = drafting.problems(asked, ports().clock.now())
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    return requesting.joined(asked.kind, requesting.read(asked.config.request), asked.secrets or {})
