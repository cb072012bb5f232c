"""What errors can be measured by: their events, also by environment and release, and which of these they named."""

from collections.abc import Callable, Mapping, Sequence

from vedette.errors import reading, shortid
from vedette.errors.origins import store as origins
from vedette.errors.origins.naming import MOST, NONE, OTHER
from vedette.errors.origins.store import Counted
from vedette.errors.store import counting, listing, summing
from vedette.errors.types import SERIES
from vedette.plumbing.db import sql
from vedette.projects import service as projects
from vedette.projects.types import Seen
from vedette.signals import service as signals
from vedette.signals.types import Series

Rows = Sequence[tuple[Mapping[str, str], float]]
_NAMED: Mapping[str, Callable[[int], Sequence[Seen]]] = {
    "release": lambda project: projects.releases(project, _MOST_NAMES),
    "environment": lambda project: projects.environments(project, _MOST_NAMES),
}
SEEN = "errors.seen"
BY_RELEASE = "errors.by_release"
_MOST_NAMES = 1_000


def register() -> None:
    """Enter the series of errors in the catalogue."""
    signals.register(
        Series(
            name=SERIES,
            unit="events",
            labels=("project", "issue", "level"),
            read=_read_events,
            totals=_total_events,
            fine=counting.MINUTES_KEPT * 60.0,
            about="Events received, by issue, by project (its id), and by the level their issue has now.",
        )
    )
    signals.register(
        Series(
            name=BY_RELEASE,
            unit="events",
            labels=("project", "environment", "release"),
            read=_read_origins,
            totals=_total_origins,
            fine=counting.MINUTES_KEPT * 60.0,
            about=f"Events received, by project (its id), environment and release: the {MOST} most frequent pairs of a"
            f" project, the rest as {OTHER.release}; {NONE} where an event names none.",
        )
    )
    signals.register(
        Series(
            name=SEEN,
            unit="names",
            labels=("project", *_NAMED),
            read=_read_seen,
            totals=_total_seen,
            about="Releases and environments that events named: each counts once from when it was first named to when last.",
        )
    )


def _read_origins(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    keys = [one.key for one in origins.all_counted() if _named(one).items() >= labels.items()]
    parts = [counting.buckets(part, start, end, step, origins.TABLES) for part in sql.batched(keys)]
    return [float(sum(column)) for column in zip(*parts, strict=True)] or _nothing(start, end, step)


def _total_origins(by: Sequence[str], labels: Mapping[str, str], start: float, end: float) -> Rows:
    sums = dict(summing.totals(start, end, origins.TABLES))
    found: dict[tuple[str, ...], float] = {}
    for one in origins.all_counted():
        named = _named(one)
        if one.key in sums and named.items() >= labels.items():
            key = tuple(named.get(name, "") for name in by)
            found[key] = found.get(key, 0.0) + sums[one.key]
    return [(dict(zip(by, key, strict=True)), n) for key, n in found.items()]


def _named(one: Counted) -> Mapping[str, str]:
    origin = one.origin
    return {"project": str(one.project), "environment": origin.environment, "release": origin.release}


def _nothing(start: float, end: float, step: float) -> Sequence[float]:
    return [0.0] * max(0, -int(-(end - start) // step))


def _read_events(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    return counting.buckets(_keys(labels), start, end, step)


def _keys(labels: Mapping[str, str]) -> Sequence[int]:
    """Return the keys under which what the labels name is counted."""
    if labels.get("issue"):
        return [reading.issue(labels["issue"]).id]
    project = _project(labels)
    if labels.get("level"):
        return summing.ids(project, labels["level"])
    named = [project] if project is not None else [one.id for one in projects.projects()]
    return counting.of_projects(named)


def _total_events(by: Sequence[str], labels: Mapping[str, str], start: float, end: float) -> Rows:
    rows = summing.totals(start, end)
    if {"issue", "level"} & {*by, *labels}:
        return _by_issue(by, labels, {key: n for key, n in rows if key > 0})
    only = _project(labels)
    sums = {-key: n for key, n in rows if key < 0 and only in {None, -key}}
    if "project" in by:
        return [({"project": str(project)}, n) for project, n in sums.items()]
    return [({}, sum(sums.values()))] if sums else []


def _by_issue(by: Sequence[str], labels: Mapping[str, str], sums: Mapping[int, float]) -> Rows:
    """Return the sums of issues; where the issue is not asked for, those of one set of labels are added up."""
    slugs = {project.id: project.slug for project in projects.projects()}
    levels = summing.levels(list(sums)) if "level" in {*by, *labels} else {}
    found: dict[tuple[str, ...], tuple[Mapping[str, str], float]] = {}
    for issue_id, project, number, title in listing.names(list(sums)):
        key = shortid.short_id(slugs.get(project, f"project-{project}"), number)
        named = {"project": str(project), "issue": key, "level": levels.get(issue_id, "")}
        if any(labels.get(name) not in {None, value} for name, value in named.items()):
            continue
        told = {"title": title, "link": f"/issues/{key}/"} if "issue" in by else {}
        asked = {name: named[name] for name in by if name in named}
        before = found.get(tuple(asked.values()), ({}, 0.0))[1]
        found[tuple(asked.values())] = ({**asked, **told}, before + sums[issue_id])
    return list(found.values())


def _read_seen(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    n = max(0, -int(-(end - start) // step))
    rows = _names([name for name in _NAMED if name in labels] or ["release"], labels)
    return [
        sum(seen.first_at < at + step and seen.last_at >= at for _, seen in rows)
        for at in (start + k * step for k in range(n))
    ]


def _total_seen(by: Sequence[str], labels: Mapping[str, str], start: float, end: float) -> Rows:
    kinds = [name for name in _NAMED if name in {*by, *labels}] or ["release"]
    found: dict[tuple[str, ...], tuple[Mapping[str, str], float]] = {}
    for named, seen in _names(kinds, labels):
        if seen.first_at < end and seen.last_at >= start:
            asked = {name: named.get(name, "") for name in by}
            found[tuple(asked.values())] = (asked, found.get(tuple(asked.values()), ({}, 0.0))[1] + 1.0)
    return list(found.values())


def _names(kinds: Sequence[str], labels: Mapping[str, str]) -> list[tuple[Mapping[str, str], Seen]]:
    """Return each name of these kinds with its labels, as far as the labels asked for agree."""
    only = _project(labels)
    found = [
        ({"project": str(project.id), kind: seen.name}, seen)
        for project in projects.projects()
        if only in {None, project.id}
        for kind in kinds
        for seen in _NAMED[kind](project.id)
    ]
    return [(named, seen) for named, seen in found if all(labels.get(k, v) == v for k, v in named.items())]


def _project(labels: Mapping[str, str]) -> int | None:
    project = labels.get("project", "")
    return int(project) if project.isdecimal() else None
