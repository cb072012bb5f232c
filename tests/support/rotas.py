"""Schedules for tests, and an independent reading of wall times: by stepping through every quarter of an hour."""

import datetime as dt
import itertools
import zoneinfo
from collections.abc import Sequence

from vedette.oncall.rotating import Rota
from vedette.oncall.types import Cover, Layer, RotationKind, Schedule, Span

MIRA, JONAS, ADA, LEO = 1, 2, 3, 4
QUARTER = 900.0
WORKDAYS = (0, 1, 2, 3, 4)
OFFICE = Span(days=WORKDAYS, start="08:30", end="17:30")


def rota(
    *layers: Layer, zone: str = "UTC", covers: Sequence[Cover] = (), active: frozenset[int] | None = None
) -> Rota:
    return Rota(schedule=Schedule(id=1, name="web", zone=zone, layers=layers), covers=covers, active=active)


def weekly(*people: int, **more: object) -> Layer:
    return Layer(name="weekly", people=tuple((one,) for one in people), **more)  # type: ignore[arg-type]


def daily(*people: int, **more: object) -> Layer:
    return weekly(*people, rotation=RotationKind.DAILY, **more)


def instant(wall: str, zone: str = "UTC", fold: int = 0) -> float:
    naive = dt.datetime.fromisoformat(wall)
    return naive.replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold).timestamp()


class Stepped:
    """The wall clock of a zone, read every quarter of an hour: which walls have come at an instant, and which come again."""

    def __init__(self, zone: str, start: float, end: float) -> None:
        known = zoneinfo.ZoneInfo(zone)
        begin = start - 4 * 86_400
        self.instants = [begin + n * QUARTER for n in range(int((end + 4 * 86_400 - begin) / QUARTER))]
        walls = [dt.datetime.fromtimestamp(at, known).replace(tzinfo=None) for at in self.instants]
        self.come = list(itertools.accumulate(walls, max))
        self.left = list(itertools.accumulate(reversed(walls), min))[::-1]
        self.places = [n for n, at in enumerate(self.instants) if start <= at < end]

    def turn(self, place: int, anchor: dt.datetime, length: dt.timedelta) -> int:
        return (self.come[place] - anchor) // length

    def holds(self, place: int, span: Span) -> bool:
        today = self.come[place].date()
        return any(
            self.come[place] >= starts and self.left[place] < ends
            for starts, ends in (walls_of(span, today + dt.timedelta(days=n)) for n in (-2, -1, 0, 1))
            if starts.weekday() in span.days
        )


def walls_of(span: Span, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    starts = dt.datetime.combine(day, dt.time.fromisoformat(span.start))
    last = day if span.end > span.start else day + dt.timedelta(days=1)
    return starts, dt.datetime.combine(last, dt.time.fromisoformat(span.end))
