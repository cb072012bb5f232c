"""From an event to an acknowledgement by the link of the notice, with a real server and a real receiver."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from tests.support.receiver import Receiver
from tests.support.server import Vedette


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def told_by_a_threshold(server: Vedette, receiver: Receiver) -> dict[str, str]:
    """Let an event cross a threshold; return the paths of the links of the notice, by kind."""
    channel = {"kind": "webhook", "name": "Ops", "config": {"url": receiver.url}, "default": False}
    status, made = server.api("POST", "/channels", channel)
    assert status == 201, made
    rule = {"name": "Any", "kind": "threshold", "count": 0, "minutes": 60, "channels": [made["id"]]}
    assert server.api("POST", "/rules", rule)[0] == 201
    server.send({"message": "wake somebody"})
    server.wait(lambda: receiver.told, 40)
    actions = receiver.told[0][1]["vedette"]["actions"]
    return {each["kind"]: urlsplit(each["url"]).path for each in actions}


@pytest.mark.timeout(90)
def test_an_event_is_told_and_acknowledged_by_the_link(start_vedette, receiver: Receiver) -> None:
    server = start_vedette()
    path = told_by_a_threshold(server, receiver)["acknowledge"]
    status, headers, page = server.request("GET", path)
    assert (status, headers["cache-control"]) == (200, "no-store")
    assert b"Acknowledge</button>" in page
    _, audit = server.api("GET", "/audit?action=alert.")
    assert audit["items"] == []
    status, _, answer = server.request("POST", path, headers={"Accept": "text/plain"})
    assert (status, answer) == (200, b"Acknowledged by Somebody, by Ops.\n")
    _, audit = server.api("GET", "/audit?action=alert.")
    assert [each["action"] for each in audit["items"]] == ["alert.acknowledge"]
    assert path.split("/")[2] not in server.output
