"""REST resources of signals: the catalogue of series, and their values."""

import math
from typing import Annotated

from ninja import Path, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.clock import iso, parse_iso
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.ports import ports
from vedette.signals import service
from vedette.signals.types import Series

router = Router(tags=["series"])
MOST_VALUES = 5_000
_DAY = 86_400.0
_HOUR = 3_600.0


class SeriesOut(Schema):
    """A series of the catalogue: what it counts, its labels, and the shortest step (seconds) it tells apart."""

    name: str
    unit: str
    labels: list[str]
    finest: float
    about: str


class CatalogueOut(Schema):
    """Every series; `cursor` is always null, for there is one page."""

    items: list[SeriesOut]
    cursor: str | None = None


class ValuesOut(Schema):
    """The values of a series: one for each `step` seconds from `start` on."""

    name: str
    unit: str
    start: str
    step: float
    values: list[float]


@router.get("/series", response=CatalogueOut, operation_id="list_series")
@needs(Verb.ISSUE_READ)
def list_series(request: Request) -> CatalogueOut:
    """Return every series there is."""
    return CatalogueOut(items=[_series(each) for _, each in sorted(service.catalogue().items())])


@router.get("/series/{name}", response=ValuesOut, operation_id="get_series")
@needs(Verb.ISSUE_READ)
def get_series(
    request: Request,
    name: Annotated[str, Path(max_length=80)],
    *,
    start: Annotated[str, Query(max_length=40, description="ISO 8601; a day before the end without it")] = "",
    end: Annotated[str, Query(max_length=40, description="ISO 8601; now without it")] = "",
    step: Annotated[float, Query(ge=60, le=30 * _DAY, allow_inf_nan=False, description="seconds")] = _HOUR,
    label: Annotated[list[str], Query(max_length=20, description="name=value, any number of times")] = [],  # noqa: B006
) -> ValuesOut:
    """Return the values of a series, for the labels that are named."""
    series = service.catalogue().get(name)
    if series is None:
        raise NotFound(f"There is no series {name!r}; GET /api/v1/series lists them.")
    step = max(step, series.finest)
    until = _instant(end, "end", ports().clock.now())
    since = math.floor(_instant(start, "start", until - _DAY) / step) * step
    if not 0 < (until - since) / step <= MOST_VALUES:
        raise Invalid("The time is wrong.", {"start": f"1 to {MOST_VALUES} steps before the end."})
    values = series.read(_labels(label, series), since, until, step)
    return ValuesOut(name=name, unit=series.unit, start=iso(since), step=step, values=list(values))


def _series(each: Series) -> SeriesOut:
    return SeriesOut(
        name=each.name, unit=each.unit, labels=list(each.labels), finest=each.finest, about=each.about
    )


def _instant(text: str, field: str, otherwise: float) -> float:
    try:
        return parse_iso(text) if text else otherwise
    except (ValueError, OverflowError):
        raise Invalid("The time is wrong.", {field: "Write it as 2026-11-24T02:14:00Z."}) from None


def _labels(given: list[str], series: Series) -> dict[str, str]:
    """Return the labels that are asked for; raises `Invalid` for one the series does not have."""
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or name not in series.labels:
            told = f"{each!r}: write name=value with one of {', '.join(series.labels)}."
            raise Invalid("The label is wrong.", {"label": told})
        found[name] = value
    return found
