"""What is known of findings: one, a page of them, how many there are, and what must be fixed this week."""

from collections.abc import Iterable, Mapping

from vedette.core.errors import NotFound
from vedette.scans import verdict
from vedette.scans.due import DAY
from vedette.scans.store import findings as store
from vedette.scans.store import made, tallies, targets
from vedette.scans.store.made import Scanned
from vedette.scans.types import Asked, Known, Line, Verdict, Week
from vedette.ui import pager

_WEEK = 7 * DAY
_HISTORY, _ALIKE = 200, 10
_SHORTEST = 2  # letters that name anything


def findings(asked: Asked, cursor: str | None = None, n: int = 50) -> tuple[tuple[Known, ...], str | None]:
    """Return a page of findings, the worst first, and the cursor of the next; raises `Invalid` for a cursor not ours."""
    after = pager.decode(cursor, tuple[float, int]) if cursor else None
    found = store.page(asked, after, n + 1)
    more = pager.encode(found[n - 1].rank, found[n - 1].id) if len(found) > n else None
    return tuple(found[:n]), more


def finding(number: int) -> Known:
    """Return a finding; raises `NotFound`."""
    found = store.by_ids([number])
    if not found:
        raise NotFound(f"There is no finding {number}.")
    return found[0]


def history(number: int) -> tuple[Line, ...]:
    """Return what became of a finding, newest first."""
    return tuple(store.lines(number, _HISTORY))


def alike(one: Known) -> tuple[Known, ...]:
    """Return where else the same check found something that is open, the worst first."""
    return tuple(store.alike(one.finding.check, one.id, _ALIKE))


def week(now: float, n: int = 20) -> Week:
    """Return what must be fixed within seven days: how many, how many late, and the first `n` by rank."""
    count, found = store.due(now + _WEEK, n)
    return Week(count, store.count_due(now), tuple(found))


def stands(now: float, n: int = 20) -> tuple[Verdict, Week]:
    """Return what is said first of findings, and what of them must be fixed within seven days, the first `n` by rank."""
    due, states = week(now, n), counts("state", Asked())
    return verdict.of_list(due, states, [one.outcome for one in targets.every() if one.enabled]), due


def counts(column: str, asked: Asked) -> Mapping[str, int]:
    """Return how many findings there are by `state`, `severity` (0 to 4), `scanner` or `project`, from tallies."""
    return tallies.by(column, asked)


def targets_of(found: Iterable[Known]) -> Mapping[int, Scanned]:
    """Return the targets of findings by their numbers."""
    return made.named(one.target for one in found)


def hosts_of(numbers: Iterable[int]) -> Mapping[int, str]:
    """Return the names of hosts by their numbers; those of which nothing is told are left out."""
    return made.hosts(numbers)


def named(text: str, n: int = 4) -> tuple[Known, ...]:
    """Return the worst open findings that a text names: by package, check, number of an advisory, or place."""
    return tuple(store.page(Asked(text=text), None, n)) if len(text) >= _SHORTEST else ()
