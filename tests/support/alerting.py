"""Alerts pushed by hand, routes that lead them, silences: what tests of the pages and of the reasons begin with."""

from collections.abc import Sequence

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import governing, processing, service
from vedette.alerts.becoming import Seen
from vedette.alerts.governing import SilenceDraft
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import parse
from vedette.alerts.routing import Route
from vedette.alerts.telling import Story
from vedette.alerts.types import Receiver, Routing, Standing
from vedette.core.clock import ManualClock
from vedette.signals.types import Severity, SignalState

TREE = Route(
    group_by=("cluster",),
    routes=(
        Route(matchers=parse("team=db"), receiver="databases", group_wait=10.0),
        Route(matchers=parse("team=web")),
    ),
)


def push(clock: ManualClock, name: str, *, over: bool = False, **labels: str) -> int:
    """Push an alert and return its id."""
    each = seen(clock, name, over=over, **labels)
    processing.push([each], clock.now())
    return next(
        alert.id
        for alert in (*service.firing().alerts, *service.past().alerts)
        if alert.title == each.story.title
    )


def seen(clock: ManualClock, name: str, *, over: bool = False, **labels: str) -> Seen:
    """Return an alert as it is pushed."""
    now, state = clock.now(), SignalState.RESOLVED if over else SignalState.FIRING
    standing = Standing(state=state, severity=Severity.HIGH, change=0, starts=now, ends=now + 1e6)
    story = Story(
        labels={"alertname": name, **labels}, annotations={}, seen=standing, title=f"{name} fires", text="",
        link="/alerts/", subject=name, project=None,
    )  # fmt: skip
    return Seen(story, (), "")


def lead(tree: Route = TREE, inhibitions: Sequence[Inhibition] = ()) -> None:
    receivers = (Receiver(name="databases", channels=("Hook",)),)
    table = Routing(tree=tree, receivers=receivers, inhibitions=tuple(inhibitions), source="hand")
    governing.save_routing(SYSTEM, table, 1.0)


def hush(clock: ManualClock, what: str) -> None:
    draft = SilenceDraft(matchers=parse(what), starts=clock.now(), ends=clock.now() + 3_600, comment="work")
    governing.add_silence(SYSTEM, draft, clock.now())
