"""The role that watches infrastructure: what waits is carried out, what is due is read, one process does it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.watched_shop import Watched, watched

from vedette.app.infrastructure import NAME, Watching
from vedette.deploy import service
from vedette.deploy.types import Deed, RunState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Watched]:
    with watched(tmp_path) as made:
        yield made


def test_a_project_is_read_then_what_was_asked_is_done(shop: Watched) -> None:
    role = Watching(shop.ports)
    shop.connect()
    role.step()
    assert service.project("shop").read_at is not None
    shop.ask(Deed.PLAN)
    role.step()
    (run,) = service.runs().items
    assert (run.state, run.sentence[:16]) == (RunState.DONE, "shop: 4 to make;")
    role.drain()


def test_who_does_not_hold_the_lease_does_nothing(shop: Watched) -> None:
    assert shop.ports.lease.acquire(NAME, 60, shop.now) is not None
    shop.connect()
    shop.ports.bus.wake("deploy")
    role = Watching(shop.ports)
    role.step()
    assert service.project("shop").read_at is None


def test_a_role_that_was_stopped_leaves_a_run_for_the_next_start(shop: Watched) -> None:
    shop.place.fake.pace = 1
    shop.connect()
    shop.look()
    shop.ask(Deed.APPLY)
    role = Watching(shop.ports)
    role.stop()
    role.step()
    role.drain()
    assert service.runs().items[0].state is RunState.RUNNING
