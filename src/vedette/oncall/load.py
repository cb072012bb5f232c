"""What being on call cost whom, read from what is kept."""

from collections.abc import Mapping

from vedette.oncall import burdens, rotating, standing
from vedette.oncall.store import schedules as store
from vedette.oncall.types import Load


def load(start: float, end: float) -> Mapping[int, Load]:
    """Return what each person bore in a range: hours, nights, weekends, pages; by their ids."""
    found = [
        (shift, rota.schedule.zone)
        for rota in standing.rotas(store.every(), start, end)
        for shift in rotating.handovers(rotating.shifts(rota, start, end))
    ]
    return burdens.loads(found, store.pages(start, end))
