"""An action from the order to its end: over the real door and link, and what hosts tell that they were not asked."""

import math
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.agents import DoorNet, enrolled
from tests.support.rooms import NOW

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.agent.actions.actions import Actions
from vedette.agent.config import Action as Offered
from vedette.agent.config import Config
from vedette.agent.link.service import Link, Settings
from vedette.core.clock import ManualClock, monotonic
from vedette.core.errors import Conflict, Forbidden, NotFound
from vedette.hosts import acting, promising, service
from vedette.hosts.store import hosts
from vedette.hosts.types import Action, ActionState, NobodyJudges
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.agent.types import ActionReport, Offer

pytestmark = pytest.mark.django_db(transaction=True)
ABOUT = "incident:1:step:1"


def host(name: str, *offers: str) -> int:
    with transaction():
        made = hosts.add(name, name.encode() * 8, name, "anna", NOW).id
        acting.take(made, [Offer(NOW, offers)], NOW)
    return made


def tell(number: int, order: Action, state: str = "done", **more: object) -> None:
    report = ActionReport(at=NOW, id=order.id, state=state, **more)  # type: ignore[arg-type]
    with transaction():
        acting.take(number, [report], NOW + 5)


def last() -> Action:
    found = service.action(ABOUT)
    assert found is not None
    return found


def test_an_action_is_ordered_run_and_told(net: DoorNet, tmp_path: Path) -> None:
    enrolled(net, tmp_path)
    clock, folder = ManualClock(NOW), tmp_path / "web1"
    link = Link(Settings(state=folder, version="1.0"), clock, on_orders=lambda _: None, say=print, net=net)
    offered = {"hello": Offered(argv=(sys.executable, "-c", "print('hello')"))}
    actions = Actions(Config(state=folder, actions=offered), link, clock)
    link.on_orders = lambda orders: actions.order(orders.actions)
    thread = threading.Thread(target=actions.run)
    thread.start()
    link.start()
    ends = monotonic() + 30
    while not net.between(lambda: _ordered() is not None) and monotonic() < ends:
        thread.join(0.05)
    while net.between(last).state in {ActionState.ASKED, ActionState.RUNNING} and monotonic() < ends:
        thread.join(0.05)
    actions.stop()
    link.stop()
    net.loop.call_soon_threadsafe(net.door.end_polls)
    thread.join(5)
    found = net.between(last)
    assert (found.state, found.code, found.output) == (ActionState.DONE, 0, "hello")


def _ordered() -> Action | None:
    """Order it as soon as the host told that it offers it."""
    try:
        return service.order_action(SYSTEM, "web1", "hello", ABOUT, NOW)
    except Conflict:
        return None


def test_a_host_is_told_of_its_own_until_it_begins(house: MemoryPorts) -> None:
    web, db = host("web1", "restart", "drain"), host("db1", "restart")
    before = service.orders(web, "", NobodyJudges(), NOW)
    assert before is not None
    made = service.order_action(SYSTEM, "web1", "restart", ABOUT, NOW)
    told = service.orders(web, before.revision, NobodyJudges(), NOW)
    assert told is not None
    assert [(one.id, one.action, one.until) for one in told.actions] == [(made.id, "restart", NOW + 60)]
    assert told.whole
    assert service.orders(web, told.revision, NobodyJudges(), NOW) is None
    assert service.orders(db, "", NobodyJudges(), NOW).actions == ()  # type: ignore[union-attr]
    tell(db, made)
    assert last().state is ActionState.ASKED, "another host has no word in it"
    tell(web, made, "running")
    assert service.orders(web, "", NobodyJudges(), NOW).actions == ()  # type: ignore[union-attr]
    tell(web, made, code=0, output="fine")
    tell(web, made, "failed", why="no")
    assert (last().state, last().output, last().why) == (ActionState.DONE, "fine", ""), "the end is told once"
    assert [one.action for one in accounts.audit_page(action="host.action").entries] == ["host.action.end", "host.action"]  # fmt: skip


def test_what_cannot_be_ordered(house: MemoryPorts) -> None:
    host("web1", "restart", "../x", "drain"), host("db1")
    for name, action, said in (("web1", "../x", "does not offer"), ("web1", "rm", "it offers restart, drain"), ("db1", "restart", "offers no actions")):  # fmt: skip
        with pytest.raises(Conflict, match=said):
            service.order_action(SYSTEM, name, action, ABOUT, NOW)
    with pytest.raises(NotFound):
        service.order_action(SYSTEM, "no", "restart", ABOUT, NOW)
    viewer = Actor(kind=ActorKind.USER, id=1, name="x", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        service.order_action(viewer, "web1", "restart", ABOUT, NOW)
    service.order_action(SYSTEM, "web1", "restart", ABOUT, NOW)
    with pytest.raises(Conflict, match="already"):
        service.order_action(SYSTEM, "web1", "restart", ABOUT, NOW)
    service.revoke(SYSTEM, service.find("web1"), NOW)
    with pytest.raises(Conflict, match="revoked"):
        service.order_action(SYSTEM, "web1", "drain", ABOUT, NOW)


def test_a_host_that_is_away_fails_and_is_never_told_late(house: MemoryPorts) -> None:
    web = host("web1", "restart")
    made = service.order_action(SYSTEM, "web1", "restart", ABOUT, NOW)
    assert service.orders(web, "", NobodyJudges(), NOW + 60).actions == ()  # type: ignore[union-attr]
    assert service.end_actions(NOW + 90) == 0
    assert service.end_actions(NOW + 91) == 1
    assert "did not take it within 60 s" in last().why
    tell(web, made, code=0)
    assert last().state is ActionState.FAILED
    other = service.order_action(SYSTEM, "web1", "restart", ABOUT, NOW + 100)
    tell(web, other, "running")
    assert service.end_actions(NOW + 5 + 331) == 1
    assert "not known" in last().why
    service.order_action(SYSTEM, "web1", "restart", ABOUT, NOW + 900)
    service.remove(SYSTEM, service.find("web1"), NOW + 901)
    assert service.action(ABOUT) is None


WORDS = st.text(max_size=400)


@given(
    st.builds(
        ActionReport, at=st.floats(), id=WORDS, state=WORDS | st.sampled_from(["running", "done", "failed"]),
        code=st.none() | st.integers(), why=WORDS, output=st.text(max_size=2_000) | st.just("\x1b[2J" * 20_000),
    )
)  # fmt: skip
def test_whatever_a_host_writes_is_bounded_printable_and_no_success_by_word_alone(
    report: ActionReport,
) -> None:
    before = Action(id="a" * 32, host=1, name="x", about=ABOUT, by="", asked_at=NOW, until=NOW + 60)
    found = promising.after(before, report, NOW)
    assert (found.id, found.host, found.changed_at) == (before.id, 1, NOW)
    assert found.state is not ActionState.DONE or found.code == 0
    assert all(char.isprintable() or char == "\n" for char in found.output)
    assert found.why.isprintable()
    assert len(found.output) < 17_000
    assert len(found.why) <= 300
    assert found.code is None or math.isfinite(found.code)
    assert len(msgspec.json.encode(found)) < 300_000


@given(st.lists(WORDS | st.just("restart")).map(tuple))
def test_an_offer_is_names_each_once(names: tuple[str, ...]) -> None:
    found = promising.offered(Offer(NOW, names * 100))
    assert len(found) == len(set(found)) <= 50
    assert all(promising.NAME.fullmatch(name) for name in found)
