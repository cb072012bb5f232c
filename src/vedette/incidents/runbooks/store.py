"""The only SQL of runbooks and of their steps in incidents."""

from collections.abc import Mapping, Sequence

import msgspec
from django.db import IntegrityError
from django.db.models import Count, Max

from vedette.alerts.types import Matchers
from vedette.core.errors import Conflict
from vedette.incidents.models import AttachedRow, IncidentRow, RuleRow, RunbookRow, StepRunRow
from vedette.incidents.runbooks import reading
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import Runbook, RunbookStep, RunbookStepKind, StepRun, StepState
from vedette.plumbing.db.faults import guarded
from vedette.plumbing.db.sql import transaction

ATTACHED = "runbook:attach:"  # how the source of the line begins that says that a runbook was attached
_MOST_ALERTS = 50
_TAKEN = "Another runbook has this short name; choose another."


Waiting = tuple[int, str, tuple[Mapping[str, str], ...]]
"""An incident (its number), the runbook its rule names (a slug, or empty), and the labels of its alerts."""


class _Body(msgspec.Struct, frozen=True):
    owner: int | None = None
    matchers: Matchers = ()


@guarded()
def every() -> tuple[Runbook, ...]:
    """Return every runbook by name."""
    return tuple(_runbook(row) for row in RunbookRow.objects.order_by("name", "id"))


@guarded()
def find(slug: str) -> Runbook | None:
    """Return the runbook of a slug."""
    row = RunbookRow.objects.filter(slug=slug).first()
    return _runbook(row) if row else None


@guarded()
def secret(slug: str) -> str:
    """Return the sealed secret of a runbook's webhooks, empty for none."""
    return RunbookRow.objects.filter(slug=slug).values_list("secrets", flat=True).first() or ""


@guarded()
def uses() -> Mapping[str, tuple[int, float]]:
    """Return for each runbook that was attached how often, and when the incident began that had it last."""
    found = StepRunRow.objects.filter(number=1).values("runbook").annotate(n=Count("id"), last=Max("incident__started_at"))  # fmt: skip
    return {row["runbook"]: (row["n"], row["last"]) for row in found}


def add(draft: RunbookDraft, sealed: str, now: float, source: str = "") -> Runbook:
    """Insert a runbook; raises `Conflict` for a slug that is taken."""
    try:
        with transaction():
            row = RunbookRow.objects.create(
                slug=draft.slug, name=draft.name, text=draft.text, body=_body(draft), secrets=sealed, updated_at=now,
                source=source,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_TAKEN) from None
    return _runbook(row)


def change(slug: str, draft: RunbookDraft, sealed: str | None, now: float, source: str = "") -> None:
    """Overwrite a runbook, its secret where there is a new one; raises `Conflict` for a slug that is taken."""
    new = {} if sealed is None else {"secrets": sealed}
    try:
        with transaction():
            RunbookRow.objects.filter(slug=slug).update(
                slug=draft.slug, name=draft.name, text=draft.text, body=_body(draft), updated_at=now,
                source=source, **new,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(_TAKEN) from None


def remove(slug: str) -> None:
    """Delete a runbook; its steps in incidents stay."""
    RunbookRow.objects.filter(slug=slug).delete()


def attach(incident: int, runbook: Runbook) -> bool:
    """Take a runbook's steps down for an incident, as they are now, with its secret; False when it had them already."""
    if StepRunRow.objects.filter(incident=incident, runbook=runbook.slug).exists():
        return False
    common = {"incident_id": incident, "runbook": runbook.slug, "secrets": secret(runbook.slug)}
    rows = [
        StepRunRow(number=number, step=msgspec.to_builtins(step), **common)
        for number, step in enumerate(runbook.steps, 1)
    ]
    StepRunRow.objects.bulk_create(rows, ignore_conflicts=True)
    return bool(runbook.steps)


def detach(incident: int, slug: str) -> int:
    """Take a runbook's steps away from an incident; return how many went."""
    return StepRunRow.objects.filter(incident=incident, runbook=slug).delete()[0]


@guarded()
def runs(incident: int) -> tuple[StepRun, ...]:
    """Return the steps of an incident in the order in which they were attached."""
    return tuple(_run(row) for row in StepRunRow.objects.filter(incident=incident).order_by("id"))


@guarded()
def run(incident: int, run_id: int) -> StepRun | None:
    """Return a step of an incident."""
    row = StepRunRow.objects.filter(incident=incident, pk=run_id).first()
    return _run(row) if row else None


@guarded()
def run_secret(run_id: int) -> str:
    """Return the sealed secret that signs what the webhook of a step is sent, empty for none."""
    return StepRunRow.objects.filter(pk=run_id).values_list("secrets", flat=True).first() or ""


@guarded()
def on_agents() -> tuple[StepRun, ...]:
    """Return the steps that run on hosts, the oldest first."""
    found = StepRunRow.objects.filter(state=StepState.RUNNING, step__kind=RunbookStepKind.AGENT).order_by(
        "id"
    )
    return tuple(_run(row) for row in found)


def set_state(before: StepRun, state: StepState, at: float | None, by: str, result: str = "") -> bool:
    """Let a step be in another state, unless somebody was faster; tell whether it is."""
    found = StepRunRow.objects.filter(pk=before.id, state=before.state, at=before.at)
    return bool(found.update(state=state, at=at, by=by, result=result))


@guarded()
def labels(incident: int) -> Mapping[str, str]:
    """Return the labels of an incident's first alerts as one; of two values the one that came first."""
    found = (
        AttachedRow.objects.filter(incident=incident)
        .order_by("starts", "id")
        .values_list("labels", flat=True)
    )
    return {name: value for each in reversed(found[:_MOST_ALERTS]) for name, value in each.items()}


@guarded()
def waiting(before: int | None, n: int) -> Sequence[Waiting]:
    """Return up to `n` open incidents older than `before` that never had a runbook, newest first.

    What was attached stands on the timeline: one that somebody took away does not come back by itself.
    """
    rows = list(
        IncidentRow.objects.filter(
            resolved_at=None, steprunrow=None, **({} if before is None else {"pk__lt": before})
        )
        .exclude(state="merged")
        .exclude(entryrow__source__startswith=ATTACHED)
        .order_by("-id")
        .values_list("id", "rule")[:n]
    )
    named = {row.pk: str(row.body.get("runbook", "")) for row in RuleRow.objects.filter(pk__in=[rule for _, rule in rows if rule])}  # fmt: skip
    labels: dict[int, list[Mapping[str, str]]] = {}
    for incident, found in AttachedRow.objects.filter(incident__in=[pk for pk, _ in rows]).values_list("incident", "labels")[: n * _MOST_ALERTS]:  # fmt: skip
        labels.setdefault(incident, []).append(found)
    return [(pk, named.get(rule or 0, ""), tuple(labels.get(pk, ()))) for pk, rule in rows]


def _body(draft: RunbookDraft) -> object:
    return msgspec.to_builtins(_Body(draft.owner, draft.matchers))


def _runbook(row: RunbookRow) -> Runbook:
    body = msgspec.convert(row.body, _Body)
    return Runbook(
        id=row.pk, slug=row.slug, name=row.name, text=row.text, steps=reading.steps(row.text), owner=body.owner,
        matchers=body.matchers, updated_at=row.updated_at, source=row.source,
    )  # fmt: skip


def _run(row: StepRunRow) -> StepRun:
    return StepRun(
        id=row.pk, incident=row.incident_id, runbook=row.runbook, number=row.number,
        step=msgspec.convert(row.step, RunbookStep), state=StepState(row.state), at=row.at, by=row.by, result=row.result,
    )  # fmt: skip
