"""The door of pushed alerts: who may, what is answered, and that nobody can crowd others out."""

import base64
from typing import Any

import msgspec
import pytest
from tests.support.door import OTHER_PUBLIC, PUBLIC, Door, Reply

from vedette.core.errors import Forbidden, Unauthenticated
from vedette.intake.limits import Limits
from vedette.wire import alertmanager, delivery
from vedette.wire.alertmanager import PushedAlert

TOKEN = "vdt_good"


class Tokens:
    """A desk that knows one token, and one that may only read."""

    async def sender(self, token: str, address: str) -> str:
        if token == "vdt_reader":
            raise Forbidden("This token's scope (read) does not include alert.write.")
        if token != TOKEN:
            raise Unauthenticated("The token is not known.")
        return "token 1"


class AlertsDoor(Door):
    """A front door whose journal keeps alerts."""

    def __init__(self, **limits: int) -> None:
        self.told = 0
        super().__init__(Limits(**limits), tokens=Tokens(), on_alerts=self._tell)  # type: ignore[arg-type]

    def _tell(self) -> None:
        self.told += 1

    def push(self, *labels: dict[str, str], secret: str = PUBLIC, how: str = "bearer", **more: Any) -> Reply:
        body = msgspec.json.encode([{"labels": each, **more} for each in labels])
        return self.post(body, path="/api/v2/alerts", auth=None, headers=authorization(secret, how))

    def taken(self) -> list[tuple[int, tuple[PushedAlert, ...]]]:
        messages = self.log.pull("alerts", 1_000, self.clock.now())
        self.log.ack("alerts", [message.seq for message in messages])
        found = [delivery.decode(message.body) for message in messages]
        return [(each.project, alertmanager.decode(each.payload)) for each in found]


def authorization(secret: str, how: str) -> dict[str, str]:
    json = {"Content-Type": "application/json; charset=utf-8"}
    if how == "none":
        return json
    if how == "bearer":
        return json | {"Authorization": f"Bearer {secret}"}
    return json | {"Authorization": "Basic " + base64.b64encode(f"anybody:{secret}".encode()).decode()}


@pytest.mark.parametrize("how", ["bearer", "basic"])
@pytest.mark.parametrize(("secret", "project"), [(PUBLIC, 1), (OTHER_PUBLIC, 2), (TOKEN, 0)])
def test_alerts_are_in_the_journal_before_the_answer(how: str, secret: str, project: int) -> None:
    door = AlertsDoor()
    reply = door.push({"alertname": "Down"}, secret=secret, how=how)
    assert (reply.status, reply.body) == (200, b"")
    [(found, [alert])] = door.taken()
    assert (found, alert.labels) == (project, {"alertname": "Down"})
    assert door.told == 1
    assert door.counts() == ({("alert", "accepted"): 1} if project else {})


@pytest.mark.parametrize(
    ("secret", "how", "status"),
    [("", "none", 401), ("", "bearer", 401), ("", "basic", 401), ("x" * 32, "basic", 401), ("vdt_reader", "bearer", 403)],
)  # fmt: skip
def test_who_may_not_is_told_and_nothing_is_kept(secret: str, how: str, status: int) -> None:
    door = AlertsDoor()
    reply = door.push({"alertname": "Down"}, secret=secret, how=how)
    assert reply.status == status
    assert ("www-authenticate" in reply.headers) is (status == 401)
    assert not door.taken()


def test_a_broken_basic_header_is_nobody() -> None:
    door = AlertsDoor()
    for value in ("Basic", "Basic %%%", "Basic /w==", "Digest x"):
        assert (
            door.post(
                b"[]", path="/api/v2/alerts", auth=None, headers={"Authorization": value}
            ).status
            == 401
        )  # fmt: skip


def test_a_revoked_key_may_not() -> None:
    door = AlertsDoor()
    door.keys.keys[PUBLIC] = msgspec.structs.replace(door.keys.keys[PUBLIC], active=False)
    assert door.push({"alertname": "Down"}).status == 401


def test_what_is_fit_is_kept_beside_what_is_not() -> None:
    door = AlertsDoor()
    reply = door.push({"alertname": "Down"}, {"bad-name": "x"})
    assert (reply.status, reply.json) == (400, 'invalid label set: invalid name "bad-name"')
    assert [alert.labels for _, alerts in door.taken() for alert in alerts] == [{"alertname": "Down"}]
    assert door.counts() == {("alert", "accepted"): 1, ("alert", "invalid"): 1}


def test_a_body_that_cannot_be_read_is_told_in_alertmanagers_shape() -> None:
    door = AlertsDoor()
    reply = door.post(b"{}", path="/api/v2/alerts", auth=None, headers=authorization(PUBLIC, "bearer"))
    assert (reply.status, reply.json["code"]) == (400, 400)
    assert "parsing alerts body" in reply.json["message"]


def test_many_alerts_are_several_deliveries() -> None:
    door = AlertsDoor()
    assert door.push(*({"n": str(n)} for n in range(450))).status == 200
    assert [len(alerts) for _, alerts in door.taken()] == [200, 200, 50]


def test_a_sender_with_too_many_alerts_alive_is_refused_and_hurts_nobody_else() -> None:
    door = AlertsDoor(alerts_alive=3)
    reply = door.push(*({"n": str(n)} for n in range(5)))
    assert reply.status == 429
    assert "max_alerts_per_key" in reply.json["detail"]
    assert "2 of 5 alerts were not taken" in reply.json["detail"]
    assert int(reply.headers["retry-after"]) > 0
    assert sum(len(alerts) for _, alerts in door.taken()) == 3
    assert door.push({"n": "0"}).status == 200, "what is alive goes on"
    assert door.push({"n": "9"}, secret=OTHER_PUBLIC).status == 200, "another key has room of its own"
    assert door.intake.alerts.crowded(door.clock.now()) == 1
    door.clock.forward(601)
    assert door.intake.alerts.crowded(door.clock.now()) == 0


def test_room_comes_back_when_alerts_are_over() -> None:
    door = AlertsDoor(alerts_alive=2)
    assert door.push({"n": "0"}, {"n": "1"}).status == 200
    assert door.push({"n": "2"}).status == 429
    assert door.push({"n": "0"}, endsAt="2020-01-01T00:00:00Z", startsAt="2020-01-01T00:00:00Z").status == 200
    assert door.push({"n": "2"}).status == 200
    door.clock.forward(301)
    assert door.push({"n": "3"}, {"n": "4"}).status == 200, "their end came by itself"


def test_a_sender_that_is_too_fast_waits() -> None:
    door = AlertsDoor(alerts_per_minute=5)
    assert door.push(*({"n": str(n)} for n in range(5))).status == 200
    reply = door.push({"n": "0"})
    assert reply.status == 429
    assert "max_alerts_per_minute" in reply.json["detail"]
    door.clock.forward(121)
    assert door.push({"n": "0"}).status == 200


def test_a_full_journal_is_told_and_nothing_is_lost_silently() -> None:
    door = AlertsDoor()
    door.log.close()
    assert door.push({"n": "0"}).status == 503


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_what_a_page_of_another_site_could_send_is_refused(kind: str) -> None:
    door = AlertsDoor()
    headers = {"Authorization": f"Bearer {PUBLIC}", "Content-Type": kind}
    assert (
        door.post(b'[{"labels":{"a":"b"}}]', path="/api/v2/alerts", auth=None, headers=headers).status == 415
    )
    assert not door.taken()
