"""The door of agents: who is nobody takes no room of hosts', keys that end do end, and every answer is signed."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.agents import DoorNet, enrolled, speaker
from tests.support.rooms import NOW

from vedette.accounts.permissions import SYSTEM
from vedette.app import agent_door
from vedette.core.errors import Forbidden
from vedette.hosts import service
from vedette.plumbing.seal import messages
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.wire.agent import batches, enrolling
from vedette.wire.agent.batches import ENROLL, ORDERS, REPORTS, Sheaf
from vedette.wire.agent.types import Happening

pytestmark = pytest.mark.django_db(transaction=True)


async def asks(net: DoorNet, key: SigningKey, path: str, body: bytes, receive: Any) -> int:
    """Ask with a body that comes as `receive` says, and return the status."""
    headers = messages.signed_request(key, "POST", path, body, NOW)
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": path, "query_string": b"", "scheme": "https",
        "headers": [(k.lower().encode(), v.encode()) for k, v in headers.items()], "client": ("203.0.113.9", 5),
    }  # fmt: skip
    said: list[int] = []

    async def send(message: Any) -> None:
        said.append(message.get("status", 0))

    await net.door(scope, receive, send)
    return said[0]


async def never() -> Any:
    await asyncio.Event().wait()


def test_the_body_of_a_stranger_is_not_waited_for(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    asked = asks(net, SigningKey(b"7" * 32), REPORTS, b"", never)
    assert asyncio.run_coroutine_threadsafe(asked, net.loop).result(10) == 401


def test_strangers_and_one_host_take_no_room_of_others(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    enrolled(net, tmp_path, "web2")
    slow = speaker(net, tmp_path).key
    late = [asks(net, SigningKey(b"7" * 32), ENROLL, b"", never) for _ in range(70)]
    late += [asks(net, slow, REPORTS, b"", never) for _ in range(70)]
    going = [asyncio.run_coroutine_threadsafe(one, net.loop) for one in late]
    sheaf = Sheaf(origin="a" * 32, first=1, sent_at=NOW, reports=(msgspec.Raw(batches.pack(Happening(at=NOW, kind="note", text="x"))),))  # fmt: skip
    assert speaker(net, tmp_path)("POST", REPORTS, batches.bundle(sheaf), 10).status == 503
    assert speaker(net, tmp_path, "web2")("POST", REPORTS, batches.bundle(sheaf), 10).status == 200
    assert sum(one.done() and one.result() == 503 for one in going) == 6 + 66
    for one in going:
        one.cancel()


def test_a_key_that_was_revoked_while_keys_were_read_is_not_taken(
    net: DoorNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(net, tmp_path)
    read = service.credentials

    def late() -> Any:
        found = read()
        monkeypatch.setattr(agent_door.hosts, "credentials", read)
        service.revoke(SYSTEM, service.find("web1"), NOW)
        net.door.refresh()
        return found

    net.door.refresh()
    monkeypatch.setattr(agent_door.hosts, "credentials", late)
    assert speaker(net, tmp_path)("GET", ORDERS, b"", 5).status == 401


def test_a_fault_of_ours_is_a_signed_answer(
    net: DoorNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(net, tmp_path)

    def fails(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(agent_door.hosts, "orders", fails)
    assert speaker(net, tmp_path)("GET", ORDERS, b"", 5).status == 500


def test_a_proof_in_other_letters_is_none(net: DoorNet, tmp_path: Path) -> None:
    token, _ = service.invite(SYSTEM, NOW)
    asked = enrolling.Enrolling(
        token=enrolling.id_of(enrolling.take_apart(token).secret), name="web1",
        key=enrolling.text_of(SigningKey(b"3" * 32).public), proof="\u00df" * 64,
    )  # fmt: skip
    with pytest.raises(Forbidden, match="proof does not fit"):
        service.enrol(asked, NOW)
