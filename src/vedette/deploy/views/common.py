"""What every page of infrastructure begins with: the clock, the tabs, who may what, and rows of runs and changes."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, may
from vedette.deploy import hardening, service
from vedette.deploy.types import Act, Change, CloudProject, DeployRun, Line, Planned
from vedette.deploy.views import marks
from vedette.hosts import service as hosts
from vedette.plumbing.ports import ports

PAGE = "/infrastructure/"
_SECTIONS = (
    ("Projects", ""),
    ("Drift", "drift/"),
    ("Runs", "runs/"),
    ("Hardening", "hosts/"),
    ("Under attack", "attack/"),
)
_TOLD = frozenset({Act.REPLACE, Act.DELETE})  # why they are done is no matter of course
_SHOWN = 40  # differences of one change


class Chip(msgspec.Struct, frozen=True):
    """A link to a page or a way to narrow one: its word, where it leads, whether it is this one."""

    text: str
    href: str
    on: bool


class Owners(msgspec.Struct, frozen=True):
    """What projects and hosts are called, by their numbers: a run is of either."""

    projects: Mapping[int, str] = {}
    hosts: Mapping[int, str] = {}

    def of(self, run: DeployRun) -> tuple[str, str]:
        """Return of what a run is, and its page; nothing for what is gone."""
        host = hardening.host_of(run.targets)
        if host is not None:
            name = self.hosts.get(host, "")
            return name, f"{PAGE}hosts/{host}/" if name else ""
        name = self.projects.get(run.project, "")
        return name, page_of(run.project) if name else ""


class RunRow(msgspec.Struct, frozen=True):
    """A run as a list shows it: of what it is, with the page of that; `took` is in seconds."""

    one: DeployRun
    href: str
    kind: str
    whose: str
    page: str
    tone: str
    word: str
    took: float | None


NOBODY = Owners()  # where all are of what the page is about


class ChangeRow(msgspec.Struct, frozen=True):
    """A change of a plan as a page shows it; `more` differences are not shown."""

    name: str
    kind: str
    tone: str
    word: str
    reason: str
    monthly: str
    lines: Sequence[Line]
    more: int


class DangerRow(msgspec.Struct, frozen=True):
    """A danger of a change: what is done to what, and why to look twice."""

    tone: str
    word: str
    text: str
    act: str
    name: str


def now() -> float:
    """Return the instant of this request."""
    return ports().clock.now()


def page_of(number: int) -> str:
    """Return the page of a project."""
    return f"{PAGE}{number}/"


def sections(at: str) -> list[Chip]:
    """Return the pages beside each other; `at` is the path of this one below `/infrastructure/`."""
    return [Chip(text, f"{PAGE}{path}", path == at) for text, path in _SECTIONS]


def rights(request: Request) -> dict[str, object]:
    """Return what the templates of every page ask: where it is, and whether this member may have it looked at, say what should be, apply."""
    return {
        "here": request.get_full_path(), "may_look": may(request.actor, Verb.INFRA_LOOK).allowed,
        "may_write": may(request.actor, Verb.INFRA_WRITE).allowed, "may_apply": may(request.actor, Verb.INFRA_APPLY).allowed,
    }  # fmt: skip


def narrowed(request: Request) -> int | None:
    """Return the project that a list is narrowed to, by its number; None for all."""
    said = request.GET.get("project", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 16 else None


def names() -> Mapping[int, str]:
    """Return what projects are called, by their numbers."""
    return service.names()


def owners() -> Owners:
    """Return whose runs may be."""
    return Owners(service.names(), {one.id: one.name for one in hosts.every()})


def run_rows(found: Iterable[DeployRun], of: Owners = NOBODY) -> list[RunRow]:
    """Return runs as a list shows them, in the same order."""
    return [
        RunRow(
            one, f"{PAGE}runs/{one.id}/", marks.DEEDS[one.deed][0], *of.of(one), *marks.RUNS[one.state],
            None if one.ended_at is None else max(0.001, one.ended_at - (one.began_at or one.asked_at)),
        )
        for one in found
    ]  # fmt: skip


def plan(planned: Planned) -> dict[str, object]:
    """Return what the template of a plan shows: the dangers first, then every change."""
    return {
        "dangers": sorted(_dangers(planned), key=lambda each: each.tone != "crit"),
        "changes": [_change(each) for each in planned.changes], "currency": planned.currency,
        "notes": planned.notes, "foreign": [str(each) for each in planned.foreign],
    }  # fmt: skip


def needs_token(project: CloudProject) -> bool:
    """Tell whether nothing can be changed with the token that is here."""
    return not project.has_token or project.writes is False


def _change(one: Change) -> ChangeRow:
    tone, word = marks.ACTS[one.act]
    cost = one.monthly if one.monthly.startswith("-") else f"+{one.monthly}"
    return ChangeRow(
        one.ref.name, marks.called(one.ref.kind), tone, word, one.reason if one.act in _TOLD else "", "" if float(one.monthly) == 0 else cost, one.lines[:_SHOWN], max(0, len(one.lines) - _SHOWN)
    )  # fmt: skip


def _dangers(planned: Planned) -> list[DangerRow]:
    return [
        DangerRow(*marks.DANGERS[danger.kind], danger.text, marks.ACTS[change.act][1], str(change.ref))
        for change in planned.changes
        for danger in change.dangers
    ]
