"""What the pages of deploys show: each version that went out, what came after it, and how much came before and after."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from vedette.alerts import service as alerts
from vedette.core.errors import NotFound
from vedette.deploys import service as deploys
from vedette.deploys import signal as reading
from vedette.deploys.types import Deploy, Rollout
from vedette.errors import service as errors
from vedette.errors.types import Issue
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.signals.types import Moment
from vedette.ui import charts, words

HOUR, DAY = 3_600.0, 86_400.0
MOST_ISSUES = 50
_NEW, _BACK = "issue.new", "issue.regressed"
_MOST_COUNTED = 200


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A rollout in the list, and how many issues were new or came back while it was the last one."""

    rollout: Rollout
    href: str
    by: str
    new: int
    back: int
    last: bool

    @property
    def what(self) -> str:
        """Say what came of it: `2 new issues, 1 came back`."""
        parts = [_issues(self.new, "new") if self.new else "", f"{self.back} came back" if self.back else ""]
        return ", ".join(part for part in parts if part) or "nothing new"


class Span(msgspec.Struct, frozen=True):
    """While a version was the last one out: from its beginning until the next (or now)."""

    start: float
    end: float
    is_last: bool


class Found(msgspec.Struct, frozen=True):
    """An issue that came up with a version: as it stands now, when, and whether it was new."""

    issue: Issue
    at: float
    is_new: bool


class Counts(msgspec.Struct, frozen=True):
    """Events of the project in equal times before and after a version went out."""

    before: int
    after: int
    seconds: float

    @property
    def sentence(self) -> str:
        """Say them: `312 events in the 14 min since, 40 in the 14 min before.`"""
        span = words.duration(self.seconds)
        return f"{words.number(self.after)} {_events(self.after)} in the {span} after, {words.number(self.before)} in the {span} before."


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of events and the deploys among them."""

    counts: Sequence[int]
    start: float
    step: float
    marks: Sequence[charts.Mark]
    sentence: str


def line(deploy: Deploy, project: Project, now: float) -> Line:
    """Return a deploy as a line of the list."""
    span = span_of(deploy, now)
    told = _told(project, span)
    return Line(
        rollout=deploys.rollout_of(deploy, project), href=reading.link(deploy.version, project.slug), by=deploy.by,
        new=sum(moment.kind == _NEW for moment in told), back=sum(moment.kind == _BACK for moment in told),
        last=span.is_last,
    )  # fmt: skip


def heard(project: Project) -> list[tuple[Rollout, str]]:
    """Return the versions of a project that events alone named, with their pages."""
    found = deploys.undeployed(project)
    return [(rollout, reading.link(rollout.version, project.slug)) for rollout in found]


def sentence(lines: Sequence[Line], now: float) -> str:
    """Return what the list opens with: `checkout 2026.11.24-3 went out 14 min ago; 2 new issues since.`"""
    if not lines:
        return "No deploy was told yet."
    first = lines[0]
    name = f"{first.rollout.slug} {first.rollout.version}"
    return f"{name} went out {words.ago(first.rollout.at, now)}; {first.what} since."


def span_of(deploy: Deploy, now: float) -> Span:
    """Return the time in which a deploy was the last one of its project (and environment)."""
    following = deploys.following(deploy)
    start = deploy.finished if deploy.started is None else deploy.started
    return Span(start, max(start, following.finished if following else now) + 1.0, following is None)


def found(project: Project, span: Span) -> list[Found]:
    """Return the issues that were first seen or came back in a span, open and loud ones first.

    Also those of another release: an old client may still send, and a row tells its release.
    """
    issues: dict[str, Found] = {}
    for moment in _told(project, span):
        if moment.subject in issues or len(issues) >= MOST_ISSUES:
            continue
        try:
            issue = errors.issue(moment.subject)
        except NotFound:
            continue
        issues[moment.subject] = Found(issue, moment.at, moment.kind == _NEW)
    return sorted(issues.values(), key=lambda one: (one.issue.status != "open", -one.issue.events))


def counts(project: Project, at: float, now: float) -> Counts:
    """Return the events before and after an instant, in equal times of a day at most, in whole minutes."""
    seconds = max(60.0, min(DAY, (now - at) // 60 * 60))
    before = errors.chart(None, at - seconds, at, 60.0, project.id)
    after = errors.chart(None, at, at + seconds, 60.0, project.id)
    return Counts(sum(before), sum(after), seconds)


def around(project: Project, at: float, now: float) -> Chart:
    """Return the events of the day around an instant by the half hour, with the deploys in it."""
    step = HOUR / 2
    end = min(now // step * step + step, at // step * step + DAY / 2)
    return _chart(project, end - DAY, step, 48, "the day around it")


def week(project: Project | None, now: float) -> Chart:
    """Return the events of the last seven days by three hours, with the deploys among them."""
    step = 3 * HOUR
    return _chart(project, now // step * step + step - 7 * DAY, step, 56, "the last seven days")


def query(project: Project, version: str) -> str:
    """Return the address of the issues with an event in a release."""
    quoted = version.replace("\\", "\\\\").replace('"', '\\"')
    return "/issues/?" + urlencode({"q": f'release:"{quoted}"', "project": project.slug})


def project_of(found: Sequence[Deploy], slug: str) -> Project | None:
    """Return the project a version's page is about: the one that is named, else that of the newest deploy."""
    if slug:
        return projects.project(slug)
    return projects.project(found[0].project) if found else None


def _chart(project: Project | None, start: float, step: float, n: int, span: str) -> Chart:
    named = project.id if project else None
    values = errors.chart(None, start, start + n * step, step, named)
    total = sum(values)
    said = f"{words.number(total)} {_events(total)} in {span}."
    end = start + n * step
    marks = (*deploys.marks(start, end, named), *alerts.marks(start, end, named))
    return Chart(counts=values, start=start, step=step, marks=marks, sentence=said)


def _told(project: Project, span: Span) -> list[Moment]:
    """Return the moments at which issues were new or came back in a span, newest first."""
    told: list[Moment] = []
    for kind in (_NEW, _BACK):
        told += signals.moments(
            span.start, span.end, project=project.id, room="errors", kind=kind, n=_MOST_COUNTED
        )
    return sorted(told, key=lambda moment: -moment.at)


def _issues(n: int, word: str) -> str:
    shown = f"{n} or more" if n >= _MOST_COUNTED else str(n)
    return f"{shown} {word} {'issue' if n == 1 else 'issues'}"


def _events(n: int) -> str:
    return "event" if n == 1 else "events"
