"""RabbitMQ as it is; it takes a quarter of a minute to start, so this is no test of every day."""

from collections.abc import Iterator

import pytest
from tests.support import brokers
from tests.support.looking import look, trusting

pytestmark = [pytest.mark.deep, pytest.mark.timeout(200)]


@pytest.fixture(scope="module")
def rabbitmq() -> Iterator[tuple[int, int]]:
    with brokers.rabbitmq() as ports:
        yield ports


def test_rabbitmq_is_opened(rabbitmq: tuple[int, int]) -> None:
    plain, secure = rabbitmq
    for path in ("", "/", "/%2f"):
        found = look(f"amqp://shop.test:{plain}{path}", "[HEADER].product == RabbitMQ")
        assert found.ok, found.sentence
    queue = look(
        f"amqp://shop.test:{plain}", "[HEADER].messages == 0", "[HEADER].consumers < 1", queue="jobs"
    )
    assert (queue.ok, "jobs holds 0 messages for 0 consumers" in queue.sentence) == (True, True), (
        queue.sentence
    )
    tls = look(f"amqps://shop.test:{secure}", "[CERTIFICATE_EXPIRATION] > 24h", **trusting())
    assert tls.ok, tls.sentence


def test_what_rabbitmq_refuses(rabbitmq: tuple[int, int]) -> None:
    plain, secure = rabbitmq
    url = f"amqp://shop.test:{plain}"
    assert look(url, queue="nobody").code == "not-found"
    assert look(f"{url}/nowhere").code == "not-found"
    assert look(url, user="shut").code == "login-refused"
    wrong = look(url, password="planted-wrong")
    assert (wrong.code, "planted-wrong" in repr(wrong)) == ("login-refused", False)
    assert look(f"amqps://shop.test:{secure}").code == "tls-untrusted"
