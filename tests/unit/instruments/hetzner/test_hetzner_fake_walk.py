"""hcloud's own client passes through everything that the fake answers, and finds its shapes."""

from collections.abc import Iterator

import pytest
from tests.support.hetzner import Hetzner, hetzner
from tests.support.hetzner_walk import walk

from vedette.instruments.hetzner.fake import routing


@pytest.fixture(scope="module")
def walked() -> Iterator[Hetzner]:
    with hetzner(step=1) as here:
        walk(here.client())
        yield here


def test_every_path_is_walked(walked: Hetzner) -> None:
    routes = {handler: f"{method} {path}" for method, path, handler in routing.routes()}
    seen = {f"{call.method} {_template(call.method, call.path)}" for call in walked.asked()}
    assert set(routes.values()) - seen == set()


def _template(method: str, path: str) -> str:
    return next(
        template
        for wanted, template, _ in routing.routes()
        if wanted == method and routing.open_parts(template, path.strip("/").split("/")) is not None
    )


def test_nothing_is_left_behind(walked: Hetzner) -> None:
    state = walked.fake.state
    walked.clock.forward(60)
    walked.fake.settle()
    tables = (state.servers, state.volumes, state.primary_ips, state.networks, state.firewalls, state.zones)
    assert [len(table) for table in tables] == [0] * len(tables)
    assert {action.status for action in state.actions.values()} <= {"success", "error"}


def test_nothing_was_refused(walked: Hetzner) -> None:
    assert [one for one in walked.fake.asked if one.reply.status >= 400] == []
