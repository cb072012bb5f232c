"""The words of the Overview: what the rooms report, and what the page shows of it."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.backups.types import Summary
from vedette.deploy.types import Trouble
from vedette.errors.types import Issue
from vedette.errors.types import Overview as Errors
from vedette.incidents.types import Incident
from vedette.monitors.types import Glance
from vedette.notify.types import ChannelRef
from vedette.projects.types import Project
from vedette.scans.types import Verdict as Said
from vedette.scans.types import Week
from vedette.ui.charts import Mark
from vedette.web.health import Health, Vitals
from vedette.web.verdict import Verdict


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the rooms report at `now`.

    `halves` are the events of the last 24 hours by half hours from `start` on; `minutes` those of the last
    minutes, one a minute; `hours` by project id those of the last 24 hours by the hour. `marks` are the deploys and
    the notices in that chart. `incidents` are open, the worst first. `monitors` are the worst ones, `states` counts all by their state.
    `findings` are what is said of weaknesses and which must be fixed within seven days, None for who may not read them, or where nothing is scanned.
    `backups` is None where there is no plan, or for who may not know of them. `infrastructure` are projects that want a look.
    """

    now: float
    errors: Errors
    start: float
    halves: Sequence[int]
    minutes: Sequence[int]
    projects: Sequence[Project]
    hours: Mapping[int, Sequence[int]]
    has_events: bool
    channels: int
    failing: Sequence[ChannelRef]
    vitals: Vitals
    marks: Sequence[Mark] = ()
    incidents: Sequence[Incident] = ()
    monitors: Sequence[Glance] = ()
    states: Mapping[str, int] = {}
    findings: tuple[Said, Week] | None = None
    backups: Summary | None = None
    infrastructure: Sequence[Trouble] = ()


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A number of the Overview with its normal beside it."""

    icon: str
    label: str
    value: str
    small: str = ""
    tone: str = ""
    href: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An issue on the Overview, with its state in a word and a tone."""

    issue: Issue
    tone: str
    word: str
    hour: int = 0


class MonitorLine(msgspec.Struct, frozen=True, kw_only=True):
    """A monitor on the Overview, with its state in a word and a tone, and why it is in trouble."""

    glance: Glance
    tone: str
    word: str
    said: str = ""


class IncidentLine(msgspec.Struct, frozen=True, kw_only=True):
    """An open incident on the Overview, with its state in a word and a tone."""

    incident: Incident
    tone: str
    word: str


class FindingLine(msgspec.Struct, frozen=True, kw_only=True):
    """A finding on the Overview: how bad it is in a word and a tone, and whether it should be fixed already."""

    href: str
    name: str
    tone: str
    word: str
    due_at: float | None
    late: bool


class FindingsCard(msgspec.Struct, frozen=True, kw_only=True):
    """What must be fixed this week, or is not known: the sentence, what is said beside it, and the worst."""

    sentence: str
    text: str
    lines: Sequence[FindingLine]


class ProjectLine(msgspec.Struct, frozen=True, kw_only=True):
    """A project on the Overview: its last 24 hours by the hour, and how that is."""

    project: Project
    counts: Sequence[int]
    total: int
    tone: str
    word: str


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for someone, with the page where it is dealt with."""

    icon: str
    title: str
    text: str
    href: str
    verb: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the Overview shows. The chart is errors a minute in steps of `step` seconds from `start` on."""

    verdict: Verdict
    health: Health
    tiles: Sequence[Tile]
    sentence: str
    per_minute: Sequence[float]
    start: float
    step: float
    threshold: float | None
    hot: int | None
    worst: Sequence[Line]
    projects: Sequence[ProjectLine]
    waiting: Sequence[Waiting]
    vitals: Sequence[tuple[str, str]]
    marks: Sequence[Mark] = ()
    monitors: Sequence[MonitorLine] = ()
    incidents: Sequence[IncidentLine] = ()
    findings: FindingsCard | None = None
