"""Whether the lock of a repository may be broken: only when its holder is proven gone. Pure.

A process is known by its host, the start of that host (boot id) and its number. It is gone when the host was started again
since, when there is no process of that number, or when the one that has it now began after the lock was made.
"""

import msgspec

from vedette.instruments.backup.types import Held

_UNSURE = 2.0  # seconds by which the start of a process and the time of a file may differ


class Here(msgspec.Struct, frozen=True, kw_only=True):
    """This host: the names it goes by, the id of its present start, when it was started."""

    names: frozenset[str]
    boot: str
    booted_at: float


class Verdict(msgspec.Struct, frozen=True):
    """Whether the holder of a lock is proven gone, and how we know, or why we do not."""

    gone: bool
    why: str


def decide(held: Held, here: Here, began: float | None) -> Verdict:
    """Tell whether a holder is gone; `began` is when the process that has its number now was started (None: there is none)."""
    if not held.host or held.pid <= 0:
        return Verdict(False, "The lock does not say who holds it.")
    if held.host not in here.names:
        return Verdict(False, f"It is held on {held.host}, another host: look there.")
    if _restarted(held, here):
        return Verdict(True, "This host was started again since.")
    if began is None:
        return Verdict(True, f"There is no process {held.pid} on this host any more.")
    if held.since is not None and began > held.since + _UNSURE:
        return Verdict(True, f"Process {held.pid} is another one, which began after the lock was made.")
    return Verdict(False, f"Process {held.pid} on this host still runs.")


def _restarted(held: Held, here: Here) -> bool:
    if held.boot and here.boot:
        return held.boot != here.boot
    return held.since is not None and held.since + _UNSURE < here.booted_at
