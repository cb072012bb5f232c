"""How did each of the last days go? Pure: days from a monitor's changes, a bar and a share from days."""

import bisect
from collections.abc import Sequence

from vedette.core.clock import day_start, to_datetime, utc_day
from vedette.monitors.types import Change, State
from vedette.status.types import DAY, ShownDay

LONG_OUTAGE = 30 * 60.0  # seconds of a day from which on it is drawn as failing, not as troubled
_SLOW_SHARE = 0.1
_SURE = 1.0  # seconds: what is shorter is a rounding


def day_of(changes: Sequence[Change], start: float, end: float) -> ShownDay:
    """Return how the time between two instants of one UTC day went, from all changes up to the end, oldest first."""
    spent = dict.fromkeys(State, 0.0)
    ends = [*(one.at for one in changes[1:]), end]
    for change, until in zip(changes, ends, strict=False):
        spent[change.state] += max(0.0, min(until, end) - max(change.at, start))
    return ShownDay(
        day=utc_day(start), up=spent[State.UP], slow=spent[State.DEGRADED], down=spent[State.DOWN]
    )


def split(changes: Sequence[Change], starts: Sequence[float], now: float) -> dict[float, ShownDay]:
    """Return how each of some days in a row went, by its beginning; from all changes up to now, oldest first."""
    instants = [one.at for one in changes]
    found = {}
    for start in starts:
        end = min(start + DAY, now)
        first = max(0, bisect.bisect_right(instants, start) - 1)
        found[start] = day_of(changes[first : bisect.bisect_left(instants, end)], start, end)
    return found


def starts(now: float, n: int) -> list[float]:
    """Return when each of the last `n` UTC days began, oldest first, the present one last."""
    today = day_start(utc_day(now))
    return [today - k * DAY for k in reversed(range(n))]


def share(days: Sequence[ShownDay]) -> float | None:
    """Return the share of the known time in which it was not down; None when nothing is known."""
    up = sum(one.up + one.slow for one in days)
    known = up + sum(one.down for one in days)
    return up / known if known >= _SURE else None


def percent(share_up: float | None) -> str:
    """Return a share as a percentage of two digits that is cut, not rounded: 99.999 % is no 100 %."""
    if share_up is None:
        return "–"
    cut = int(share_up * 10_000 + 1e-9) / 100
    return f"{cut:.2f} %" if cut < 100 else "100 %"


def beats(days: Sequence[ShownDay]) -> str:
    """Return a bar of days: `u` worked, `d` troubled, `x` failed, `n` not known (`ui.charts.heartbeat`)."""
    return "".join(map(_beat, days))


def described(days: Sequence[ShownDay]) -> str:
    """Return in one sentence what a bar shows."""
    known = [one for one in days if _beat(one) != "n"]
    if not known:
        return f"The last {len(days)} days: nothing is known yet."
    bad = [one for one in days if one.down >= _SURE]
    told = f"The last {len(days)} days: up {percent(share(days))}"
    if not bad:
        return f"{told}, no outage."
    last = to_datetime(day_start(bad[-1].day))
    many = "one day" if len(bad) == 1 else f"{len(bad)} days"
    return f"{told}, outages on {many}, the last on {last.day} {last:%b} ({length(bad[-1].down)})."


def length(seconds: float) -> str:
    """Return a length of time in hours and minutes: `1 h 5 min`."""
    minutes = max(1, round(seconds / 60))
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def _beat(one: ShownDay) -> str:
    if one.up + one.slow + one.down < _SURE:
        return "n"
    if one.down >= LONG_OUTAGE:
        return "x"
    known = one.up + one.slow + one.down
    return "d" if one.down >= _SURE or one.slow > known * _SLOW_SHARE else "u"
