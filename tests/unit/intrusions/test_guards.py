"""What guards tell: counted over applications, simulated until somebody says otherwise, taken exactly once."""

import msgspec
import pytest
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.intrusions import guarding, service
from vedette.intrusions.service import Judges
from vedette.intrusions.types import KnowsNothing
from vedette.plumbing.log.port import Message
from vedette.projects import service as projects
from vedette.wire import delivery
from vedette.wire import guarding as told
from vedette.wire.delivery import Delivery

ATTACKER = "198.51.100.7"


def event(
    client: str = ATTACKER, kind: str = "sign-in", times: int = 1, logger: str = "vedette.guard"
) -> bytes:
    return msgspec.json.encode(
        {
            "logger": logger, "message": {"formatted": "A sign-in failed: POST /sign-in"}, "user": {"ip_address": client, "id": "ab"},
            "contexts": {"guard": {"kind": kind, "times": times, "first": NOW - 30, "last": NOW, "route": "/sign-in"}},
        }
    )  # fmt: skip


def messages(project: int, seq: int, n: int = 1, **more: object) -> list[Message]:
    payload = told.brief(event(**more))  # type: ignore[arg-type]
    assert payload
    one = Delivery(project=project, event_id="e", received=NOW, payload=payload)
    return [
        Message(seq=seq + k, subject="guard", body=delivery.encode(one), msg_id="", at=NOW) for k in range(n)
    ]


@pytest.mark.parametrize(
    "payload",
    [b"", b"vedette.guard", b'{"logger":"vedette.guard"}', event(logger="x vedette.guard"), event(client=""),
     b'{"logger":"vedette.guard","contexts":{"guard":' + b"[" * 100_000, event()[:-3]],
)  # fmt: skip
def test_what_is_no_report_is_left_out(payload: bytes) -> None:
    assert told.brief(payload) == b""


def test_a_report_holds_what_counts() -> None:
    one = told.read(told.brief(event("2001:db8::1\x1b", times=7)))
    assert (one.kind, one.times, one.route) == ("sign-in", 7, "/sign-in")


@pytest.mark.parametrize(
    ("failures", "is_one"),
    [({}, False), ({"a": 5}, False), ({"a": 29}, False), ({"a": 30}, True), ({"a": 20, "b": 9}, False),
     ({"a": 3, "b": 3, "c": 3}, True), ({"a": 2, "b": 2, "c": 2}, False)],
)  # fmt: skip
def test_who_guesses_everywhere_is_no_one_who_mistypes(failures: dict[str, int], is_one: bool) -> None:
    assert bool(guarding.stuffing(failures)) is is_one


@pytest.mark.django_db(transaction=True)
def test_stuffing_over_applications_is_simulated_then_banned(judges: Judges) -> None:
    made = [projects.create_project(SYSTEM, name, "python", NOW).id for name in ("shop", "blog", "wiki")]
    knows, seq = KnowsNothing(), 1
    for project in made:
        batch = messages(project, seq, times=4)
        assert service.digest(batch, NOW, knows) == 1
        assert service.digest(batch, NOW, knows) == 0, "once"
        seq += 1
    orders = judges.orders("a", "")
    assert orders is not None
    assert not orders.put
    [quiet] = service.simulated(NOW + 1, 60)
    assert (quiet.target.value, quiet.rule) == (ATTACKER, guarding.STUFFING)
    assert "12 failed sign-ins at 3 applications" in quiet.reason
    service.set_mode(SYSTEM, "guard", "enforce", NOW)
    service.digest(messages(made[0], seq, times=1), NOW, knows)
    orders = judges.orders("a", "")
    assert orders is not None
    assert [one.value for one in orders.put] == [ATTACKER]
    service.set_mode(SYSTEM, "guard", "off", NOW)
    before = len(service.detected(None, 100))
    service.digest(messages(made[0], seq + 1), NOW, knows)
    assert len(service.detected(None, 100)) == before
