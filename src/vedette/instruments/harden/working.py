"""A host made harder: look, plan, agree, change, prove by a new connection; else what was there before is back."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from vedette.core import ids
from vedette.core.clock import Clock
from vedette.instruments.harden import asking, manifesting, planning, scripting
from vedette.instruments.harden.shell import Said, Shell
from vedette.instruments.harden.types import (
    Ended,
    Facts,
    Former,
    Hardened,
    HardenPlan,
    Unreached,
    Wanted,
)

_LOOKING = 120.0  # seconds that a look may take
_CHANGING = 1800.0  # and changes, of which packages are most
_PROVING = 30.0
_BETWEEN = 2.0  # seconds between two tries to get in
_GRACE = 20.0  # seconds that a host may take to put everything back
_BUSY = 3

Agree = Callable[[HardenPlan], bool]


class Tools(NamedTuple):
    """What a run needs besides the host: who agrees to its plan, the time, and a way to wait."""

    agree: Agree
    clock: Clock
    wait: Callable[[float], object]


class _Outcome(NamedTuple):
    ended: Ended
    reason: str


def look(shell: Shell) -> Facts:
    """Return what a host is; raises `Unreached`."""
    said = shell.run(asking.script(), _LOOKING)
    if said.status:
        raise Unreached(f"The host could not be looked at (status {said.status}), so nothing was changed.")
    return asking.read(said.out)


def harden(shell: Shell, wanted: Wanted, minutes: float, tools: Tools) -> Hardened:
    """Make a host harder and tell how it ended. Raises `Unreached` where it could not be looked at: nothing was changed then.

    The host takes everything back by itself after `minutes`, unless a connection that was opened after the last change said that
    it came through. A step or a proof that fails takes everything back at once.
    """
    began = tools.clock.now()
    told = _worked(shell, wanted, minutes * 60, tools)
    return msgspec.structs.replace(told, seconds=tools.clock.now() - began)


def former(shell: Shell) -> Former | None:
    """Return the run of a host that was kept last and can be taken back, None where there is none; raises `Unreached`."""
    try:
        return scripting.read_former(shell.run(scripting.asking_former(), _LOOKING).out)
    except ValueError:
        raise Unreached("The host did not tell of its runs, so nothing was changed.") from None


def undo(shell: Shell, kept: Former, minutes: float, tools: Tools) -> Hardened:
    """Take a kept run back, and tell how that ended; `tools.agree` is not asked. Raises `Unreached` where the host could not be looked at.

    It is a run of its own: how the host is now comes back after `minutes`, unless a new connection came through meanwhile.
    """
    began, before = tools.clock.now(), planning.score(look(shell))
    seconds, run = minutes * 60, _new_run()
    outcome = _carried_out(shell, scripting.undoing(kept.run, run, round(seconds)))
    ended, reason = outcome if outcome is not None else _prove(shell, run, seconds, tools)
    is_back = ended is Ended.KEPT
    return Hardened(
        ended=ended, reason=reason, before=before, after=planning.score(look(shell)) if is_back else before,
        changed=kept.paths if is_back else (), seconds=tools.clock.now() - began,
    )  # fmt: skip


def _worked(shell: Shell, wanted: Wanted, seconds: float, tools: Tools) -> Hardened:
    facts = look(shell)
    plan = planning.plan(facts, wanted)
    if not plan.changes:
        return _remembered(
            _told(plan, Ended.UNCHANGED, "Everything is as it should be."), shell, facts, wanted
        )
    if not tools.agree(plan):
        return _told(plan, Ended.UNCHANGED, "Nothing was done.")
    ended, reason = _changed(shell, plan, seconds, tools)
    told = _told(plan, ended, reason)
    if ended is not Ended.KEPT:
        return told
    facts = look(shell)
    return _remembered(_with_second_look(told, plan, planning.plan(facts, wanted)), shell, facts, wanted)


def put_back(shell: Shell, plan: HardenPlan, minutes: float, let_in: Callable[[], str]) -> tuple[Ended, str]:
    """Carry out on this very host what puts back what was proven once, and tell how it ended.

    `let_in` returns why people would not get in any more, empty where they do: then everything is taken back at once.
    """
    run, seconds = (
        f"back-{ids.new_id()}",
        minutes * 60,
    )  # of another name than what people have done: it is not taken back as such
    outcome = _carried_out(shell, scripting.applying(plan, run, round(seconds)))
    if outcome is not None:
        return outcome
    why = let_in()
    if why:
        shell.run(scripting.refusing(run), _CHANGING)
        return Ended.REVERTED, f"Everything is as it was before: {why}"
    ended, reason = _proved(_rows(shell.run(scripting.proving(run), _PROVING)), "")
    return ended, "It is as hardening set it, and people get in." if ended is Ended.KEPT else reason


def _remembered(told: Hardened, shell: Shell, facts: Facts, wanted: Wanted) -> Hardened:
    """Leave on the host what is so now, where that is not known there; that it cannot be left is told, and undoes nothing."""
    found = manifesting.manifest(facts, wanted, told)
    if manifesting.is_known(found, facts):
        return told
    try:
        if "remembered" in _rows(shell.run(scripting.remembering(found), _LOOKING)):
            return told
        why = "the host could not write it"
    except Unreached as error:
        why = str(error)
    return msgspec.structs.replace(told, left=(*told.left, f"drift is not watched: {why}"))


def _changed(shell: Shell, plan: HardenPlan, seconds: float, tools: Tools) -> _Outcome:
    run = _new_run()
    outcome = _carried_out(shell, scripting.applying(plan, run, round(seconds)))
    return outcome if outcome is not None else _prove(shell, run, seconds, tools)


def _new_run() -> str:
    return f"run-{ids.new_id()}"


def _carried_out(shell: Shell, script: str) -> _Outcome | None:
    """Run a script that changes and tell how it ended, or None where it waits for its proof. A connection that breaks on the way says nothing: the host is asked afterwards."""
    try:
        said = shell.run(script, _CHANGING)
    except Unreached:
        return None
    rows = _rows(said)
    if said.status == _BUSY:
        return _Outcome(Ended.UNCHANGED, rows.get("busy", "Another run is under way."))
    if "failed" in rows:
        return _Outcome(Ended.REVERTED, f"{rows['failed']} Everything is as it was before.")
    if said.status or scripting.DONE not in rows:
        return _Outcome(Ended.REVERTED, "The host broke off half-way and put everything back.")
    return None


def _prove(shell: Shell, run: str, seconds: float, tools: Tools) -> _Outcome:
    """Sign in anew until it works or the host has put everything back; the reason is what kept us out."""
    ends = tools.clock.now() + seconds + _GRACE
    kept_out = ""
    while True:
        try:
            rows = _rows(shell.run(scripting.proving(run), _PROVING))
        except Unreached as error:
            kept_out = str(error)
        else:
            return _proved(rows, kept_out)
        if tools.clock.now() > ends:
            return _Outcome(
                Ended.UNKNOWN, f"Nobody gets in to look: {kept_out} The host puts everything back by itself."
            )
        tools.wait(_BETWEEN)


def _proved(rows: dict[str, str], kept_out: str) -> _Outcome:
    if "kept" in rows:
        return _Outcome(Ended.KEPT, "A new connection came through.")
    if "back" in rows:
        why = (
            f"no new connection came through in time ({kept_out})"
            if kept_out
            else "the connection broke off on the way"
        )
        return _Outcome(Ended.REVERTED, f"Everything is as it was before: {why}.")
    return _Outcome(
        Ended.REVERTED, "The host knows nothing of this run: it broke off before its first change."
    )


def _rows(said: Said) -> dict[str, str]:
    """Return what a script told: its words, each with what follows."""
    lines = said.out.decode("utf-8", "replace").splitlines()
    return {
        word: "".join(c for c in rest if c.isprintable())
        for word, _, rest in (line.partition("\t") for line in lines)
    }


def _told(plan: HardenPlan, ended: Ended, reason: str) -> Hardened:
    return Hardened(ended=ended, reason=reason, before=plan.score, after=plan.score)


def _with_second_look(told: Hardened, plan: HardenPlan, after: HardenPlan) -> Hardened:
    changed, left = planning.lines(plan.changes), planning.lines(after.changes)
    return msgspec.structs.replace(told, after=after.score, changed=tuple(changed), left=tuple(left))
