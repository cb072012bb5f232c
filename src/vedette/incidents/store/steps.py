"""SQL of runbooks' steps where incidents are merged."""

from vedette.incidents.models import StepRunRow
from vedette.incidents.types import StepState


def running(incident: int, since: float) -> bool:
    """Tell whether a step of an incident runs that began after `since`."""
    return StepRunRow.objects.filter(incident=incident, state=StepState.RUNNING.value, at__gt=since).exists()


def move(source: int, incident: int) -> None:
    """Give the runbooks of an incident, with what was ticked, to another one; those it has already stay behind."""
    there = StepRunRow.objects.filter(incident=incident).values_list("runbook", flat=True).distinct()
    StepRunRow.objects.filter(incident=source).exclude(runbook__in=list(there)).update(incident=incident)
