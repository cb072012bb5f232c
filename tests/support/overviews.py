"""States of the Overview, made by hand: what the rooms would report on a usual, a bad, a blind and a first day."""

import msgspec

from vedette.errors.types import Issue, Level, State, Status
from vedette.errors.types import Overview as Errors
from vedette.projects.types import Project
from vedette.web.health import Vitals
from vedette.web.types import Facts

NOW = 1_764_040_000.0
DAY = 86_400.0
START = NOW - NOW % 1800 + 1800 - DAY
USUAL = tuple(1100 + (i * 37) % 180 for i in range(48))
CHECKOUT = Project(id=1, slug="checkout", name="checkout", platform="django", created_at=NOW - 90 * DAY)
SHOP = Project(id=2, slug="shop", name="shop", platform="react", created_at=NOW - 60 * DAY)


def issue(number: int, title: str, **changes: object) -> Issue:
    kind = title.partition(":")[0]
    made = Issue(
        id=number, short_id=f"CHECKOUT-{number}", project=1, project_slug="checkout", project_name="checkout", status=Status.OPEN,
        state=State.ONGOING, level=Level.ERROR, title=title, kind=kind, message=title.partition(": ")[2], culprit="checkout.services.payment",
        platform="python", logger="", handled=False, first_seen=NOW - 40 * DAY, last_seen=NOW - 12 * number, events=1491 // number,
        users=318 // number, changed_at=NOW - 900,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


WORST = (
    issue(4, "IntegrityError: duplicate key value violates unique constraint", state=State.REGRESSED),
    issue(7, "ReadTimeout: api.stock.reserve did not answer in 2 s", state=State.NEW, first_seen=NOW - 7000),
    issue(9, "TypeError: cannot read properties of undefined (reading 'price')", project=2, project_slug="shop", project_name="shop", culprit="cart.tsx in total"),
    issue(12, "Declined: card_declined", culprit="capture_payment"),
    issue(31, "OperationalError: deadlock detected", culprit="orders.models.save", assignee=1),
)  # fmt: skip


def errors(**changes: object) -> Errors:
    usual = Errors(
        open=14, new=0, regressed=0, last_hour=2300, usual_hour=2300.0, hours=(2300,) * 24,
        worst=WORST[2:], busiest=((WORST[2], 38), (WORST[3], 22)),
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changes)


def facts(**changes: object) -> Facts:
    """Return a usual day; `changes` make it another."""
    usual = Facts(
        now=NOW, errors=errors(), start=START, halves=USUAL, minutes=(38,) * 10, projects=(CHECKOUT, SHOP),
        hours={1: (900,) * 24, 2: (1300,) * 24}, has_events=True, channels=2, failing=(),
        vitals=Vitals(last_event_at=NOW - 3, usual_per_hour=2300.0, free_bytes=41_000_000_000, min_free_bytes=268_435_456),
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changes)


def failing() -> Facts:
    """Return a day on which errors rose to six times the usual half an hour ago."""
    found = errors(new=1, regressed=1, open=16, worst=WORST, busiest=((WORST[0], 1491), (WORST[1], 212)))
    halves = (*USUAL[:46], 4200, 7100)
    return facts(
        errors=found, halves=halves, minutes=(238,) * 10, hours={1: (900,) * 23 + (5200,), 2: (1300,) * 24}
    )


def attention() -> Facts:
    """Return a day with something new at the usual rate."""
    return facts(errors=errors(new=2, regressed=1, worst=WORST))


def blind() -> Facts:
    """Return a day on which nothing has come for 17 minutes although much usually comes."""
    vitals = msgspec.structs.replace(facts().vitals, last_event_at=NOW - 1050)
    return facts(vitals=vitals, minutes=(0,) * 10)


def first_day() -> Facts:
    """Return the day on which Vedette was installed."""
    nothing = Errors(
        open=0, new=0, regressed=0, last_hour=0, usual_hour=0.0, hours=(0,) * 24, worst=(), busiest=()
    )
    vitals = Vitals(free_bytes=41_000_000_000, min_free_bytes=268_435_456)
    return Facts(
        now=NOW, errors=nothing, start=START, halves=(0,) * 48, minutes=(0,) * 10, projects=(), hours={}, has_events=False, channels=0,
        failing=(), vitals=vitals,
    )  # fmt: skip


STATES = {"fine": facts, "failing": failing, "attention": attention, "blind": blind, "first": first_day}
