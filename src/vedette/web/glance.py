"""What every page shows at a glance: counts beside the navigation, and whether Vedette is well. Remembered for 5 s."""

from collections.abc import Callable, Mapping
from typing import Generic, NamedTuple, TypeVar

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, may
from vedette.backups import service as backups
from vedette.backups.types import Health as Proof
from vedette.backups.types import Standing
from vedette.deploy import service as deploy
from vedette.deploy.types import Condition
from vedette.errors import service as errors
from vedette.incidents import service as incidents
from vedette.incidents.types import IncidentState
from vedette.monitors import service as monitors
from vedette.oncall import service as oncall
from vedette.oncall.types import Turn
from vedette.plumbing.ports import Ports, ports
from vedette.scans import service as scans
from vedette.ui import words
from vedette.web import vitals
from vedette.web.health import Health, judge
from vedette.web.nav import Count

SECONDS = 5.0
T = TypeVar("T")


class OnCall(NamedTuple):
    """Who is on call, for the top bar: a text, and its tone (crit in a gap)."""

    text: str
    tone: str


class Remembered(Generic[T]):
    """Asks at most once in `seconds`; another set of ports, or a clock that went back, asks anew."""

    def __init__(self, ask: Callable[[float], T], seconds: float = SECONDS) -> None:
        self._ask, self._seconds = ask, seconds
        self._known: tuple[Ports, float, T] | None = None

    def get(self, now: float) -> T:
        """Return the answer, at most `seconds` old."""
        known, here = self._known, ports()
        if known is not None and known[0] is here and 0 <= now - known[1] < self._seconds:
            return known[2]
        found = self._ask(now)
        self._known = (here, now, found)
        return found


_COUNTS = Remembered(lambda _: errors.counts())
_STATES = Remembered(lambda _: monitors.states())
_TURNS = Remembered(
    lambda now: (oncall.turns(now), {one.id: one.name for one in accounts.user_refs().values()})
)
_INCIDENTS = Remembered(incidents.open_incidents)
_FINDINGS = Remembered(lambda now: scans.week(now, 1))
_PLANS = Remembered(backups.standings)
_TROUBLES = Remembered(lambda _: deploy.troubles())
_HEALTH = Remembered(lambda now: judge(vitals.read(now, None, 0.0, 0), now))


def counts(actor: Actor, now: float) -> dict[str, Count]:
    """Return the numbers beside Issues, Monitors, Incidents, Findings, Backups and Infrastructure."""
    shown = (
        (Verb.MONITOR_READ, _monitors),
        (Verb.ISSUE_READ, _issues),
        (Verb.INCIDENT_READ, _incidents),
        (Verb.FINDING_READ, _findings),
        (Verb.BACKUP_READ, _backups),
        (Verb.INFRA_READ, _infrastructure),
    )
    return {
        href: count for verb, ask in shown if may(actor, verb).allowed for href, count in ask(now).items()
    }


def _incidents(now: float) -> dict[str, Count]:
    """Return how many incidents are open; crit while one waits for somebody."""
    found = _INCIDENTS.get(now)
    waits = any(one.state is IncidentState.OPEN for one in found)
    return {"/incidents/": Count(words.short(len(found)), "crit" if waits else "")} if found else {}


def _findings(now: float) -> dict[str, Count]:
    """Return how many findings must be fixed this week; crit while one is late."""
    week = _FINDINGS.get(now)
    return {"/findings/": Count(words.short(week.count), "crit" if week.late else "")} if week.count else {}


def plans(now: float) -> tuple[Standing, ...]:
    """Return how plans of backups stand, worst first, as they were at most 5 s ago."""
    return _PLANS.get(now)


def _backups(now: float) -> dict[str, Count]:
    """Return how many plans could not surely be restored, nothing when none."""
    red = sum(one.health is Proof.RED for one in plans(now))
    return {"/backups/": Count(words.short(red), "crit")} if red else {}


def _infrastructure(now: float) -> dict[str, Count]:
    """Return how many projects want a look; crit while something that must be true is not."""
    found = _TROUBLES.get(now)
    broken = any(one.condition is Condition.BROKEN for one in found)
    return {"/infrastructure/": Count(words.short(len(found)), "crit" if broken else "")} if found else {}


def _monitors(now: float) -> dict[str, Count]:
    """Return how many monitors are down, nothing when none is."""
    down = _STATES.get(now).get("down", 0)
    return {"/monitors/": Count(words.short(down), "crit")} if down else {}


def _issues(now: float) -> dict[str, Count]:
    """Return how many issues are new, regressed or escalating if there are some, else how many are open."""
    found = _COUNTS.get(now)
    fresh = sum(found.get(state, 0) for state in ("new", "regressed", "escalating"))
    still = found.get("open", 0)
    if fresh:
        return {"/issues/": Count(words.short(fresh), "crit")}
    return {"/issues/": Count(words.short(still))} if still else {}


def health(actor: Actor, now: float) -> Health | None:
    """Return whether Vedette itself is well, for the top bar; None for who may not know."""
    return _HEALTH.get(now) if may(actor, Verb.OVERVIEW_READ).allowed else None


def on_call(actor: Actor, now: float, zone: str) -> OnCall | None:
    """Return who gets the next page, for the top bar of every page; None for who may not know, or without a schedule.

    A gap goes before everything else; of several schedules the first is told, and how many more there are.
    """
    turns, names = _TURNS.get(now) if may(actor, Verb.ONCALL_READ).allowed else ((), {})
    if not turns:
        return None
    turn = next((one for one in turns if not one.now.people), turns[0])
    if not turn.now.people:
        return OnCall(f"On call in {turn.schedule.name}: nobody", "crit")
    return OnCall(f"On call: {_until(turn, names, now, zone)}{_more(len(turns) - 1)}", "off")


def _until(turn: Turn, names: Mapping[int, str], now: float, zone: str) -> str:
    people = [names.get(user, "somebody who left") for user in turn.now.people]
    who = people[0] if len(people) == 1 else f"{people[0]} and {len(people) - 1} more"
    if turn.then is None:
        return who
    ends = turn.now.ends
    return f"{who} until {words.clock(ends, zone) if ends - now < words.DAY else words.date(ends, now, zone)}"


def _more(n: int) -> str:
    return f" (+{n})" if n else ""
