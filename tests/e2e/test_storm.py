"""Ten thousand alerts in a few seconds: one group, a handful of notices, and what is critical beside them is told at once."""

from collections.abc import Callable, Iterator

import pytest
from tests.support.alertmanager import install_routing, post
from tests.support.receiver import Receiver
from tests.support.server import Vedette

from vedette.alerts import matching
from vedette.alerts.routing import Route
from vedette.alerts.types import Receiver as Named
from vedette.alerts.types import Routing

pytestmark = pytest.mark.deep
MANY, A_REQUEST = 10_000, 200
PAGER = Route(matchers=matching.parse('severity="critical"'), receiver="pager")
TABLE = Routing(
    tree=Route(receiver="team", group_by=("alertname",), group_wait=0.2, group_interval=1.0, routes=(PAGER,)),
    receivers=(Named(name="team", channels=("team",)), Named(name="pager", channels=("pager",))),
    source="hand",
)


@pytest.fixture
def hooks() -> Iterator[dict[str, Receiver]]:
    made = {"team": Receiver(), "pager": Receiver()}
    yield made
    for each in made.values():
        each.close()


def test_a_storm(start_vedette: Callable[..., Vedette], hooks: dict[str, Receiver]) -> None:
    server = start_vedette()
    install_routing(server, TABLE, {name: each.url for name, each in hooks.items()})
    secret = server.project.key
    for at in range(0, MANY, A_REQUEST):
        post(server.url, [storm(n) for n in range(at, at + A_REQUEST)], secret)
        if at == MANY // 2:
            post(server.url, [{"labels": {"alertname": "DiskFull", "severity": "critical"}}], secret)
            server.wait(lambda: hooks["pager"].told, 10)
    server.wait(lambda: hooks["team"].told and told(hooks["team"])[-1] == MANY, 70)
    counts = told(hooks["team"])
    assert len(counts) <= 20, "ten a minute on their own, the rest in a bundle"
    assert {body["groupKey"] for _, body in hooks["team"].told} <= {'{}:{alertname="Storm"}', "bundle"}
    assert told(hooks["pager"]) == [1]


def storm(n: int) -> dict[str, object]:
    return {"labels": {"alertname": "Storm", "host": f"h{n}"}, "annotations": {"summary": "It storms"}}


def told(receiver: Receiver) -> list[int]:
    """Return how many alerts each notice told of."""
    return [len(body["alerts"]) + body["truncatedAlerts"] for _, body in receiver.told]
