"""How well did it do? Pure: uptime, error budget and burn rate from its changes, Apdex from its checks.

Sources: Beyer et al., The Site Reliability Workbook, ch. 5 (burn rate); Apdex Alliance, Apdex Technical Specification 1.1.
"""

from collections.abc import Sequence

from vedette.monitors.types import Budget, Change, State, Uptime

_UP = frozenset({State.UP, State.DEGRADED})


def uptime(changes: Sequence[Change], start: float, end: float) -> Uptime:
    """Return how long it was up between two instants, from all changes up to the end, oldest first.

    What is unknown (before the first change, too) counts on neither side.
    """
    up = down = 0.0
    ends = [*(one.at for one in changes[1:]), end]
    for change, until in zip(changes, ends, strict=False):
        seconds = max(0.0, min(until, end) - max(change.at, start))
        up += seconds if change.state in _UP else 0.0
        down += seconds if change.state is State.DOWN else 0.0
    known = up + down
    share = up / known if known > 0 else None
    reason = "Nothing is known of this time." if share is None else f"Up {percent(share)}, down {down:.0f} s."
    return Uptime(up=up, down=down, unknown=max(0.0, end - start - known), share=share, reason=reason)


def percent(share: float) -> str:
    """Return a share as a percentage that never rounds an outage away: 99.9997 % is not 100 %."""
    for digits in (2, 3, 4, 5):
        text = f"{share * 100:.{digits}f}"
        if float(text) < 100 or share >= 1:
            return f"{text} %"
    return "99.99999 %"


def budget(target: float, window: float, found: Uptime) -> Budget:
    """Return the error budget of an objective (`0.999` of a window of seconds) after what was found in that window."""
    allowed = (1 - target) * window
    used = found.down / allowed if allowed > 0 else 0.0
    if allowed <= 0:
        return Budget(allowed=0.0, spent=found.down, reason="An objective of 100 % allows no outage.")
    return Budget(allowed=allowed, spent=found.down, reason=f"{used:.0%} of {allowed:.0f} s are spent.")


def burn_rate(target: float, found: Uptime) -> float | None:
    """Return how many times faster than the objective allows the budget was spent; None when nothing is known.

    At 1 the budget is spent when its window ends; at 14.4, two percent of 30 days' budget go in an hour.
    """
    if found.share is None or target >= 1:
        return None
    return (1 - found.share) / (1 - target)


def apdex(satisfied: int, tolerating: int, total: int) -> float | None:
    """Return the Apdex of checks: those within T count whole, those within 4T half; None when there were none."""
    return (satisfied + tolerating / 2) / total if total else None
