"""The door of hooks: who may send, what is answered, and that nothing of a body is taken unless all of it can be."""

from typing import Any

import msgspec
import pytest
from tests.support.door import PUBLIC, Door, Reply

from vedette.core import ids
from vedette.core.errors import Forbidden, Unauthenticated
from vedette.intake import paths
from vedette.intake.limits import Limits
from vedette.intake.ports import Hook
from vedette.wire import alertmanager, delivery
from vedette.wire.alertmanager import PushedAlert
from vedette.wire.hooks import mapping
from vedette.wire.hooks.mapping import AlertMapping

SECRET, TOKEN = "vdh_right", "vdt_good"
SHAPE = mapping.shape(
    AlertMapping(alerts="alerts", labels={"alertname": "{name}"}, state="{state?}", states={"": "firing", "test": "ignore"})
)  # fmt: skip


class Tokens:
    """A desk that knows one token, and one that may only read."""

    async def sender(self, token: str, address: str) -> str:
        if token == "vdt_reader":
            raise Forbidden("This token's scope (read) does not include alert.write.")
        if token != TOKEN:
            raise Unauthenticated("The token is not known.")
        return "token 1"


class Book:
    """A book of hooks: `shop`, `quiet` (switched off), `bare` (without a secret)."""

    def __init__(self) -> None:
        digest = ids.hash_secret(SECRET)
        self.hooks = {
            "shop": Hook("shop", digest, SHAPE), "quiet": Hook("quiet", digest, SHAPE, active=False),
            "bare": Hook("bare", "", SHAPE),
        }  # fmt: skip
        self.told: list[tuple[str, bytes, str]] = []

    async def find(self, name: str) -> Hook | None:
        return self.hooks.get(name)

    def came(self, name: str, body: bytes, said: str, now: float) -> None:
        self.told.append((name, body, said))


class HooksDoor(Door):
    """A front door with hooks."""

    def __init__(self, **limits: int) -> None:
        self.book, self.woken = Book(), 0
        super().__init__(Limits(**limits), tokens=Tokens(), hooks=self.book, on_alerts=self._wake)  # type: ignore[arg-type]

    def _wake(self) -> None:
        self.woken += 1

    def tell(
        self, body: object, name: str = "shop", secret: str = SECRET, query: str = "", **options: Any
    ) -> Reply:
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return self.post(raw, path=f"/api/hooks/alerts/{name}", auth=None, headers=headers, query=query, **options)  # fmt: skip

    def taken(self) -> list[PushedAlert]:
        messages = self.log.pull("alerts", 1_000, self.clock.now())
        self.log.ack("alerts", [message.seq for message in messages])
        found = [delivery.decode(message.body) for message in messages]
        return [alert for each in found for alert in alertmanager.decode(each.payload)]


def alerts(*names: str) -> dict[str, object]:
    return {"alerts": [{"name": name} for name in names]}


@pytest.mark.parametrize(("secret", "query"), [(SECRET, ""), (TOKEN, ""), ("", "x=1&token=vdh_right")])
def test_alerts_are_in_the_journal_before_the_answer(secret: str, query: str) -> None:
    door = HooksDoor()
    reply = door.tell(alerts("Down", "Slow"), secret=secret, query=query)
    assert (reply.status, reply.json) == (200, {"taken": 2, "ignored": 0, "detail": "2 alerts were taken."})
    found = door.taken()
    assert [(each.labels, each.hook) for each in found] == [({"alertname": "Down"}, "shop"), ({"alertname": "Slow"}, "shop")]  # fmt: skip
    assert door.woken == 1
    assert [(name, said) for name, _, said in door.book.told] == [("shop", "2 alerts were taken.")]


@pytest.mark.parametrize(
    ("name", "secret", "query", "status", "said"),
    [
        ("shop", "", "", 401, "Say who sends"),
        ("shop", "vdh_wrong", "", 401, "not the secret of a hook shop"),
        ("bare", "vdh_right", "", 401, "not the secret of a hook bare"),
        ("none", "vdh_right", "", 401, "not the secret of a hook none"),
        ("none", "", "", 401, "Say who sends"),
        ("none", TOKEN, "", 404, "There is no hook none"),
        ("quiet", SECRET, "", 404, "switched off"),
        ("shop", "vdt_reader", "", 403, "does not include alert.write"),
        ("shop", "vdt_gone", "", 401, "not known"),
        ("shop", PUBLIC, "", 401, "not known"),  # the key of a DSN stands in every page of the shop
        ("shop", "", "token=vdt_good", 401, "takes the hook's own secret alone"),
        ("shop", "", "token=", 401, "Say who sends"),
    ],
)  # fmt: skip
def test_who_may_not_is_told_and_nothing_is_kept(
    name: str, secret: str, query: str, status: int, said: str
) -> None:
    door = HooksDoor()
    reply = door.tell(alerts("Down"), name, secret, query)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert said in reply.json["detail"]
    assert ("www-authenticate" in reply.headers) is (status == 401)
    assert not door.taken()
    assert not door.book.told


def test_where_anything_is_wrong_nothing_is_taken_and_each_path_is_named() -> None:
    door = HooksDoor()
    reply = door.tell({"alerts": [{"name": "Down"}, {"nme": "x"}, {"name": "y", "state": "odd"}]})
    assert reply.status == 422
    assert [each["field"] for each in reply.json["errors"]] == ["2.labels.alertname", "3.states"]
    assert "Did you mean `nme`?" in reply.json["detail"]
    assert "Nothing was taken." in reply.json["detail"]
    assert not door.taken()
    assert door.woken == 0
    assert door.book.told[0][2].startswith("Refused. Nothing was taken.")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"), (b"a=b&c=d", "not JSON"), (b"[" * 70 + b"]" * 70, "nested"), (b"[" * 3_000, "nested"), ({"alarms": []}, "Nothing is at `alerts`"),
    ],
    ids=["empty", "form", "deep", "deeper", "other"],
)  # fmt: skip
def test_a_body_that_fits_nothing_says_so(body: object, said: str) -> None:
    door = HooksDoor()
    reply = door.tell(body)
    assert reply.status == 422
    assert said in reply.json["detail"]


def test_what_is_to_be_ignored_is_no_error() -> None:
    door = HooksDoor()
    reply = door.tell({"alerts": [{"state": "test"}]})
    assert (reply.status, reply.json["taken"], reply.json["ignored"]) == (200, 0, 1)
    assert reply.json["detail"] == "Nothing was taken: every alert in it is to be ignored."
    assert door.tell({"alerts": []}).json["detail"] == "Nothing was taken: its list of alerts is empty."
    assert door.woken == 0


def test_a_body_is_bounded_and_so_are_the_alerts_of_a_hook() -> None:
    door = HooksDoor(event=1_000, alerts_alive=2)
    assert door.tell({"alerts": [], "x": "y" * 2_000}).status == 413
    reply = door.tell(alerts("a", "b", "c"))
    assert (reply.status, reply.headers["retry-after"]) == (429, "30")
    assert "1 of 3 alerts were not taken" in reply.json["detail"]
    assert len(door.taken()) == 2
    assert door.intake.alerts.crowded(door.clock.now()) == 1


def test_the_door_takes_posts_to_names_alone() -> None:
    assert paths.match("/api/hooks/alerts/shop/") == paths.match("/api/hooks/alerts/shop")
    for path in (
        "/api/hooks/alerts/",
        "/api/hooks/alerts/Shop",
        "/api/hooks/alerts/a/b",
        "/api/hooks/alerts/-a",
    ):
        assert paths.match(path) is None
    assert HooksDoor().tell(alerts("x"), method="GET").status == 405
