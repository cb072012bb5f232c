"""SQL of what is carried out."""

from collections.abc import Collection, Sequence

import msgspec

from vedette.core.errors import NotFound
from vedette.deploy.models import RunRow
from vedette.deploy.types import Agreed, Deed, DeployRun, RunState, RunStep

_OPEN = (RunState.ASKED.value, RunState.RUNNING.value)


def get(number: str) -> DeployRun:
    """Return a run; raises `NotFound`."""
    row = RunRow.objects.filter(id=number).first()
    if row is None:
        raise NotFound("There is no such run.")
    return _run(row)


def add(run: DeployRun) -> None:
    """Insert a run that was asked for."""
    RunRow.objects.create(
        id=run.id, project=run.project, act=run.deed.value, by=run.by[:150], asked_at=run.asked_at, state=run.state.value,
        targets=list(run.targets), agreed=msgspec.to_builtins(run.agreed), unprotect=run.unprotect,
    )  # fmt: skip


def page(project: int | None, before: tuple[float, str] | None, n: int) -> list[DeployRun]:
    """Return runs (of a project), the one that was asked for last first, past (`asked_at`, id)."""
    rows = RunRow.objects.all() if project is None else RunRow.objects.filter(project=project)
    if before is not None:
        rows = rows.filter(asked_at__lte=before[0]).exclude(asked_at=before[0], id__gte=before[1])
    return [_run(row) for row in rows.order_by("-asked_at", "-id")[:n]]


def open_of(project: int) -> list[DeployRun]:
    """Return what waits or runs of a project, the oldest first."""
    return [_run(row) for row in RunRow.objects.filter(project=project, state__in=_OPEN).order_by("asked_at")]


def open_everywhere() -> list[DeployRun]:
    """Return what waits or runs of projects, the oldest first; what hosts are asked is theirs to do."""
    return [_run(row) for row in RunRow.objects.filter(project__gt=0, state__in=_OPEN).order_by("asked_at")]


def open_of_hosts() -> list[DeployRun]:
    """Return what hosts were asked and have not ended, the oldest first."""
    return open_of(0)


def last_ended(project: int, deeds: Collection[Deed], besides: str = "") -> DeployRun | None:
    """Return what ended last of a project, of some deeds."""
    rows = RunRow.objects.filter(project=project, act__in=[one.value for one in deeds]).exclude(id=besides)
    row = rows.exclude(ended_at=None).order_by("-ended_at", "-id").first()
    return None if row is None else _run(row)


def begin(number: str, now: float) -> None:
    """Note that a run is begun, or goes on."""
    rows = RunRow.objects.filter(id=number)
    rows.filter(began_at=None).update(began_at=now)
    rows.update(state=RunState.RUNNING.value, heard_at=now)


def add_steps(number: str, steps: Sequence[RunStep], now: float) -> None:
    """Append steps, in the caller's transaction."""
    row = RunRow.objects.filter(id=number).first()
    if row is not None:
        row.steps = [*row.steps, *msgspec.to_builtins(tuple(steps))]
        row.heard_at = now
        row.save(update_fields=["steps", "heard_at"])


def end(number: str, state: RunState, sentence: str, now: float) -> None:
    """Note how a run ended."""
    RunRow.objects.filter(id=number).update(
        state=state.value, sentence=sentence[:1000], ended_at=now, heard_at=now
    )


def drop_before(at: float) -> int:
    """Delete runs that ended before an instant; return how many."""
    return RunRow.objects.filter(ended_at__lt=at).delete()[0]


def _run(row: RunRow) -> DeployRun:
    return DeployRun(
        id=row.id, project=row.project, deed=Deed(row.act), by=row.by, asked_at=row.asked_at, state=RunState(row.state),
        began_at=row.began_at, heard_at=row.heard_at, ended_at=row.ended_at, sentence=row.sentence,
        steps=msgspec.convert(row.steps, tuple[RunStep, ...]), targets=tuple(row.targets),
        agreed=msgspec.convert(row.agreed, tuple[Agreed, ...]), unprotect=row.unprotect,
    )  # fmt: skip
