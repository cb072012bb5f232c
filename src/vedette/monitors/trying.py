"""Checks that are tried now: a few at once, each in a thread of its own, its steps told as they happen.

A trial lives in the memory of this process alone, until fifty later ones have come: who asks for one that is gone tries again.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping

import msgspec

from vedette.accounts.permissions import SYSTEM, Actor, Verb, require
from vedette.core import ids
from vedette.core.errors import NotFound, Throttled, VedetteError
from vedette.instruments.probe.types import Result
from vedette.monitors import requesting, service
from vedette.monitors.types import Monitor, MonitorDraft
from vedette.plumbing.ports import ports

MOST_AT_ONCE, KEPT = 4, 50
LIVE = "live:trial:"
_LOST = "It could not be tried: Vedette's log tells why."


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A check that was tried now: what it did so far, and its result; `problem` says why there is none.

    `phases` are milliseconds by the name of the phase, in the order in which they came; `at` is the phase it is in.
    """

    id: str
    phases: Mapping[str, float] = {}
    at: str = ""
    result: Result | None = None
    problem: str = ""

    @property
    def over(self) -> bool:
        """Tell whether nothing more comes."""
        return self.result is not None or bool(self.problem)


class _Trials:
    """The trials of this process."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Trial] = OrderedDict()
        self._turn = threading.Condition()

    def begin(self) -> Trial:
        """Make room for a trial; raises `Throttled` when too many run."""
        with self._turn:
            if sum(not one.over for one in self._known.values()) >= MOST_AT_ONCE:
                raise Throttled(f"{MOST_AT_ONCE} checks are being tried already; try again in a moment.", 5.0)
            made = Trial(id=ids.new_id())
            self._known[made.id] = made
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return made

    def change(self, trial: str, **changed: object) -> None:
        """Note what a trial did, and wake who waits for it."""
        with self._turn:
            if trial in self._known:
                self._known[trial] = msgspec.structs.replace(self._known[trial], **changed)
            self._turn.notify_all()

    def find(self, trial: str) -> Trial:
        """Return a trial; raises `NotFound`."""
        with self._turn:
            found = self._known.get(trial)
        if found is None:
            raise NotFound("This test is over and forgotten; test again.")
        return found

    def wait(self, trial: str, seconds: float) -> Trial:
        """Return a trial once it is over, or as it is after so many seconds."""
        with self._turn:
            self._turn.wait_for(lambda: trial not in self._known or self._known[trial].over, seconds)
        return self.find(trial)


_TRIALS = _Trials()


def begin(actor: Actor, what: Monitor | MonitorDraft) -> Trial:
    """Begin to try a monitor or the draft of one; raises `Throttled` when too many are tried."""
    require(actor, Verb.MONITOR_WRITE)
    if isinstance(what, MonitorDraft):
        requesting.require_kind(actor, what.kind)
    draft = what if isinstance(what, MonitorDraft) else _detached(what)
    made = _TRIALS.begin()
    threading.Thread(target=_run, args=(made.id, draft), name="trial", daemon=True).start()
    return made


def find(trial: str) -> Trial:
    """Return a trial as it is now; raises `NotFound`."""
    return _TRIALS.find(trial)


def wait(trial: str, seconds: float) -> Trial:
    """Return a trial once it is over, or as it is after so many seconds; raises `NotFound`."""
    return _TRIALS.wait(trial, seconds)


def _detached(monitor: Monitor) -> MonitorDraft:
    """Return a monitor with its secrets, so that the thread that tries it asks the database for nothing."""
    return MonitorDraft(
        name=monitor.name, kind=monitor.kind, config=monitor.config, secrets=service.secrets(monitor)
    )


def _run(trial: str, what: MonitorDraft) -> None:
    """Try what somebody may try, and say in any case that it is over."""
    problem, result = _LOST, None
    try:
        result = service.try_now(SYSTEM, 0, what, lambda phase, ms: _step(trial, phase, ms))
        problem = ""
    except VedetteError as error:
        problem = str(error)
    finally:
        _tell(trial, result=result, problem=problem)


def _step(trial: str, phase: str, ms: float | None) -> None:
    """Note that a phase began (`ms` None), or how long it took."""
    known = dict(_TRIALS.find(trial).phases)
    _tell(trial, at=phase if ms is None else "", phases=known if ms is None else {**known, phase: ms})


def _tell(trial: str, **changed: object) -> None:
    _TRIALS.change(trial, **changed)
    ports().bus.wake(f"{LIVE}{trial}")
