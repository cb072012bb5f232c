"""`vedette up` while thousands of clients take their time: whoever asks meanwhile is answered within a second."""

import pytest
from tests.e2e.conftest import Start
from tests.support.server import Vedette
from tests.support.slow import Visitor, attack, idlers, require_quick

pytestmark = pytest.mark.xdist_group("slow")


@pytest.fixture(scope="module")
def server(start_vedette: Start) -> Vedette:
    return start_vedette()


@pytest.mark.deep
def test_ten_thousand_connections_that_say_nothing_keep_nobody_waiting(server: Vedette) -> None:
    with Visitor(f"{server.url}/sign-in/") as visitor, idlers(server.port, 10_000):
        visitor.stay(200)
    require_quick(visitor)


@pytest.mark.deep
@pytest.mark.parametrize(
    "options", [("-H", "-i", "5"), ("-B", "-i", "5", "-s", "100000")], ids=["headers", "body"]
)
def test_a_slow_attack_keeps_nobody_waiting(server: Vedette, options: tuple[str, ...]) -> None:
    with Visitor(f"{server.url}/sign-in/") as visitor:
        ended = attack(f"{server.url}/sign-in/", *options, connections=2000, seconds=12)
    assert ended["connected"] + ended["closed"] > 1800, ended
    require_quick(visitor)
