"""What locations ask, for the document of the REST API. Requests with a location's token are answered before they come here
(`app/location_door`); to everybody else this is forbidden."""

from typing import Annotated, Any, NoReturn

from ninja import Field, Query, Router, Schema

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import Forbidden
from vedette.monitors.locations.types import MOST_RESULTS

router = Router(tags=["locations"])
_ALONE = "This is for `vedette probe`, with the token of a location."


class TaskOut(Schema):
    """A monitor that is checked: every `interval` seconds, `retry` seconds after a first failure, and what is asked, secrets too."""

    monitor: int
    kind: str
    interval: float
    retry: float
    request: dict[str, Any]


class ErrandsOut(Schema):
    """What changed since a revision. `whole`: what is not among `put` is checked no more; `more`: the next polls go on with it.

    `soon` are seconds by monitor.
    """

    revision: str
    name: str
    whole: bool
    more: bool
    put: list[TaskOut]
    drop: list[int]
    soon: dict[str, float]


class SightedIn(Schema):
    """What a check found: `at` in seconds by the location's clock, `reading` good, slow, bad or unknown."""

    monitor: int
    at: float
    reading: str
    cause: str = ""
    sentence: str = ""
    ms: float | None = None
    expires: float | None = None
    phases: Annotated[dict[str, float], Field(default_factory=dict)]
    evidence: dict[str, Any] | None = None


class BatchIn(Schema):
    """Findings, numbered by `origin` (32 hex digits) from `first` on; numbers that were taken before change nothing."""

    origin: Annotated[str, Field(min_length=32, max_length=32)]
    first: Annotated[int, Field(ge=1)]
    sent_at: float
    results: Annotated[list[SightedIn], Field(min_length=1, max_length=MOST_RESULTS)]
    version: str = ""
    lost: int = 0


class ReceiptOut(Schema):
    """Up to which number all is recorded, what is checked again early, and what was refused, and why."""

    taken: int
    soon: dict[str, float]
    refused: int
    detail: str
    skew: float


@router.get("/probe/orders", response=ErrandsOut, operation_id="get_probe_orders")
@needs(Verb.PROBE_RUN)
def get_probe_orders(
    request: Request,
    since: Annotated[str, Query(max_length=40, description="the revision that is known")] = "",
    version: Annotated[str, Query(max_length=40)] = "",
) -> NoReturn:
    """Wait for what is to be checked from a location, for 25 seconds at most; by its token, over HTTPS."""
    raise Forbidden(_ALONE)


@router.post("/probe/results", response=ReceiptOut, operation_id="send_probe_results")
@needs(Verb.PROBE_RUN)
def send_probe_results(request: Request, payload: BatchIn) -> NoReturn:
    """Record what a location found, each finding once."""
    raise Forbidden(_ALONE)
