"""How a page that became slower reads to a person: one alert that begins and ends."""

from vedette.signals.types import Moment, Severity, Signal, SignalState
from vedette.vitals import judging
from vedette.vitals.types import ROOM, PageVital, Rating, Vital

WORSE = "vitals.worse"
Place = tuple[int, str, Vital]


def link(slug: str) -> str:
    """Return the path of a project's page of vitals."""
    return f"/vitals/?project={slug}" if slug else "/vitals/"


def became_worse(one: PageVital, slug: str, now: float) -> Signal:
    """Return that a vital of a page is worse than the week before; high when it is poor now."""
    severity = Severity.HIGH if one.rating is Rating.POOR else Severity.LOW
    title = f"{one.vital.label} of {one.page} became worse: {judging.shown(one.vital, one.now.p75 or 0.0)}"
    return _signal(
        (one.project, one.page, one.vital),
        SignalState.FIRING,
        severity,
        title,
        one.reason,
        slug=slug,
        now=now,
    )


def is_over(place: Place, one: PageVital | None, slug: str, now: float) -> Signal:
    """Return that it is so no more; `one` is what it comes to now, None when no page load is known of."""
    reason = one.reason if one else "No page load was measured in the last 24 hours."
    title = f"{place[2].label} of {place[1]} is as it was"
    return _signal(place, SignalState.RESOLVED, Severity.LOW, title, reason, slug=slug, now=now)


def moment(told: Signal) -> Moment:
    """Return the line of the story about a signal."""
    return Moment(
        at=told.at,
        room=ROOM,
        kind=told.kind,
        subject=told.subject,
        text=told.title,
        link=told.link,
        project=told.project,
    )


def _signal(
    place: Place, state: SignalState, severity: Severity, title: str, text: str, *, slug: str, now: float
) -> Signal:
    project, page, vital = place
    return Signal(
        room=ROOM, kind=WORSE, subject=f"{vital.label} {page}", severity=severity, state=state, at=now, title=title,
        text=text, link=link(slug), project=project, labels={"page": page, "vital": vital.value},
    )  # fmt: skip
