"""Counts incidents by month, pages by week, and what rules were worth. Pure; months and weeks are UTC's."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from vedette.alerts.types import ToldAlert
from vedette.core.clock import day_start, to_datetime, utc_day
from vedette.incidents.metrics import timing
from vedette.incidents.metrics.types import IncidentMonth, PagedPerson, RuleWorth
from vedette.incidents.types import Incident, IncidentState, Sev

DAY = 86_400.0
MONTHS, WEEKS = 12, 8
PUSHED = "pushed from elsewhere"
_NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5, 6})


def month_names(now: float, n: int = MONTHS) -> tuple[str, ...]:
    """Return the last `n` months (`YYYY-MM`) up to this one, the oldest first."""
    moment = to_datetime(now)
    numbers = (moment.year * 12 + moment.month - 1 - back for back in range(n - 1, -1, -1))
    return tuple(f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers)


def week_names(now: float, n: int = WEEKS) -> tuple[str, ...]:
    """Return the Mondays (`YYYY-MM-DD`) of the last `n` weeks up to this one, the oldest first."""
    monday = day_start(_monday(now))
    return tuple(utc_day(monday - back * 7 * DAY) for back in range(n - 1, -1, -1))


def months(incidents: Iterable[Incident], names: Sequence[str]) -> tuple[IncidentMonth, ...]:
    """Return what each month had; merged incidents live on in others and count there."""
    found: dict[str, list[Incident]] = {name: [] for name in names}
    for each in incidents:
        month = utc_day(each.started_at)[:7]
        if each.state is not IncidentState.MERGED and month in found:
            found[month].append(each)
    return tuple(_month(name, found[name]) for name in names)


def people(pages: Iterable[tuple[int, float]], names: Sequence[str]) -> tuple[PagedPerson, ...]:
    """Return who was paged how often in the weeks, the most first; `pages` are users' ids with instants."""
    weeks = {name: place for place, name in enumerate(names)}
    counts: dict[int, list[int]] = {}
    nights: Counter[int] = Counter()
    for user, at in pages:
        place = weeks.get(_monday(at))
        if place is None:
            continue
        counts.setdefault(user, [0] * len(names))[place] += 1
        nights[user] += to_datetime(at).hour in _NIGHT
    found = [PagedPerson(user=user, weeks=tuple(row), nights=nights[user]) for user, row in counts.items()]
    return tuple(sorted(found, key=lambda one: (-one.total, one.user)))


def rules(told: Iterable[ToldAlert], in_incidents: Collection[str]) -> tuple[RuleWorth, ...]:
    """Return what each rule was worth, the one first of whose alerts nobody acted on the most.

    Acted on is what somebody acknowledged, or what was part of an incident (its fingerprint is in `in_incidents`).
    """
    all_of: Counter[str] = Counter()
    acted: Counter[str] = Counter()
    for each in told:
        rule = each.rule or PUSHED
        all_of[rule] += 1
        acted[rule] += each.acknowledged or each.fingerprint in in_incidents
    found = [RuleWorth(rule=rule, told=n, acted=acted[rule]) for rule, n in all_of.items()]
    return tuple(sorted(found, key=lambda one: (-one.wasted, -one.told, one.rule)))


def by_severity(found: Sequence[IncidentMonth]) -> Mapping[Sev, tuple[int, ...]]:
    """Return the counts of each severity, month by month."""
    return {sev: tuple(month.severities[sev - 1] for month in found) for sev in Sev}


def _month(name: str, found: Sequence[Incident]) -> IncidentMonth:
    one, two, three, four = (sum(each.severity is sev for each in found) for sev in Sev)
    return IncidentMonth(month=name, severities=(one, two, three, four), means=timing.means(found))


def _monday(at: float) -> str:
    day = day_start(utc_day(at))
    return utc_day(day - to_datetime(day).weekday() * DAY)
