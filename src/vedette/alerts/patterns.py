"""Finds the templates of what projects say: the messages of the issues that events came for.

Once a minute, of at most 200 issues; the message of an issue stands for all its events of that time, for grouping has
put those together that are alike. One transaction a source; a source keeps 1,000 templates, and when it began apart
from them: where there is more to say than that, the oldest template kept is always a young one.
"""

import math
from collections.abc import Mapping, Sequence

import msgspec

from vedette.alerts.detect import hours
from vedette.alerts.detect.templates import MOST_PATTERNS, Miner, Pattern, mine, recall
from vedette.alerts.store import rules as marks
from vedette.alerts.store import templates as store
from vedette.alerts.types import Template
from vedette.errors import service as errors
from vedette.errors.types import Spoken
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.signals.types import Series

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
NEW, EVENTS = "messages.new", "messages.events"
SOURCE = "errors"
MOST_ISSUES = 200
CATCH_UP = 10 * MINUTE
LEARNING = DAY  # of a source: at first every message is new
_MARK = "patterns"
_LABELS = ("project", "pattern")

Rows = Sequence[tuple[Mapping[str, str], float]]


def register() -> None:
    """Enter the series of templates in the catalogue."""
    signals.register(
        Series(
            name=NEW,
            unit="patterns",
            labels=_LABELS,
            read=_read_new,
            totals=_total_new,
            about="Patterns of messages of issues that were never seen before, by project (its id) and pattern; not in the first day.",
        )
    )
    signals.register(
        Series(
            name=EVENTS, unit="events", labels=_LABELS, read=_read_events, totals=_total_events, fine=0.0,
            about="Events by the pattern of their message, by the hour for a week, by project (its id) and pattern.",
        )
    )  # fmt: skip


def look(now: float) -> int:
    """Read what was said since the last look, and return how many new patterns there are."""
    end = math.floor(now / MINUTE) * MINUTE
    begun = float(marks.mark(_MARK)) or end - MINUTE
    if begun >= end:
        return 0
    with transaction():
        marks.set_mark(_MARK, int(end))
    said = errors.spoken(max(begun, end - CATCH_UP), end, MOST_ISSUES)
    by_project: dict[int, list[Spoken]] = {}
    for each in said:
        by_project.setdefault(each.project, []).append(each)
    return sum(_take(project, each, end - MINUTE) for project, each in by_project.items())


def forget_project(project: int) -> None:
    """Forget the templates of a project."""
    store.forget_project(project)
    marks.forget_mark(_begun(project))


def _take(project: int, said: Sequence[Spoken], at: float) -> int:
    miner, known = Miner(), dict[int, Template]()
    kept = store.of_source(project, SOURCE)[-MOST_PATTERNS:]
    for each in kept:
        known[recall(miner, each.pattern, each.count).number] = each
    touched: dict[int, Template] = {}
    for one in said:
        if one.message.strip():
            pattern = mine(miner, one.message)
            before = touched.get(pattern.number) or known.get(pattern.number)
            touched[pattern.number] = _counted(before, pattern, project, one, at)
    gone = [each.id for number, each in known.items() if number not in miner.patterns]
    with transaction():
        if not kept:
            marks.set_mark(_begun(project), int(at))
        store.forget(gone)
        store.save([each for number, each in touched.items() if number in miner.patterns])
    return sum(not each.id for each in touched.values())


def _begun(project: int) -> str:
    """Return the mark of when the first template of a project was found."""
    return f"{_MARK}.begun.{project}"


def _counted(before: Template | None, pattern: Pattern, project: int, said: Spoken, at: float) -> Template:
    found = before or Template(
        id=0,
        project=project,
        source=SOURCE,
        pattern="",
        first_seen=at,
        last_seen=at,
        example=said.message[:500],
    )
    return msgspec.structs.replace(
        found, pattern=pattern.text, last_seen=at, count=found.count + said.events,
        hours=hours.add(found.hours, at, said.events),
    )  # fmt: skip


def _total_new(by: Sequence[str], labels: Mapping[str, str], start: float, end: float) -> Rows:
    found = [each for each in store.since(start) if start <= each.first_seen < end]
    begun = {project: marks.mark(_begun(project)) for project in {each.project for each in found}}
    return _summed(by, labels, [(e, 1.0) for e in found if e.first_seen >= begun[e.project] + LEARNING])


def _total_events(by: Sequence[str], labels: Mapping[str, str], start: float, end: float) -> Rows:
    counted = [(each, float(hours.between(each.hours, start, end))) for each in store.since(start)]
    return _summed(by, labels, [(each, n) for each, n in counted if n])


def _summed(by: Sequence[str], labels: Mapping[str, str], found: Sequence[tuple[Template, float]]) -> Rows:
    rows: dict[tuple[str, ...], tuple[dict[str, str], float]] = {}
    for each, n in found:
        named = {"project": str(each.project), "pattern": str(each.id)}
        if named.items() >= labels.items():
            key = tuple(named.get(name, "") for name in by)
            told = {"title": each.pattern, "link": "/alerts/patterns/"} if "pattern" in by else {}
            before = rows[key][1] if key in rows else 0.0
            rows[key] = ({**dict(zip(by, key, strict=True)), **told}, before + n)
    return list(rows.values())


def _read_new(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    return [sum(n for _, n in _total_new((), labels, a, a + step)) for a in _starts(start, end, step)]


def _read_events(labels: Mapping[str, str], start: float, end: float, step: float) -> Sequence[float]:
    return [sum(n for _, n in _total_events((), labels, a, a + step)) for a in _starts(start, end, step)]


def _starts(start: float, end: float, step: float) -> list[float]:
    return [start + i * step for i in range(max(0, -int(-(end - start) // step)))]
