"""What is known of issues when a person decides what becomes of them: their usual rate, and releases."""

import functools
from collections.abc import Callable, Sequence

from vedette.deploys import service as deploys
from vedette.errors import escalating, releasing
from vedette.errors.lifecycle import Known
from vedette.errors.releasing import Release
from vedette.errors.store import counting, standing
from vedette.errors.store.standing import Stored
from vedette.errors.types import Action, Fixed, Mute, Resolve
from vedette.projects import service as projects

_RELEASES = 200
_HOUR = 3_600.0


def known_of(found: Sequence[Stored], action: Action, now: float) -> dict[int, Known]:
    """Return by issue what deciding an act needs; empty for acts that need nothing."""
    if isinstance(action, Mute) and action.escalating:
        return {issue: Known(usual=usual) for issue, usual in usuals([one.id for one in found], now).items()}
    if isinstance(action, Resolve) and action.fixed in {Fixed.NEXT, Fixed.CURRENT}:
        newest = {project: newest_release(project) for project in {one.project for one in found}}
        return {one.id: Known(release=newest[one.project]) for one in found}
    return {}


def usuals(issues: Sequence[int], now: float) -> dict[int, int]:
    """Return the most events an hour that issues are used to."""
    hours = counting.hourly(issues, now - _HOUR, escalating.HOURS)
    begun = standing.first_seen(issues)
    last = int(now // 60) - 59
    return {
        one: escalating.usual(_since(hours[one], begun.get(one, now), now), counting.since_minute(one, last))
        for one in issues
    }


def _since(hours: Sequence[int], begun: float, now: float) -> Sequence[int]:
    """Return those of the whole hours before this one in which an issue was known."""
    lived = int(now // _HOUR) - int(begun // _HOUR)
    return hours[max(0, len(hours) - lived) :]


def newest_release(project: int) -> str:
    """Return the newest release of a project, of those events named last and those deployed last; "" without any."""
    seen = [Release(one.name, one.first_at) for one in projects.releases(project, _RELEASES)]
    out = [Release(one.version, one.finished) for one in deploys.deploys(project, n=_RELEASES).deploys]
    return releasing.newest([*seen, *out])


def releases() -> Callable[[int, str], Release]:
    """Return what tells of a release of a project when it was first deployed or named; it asks once for each."""

    @functools.cache
    def seen(project: int, name: str) -> Release:
        found = projects.release(project, name)
        known = (found.first_at if found else None, deploys.first(project, name))
        return Release(name, min((at for at in known if at is not None), default=None))

    return seen
