"""The door of heartbeats: any client, any bytes, on disk before it is answered."""

import pytest
from tests.support.door import HEARTBEAT, HEARTBEAT_OF_1, Door

from vedette.intake.limits import Limits
from vedette.intake.pinging import KEPT
from vedette.wire import ping
from vedette.wire.ping import Pinged

PATH = f"/ping/{HEARTBEAT}"


def said(door: Door) -> Pinged:
    (found,) = door.deliveries("ping")
    return ping.decode(found.payload)


@pytest.mark.parametrize(
    ("end", "act", "code"),
    [("", "success", None), ("/start", "start", None), ("/fail", "fail", None), ("/log", "log", None),
     ("/0", "success", 0), ("/137", "fail", 137)],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_heartbeat_says_by_its_address_how_the_job_is(
    door: Door, method: str, end: str, act: str, code: int | None
) -> None:
    reply = door.post(b"", path=PATH + end, method=method, auth=None)
    assert (reply.status, reply.body) == (200, b"" if method == "HEAD" else b"OK")
    assert reply.headers["content-type"].startswith("text/plain")
    assert said(door) == Pinged(HEARTBEAT, act, code, "", method)


@pytest.mark.parametrize("sent", [b"\xff\xfe\x00 not UTF-8", "Größe: 5 GB".encode(), bytes(range(256)) * 4])
def test_a_body_of_any_bytes_is_kept(door: Door, sent: bytes) -> None:
    assert door.post(sent, path=PATH, auth=None).status == 200
    assert said(door).body == sent


def test_a_large_body_is_cut_and_the_heartbeat_counts(door: Door) -> None:
    reply = door.post([b"x" * 9_000, b"y" * 90_000], path=PATH, auth=None)
    assert (reply.status, reply.headers["ping-body-limit"]) == (200, "10000")
    assert said(door).body == b"x" * 9_000 + b"y" * (KEPT - 9_000)


def test_runs_that_overlap_are_told_apart_and_who_sent_is_known(door: Door) -> None:
    door.post(b"", path=f"{PATH}/start", query="rid=abc%20d&x=1", auth=None, headers={"user-agent": "curl/8"})
    (found,) = door.deliveries("ping")
    assert (ping.decode(found.payload).run, found.client, found.address) == (
        "abc d",
        "curl/8",
        "198.51.100.7",
    )
    assert found.received == door.clock.now()


def test_what_is_no_heartbeat_is_refused_in_words(door: Door) -> None:
    missing = door.post(b"", path="/ping/ffffffffffffffffffffffffffffffff", auth=None)
    assert (missing.status, "no such heartbeat" in missing.json["detail"]) == (404, True)
    wrong = door.post(b"", path=PATH, method="PUT", auth=None)
    assert (wrong.status, wrong.headers["allow"]) == (405, "GET, HEAD, POST")
    assert door.deliveries("ping") == []


def test_a_flood_of_one_heartbeat_is_bounded_and_keeps_no_other_out() -> None:
    door = Door(Limits(pings_per_minute=5))
    answers = [door.post(b"", path=PATH, auth=None).status for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2
    assert door.post(b"", path=f"/ping/{HEARTBEAT_OF_1}", auth=None).status == 200
    door.clock.forward(61)
    assert door.post(b"", path=PATH, auth=None).status == 200


def test_heartbeats_of_a_project_are_counted(door: Door) -> None:
    door.post(b"", path=f"/ping/{HEARTBEAT_OF_1}", auth=None)
    door.post(b"", path=PATH, auth=None)
    assert door.counts() == {("ping", "accepted"): 1}


def test_a_client_that_hangs_up_has_sent_nothing(door: Door) -> None:
    assert door.post([b"x", b"y"], path=PATH, auth=None, hang_up=True).status == 0
    assert door.deliveries("ping") == []
