"""A step that an agent does: ordered once on its host, ended by what that tells, and asked for where it is destructive."""

import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing
from tests.unit.incidents_learning.conftest import incident, person

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role, Scope
from vedette.core.errors import Conflict, Forbidden
from vedette.hosts import acting as hosts_acting
from vedette.hosts import service as hosts
from vedette.hosts.store import hosts as rows
from vedette.hosts.types import NobodyJudges
from vedette.incidents.models import EntryRow
from vedette.incidents.runbooks import acting, keeping, reading
from vedette.incidents.runbooks.types import RunbookDraft
from vedette.incidents.types import StepRun, StepState
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.agent.types import ActionReport, Offer

TEXT = """- [ ] Restart the shop
  agent: restart-shop on web1
- [ ] Drop the cache
  agent: drop-cache on web1 (destructive)
- [ ] Elsewhere
  agent: restart-shop on gone
"""


def prepared() -> tuple[int, tuple[StepRun, ...], int]:
    """Return an incident with the runbook, its steps, and the host that they are for."""
    keeping.create(SYSTEM, RunbookDraft(slug="shop", name="Shop", text=TEXT), NOW)
    number = incident()
    acting.attach(SYSTEM, number, "shop", NOW)
    web = rows.add("web1", b"k" * 32, "web1", "anna", NOW).id
    hosts_acting.take(web, [Offer(NOW, ("drop-cache", "restart-shop"))], NOW)
    return number, acting.attached(number)[0].steps, web


def tell(web: int, state: str, **more: object) -> None:
    (order,) = hosts.orders(web, "", NobodyJudges(), NOW).actions  # type: ignore[union-attr]
    hosts_acting.take(web, [ActionReport(at=NOW, id=order.id, state=state, **more)], NOW)  # type: ignore[arg-type]


def test_it_runs_and_its_end_ends_the_step(house: MemoryPorts) -> None:
    number, (restart, *_), web = prepared()
    mira = person("Mira")
    assert acting.run(mira, number, restart.id, NOW, sure=False).state is StepState.RUNNING
    with pytest.raises(Conflict, match="runs just now"):
        acting.run(mira, number, restart.id, NOW + 300, sure=False)
    assert acting.settle_actions(NOW + 1) == 0
    tell(web, "done", code=0, output="restarted")
    assert acting.settle_actions(NOW + 2) == 1
    done = acting.step(number, restart.id)
    assert (done.state, done.by, done.result) == (StepState.DONE, "Mira", "Exit status 0.\nrestarted")
    with pytest.raises(Conflict, match="by an agent"):
        acting.untick(mira, number, restart.id, NOW)
    line = EntryRow.objects.order_by("-id")[0]
    assert (line.text, line.by) == ("ran “Restart the shop”", "Mira")
    told = [(one.action, one.detail.get("action")) for one in accounts.audit_page(n=4).entries]
    assert ("incident.step.run", "restart-shop on web1") in told
    assert ("host.action", "restart-shop") in told
    assert not house.net.requests


def test_what_failed_and_who_is_away_can_be_tried_again(house: MemoryPorts) -> None:
    number, (restart, *_), web = prepared()
    acting.run(SYSTEM, number, restart.id, NOW, sure=False)
    tell(web, "failed", code=1, output="Unit shop.service not found.")
    acting.settle_actions(NOW + 2)
    failed = acting.step(number, restart.id)
    assert (failed.state, failed.result) == (StepState.FAILED, "Exit status 1.\nUnit shop.service not found.")
    acting.run(SYSTEM, number, restart.id, NOW + 10, sure=False)
    assert acting.settle_actions(NOW + 10 + 90) == 0
    assert acting.settle_actions(NOW + 10 + 91) == 1
    assert "as it was away" in acting.step(number, restart.id).result
    assert acting.run(SYSTEM, number, restart.id, NOW + 200, sure=False).state is StepState.RUNNING


def test_what_cannot_be_ordered_leaves_the_step_and_no_audit(house: MemoryPorts) -> None:
    number, (restart, drop, elsewhere), _ = prepared()
    before = accounts.audit_page(n=1).entries
    for step, said in ((drop, "sure"), (elsewhere, "There is no host gone")):
        with pytest.raises(Conflict, match=said):
            acting.run(SYSTEM, number, step.id, NOW, sure=False)
        assert acting.step(number, step.id).state is StepState.TODO
    with pytest.raises(Forbidden):
        acting.run(person("Ann", Role.VIEWER), number, restart.id, NOW, sure=True)
    assert accounts.audit_page(action="incident.step.").entries == ()
    assert before


def test_the_pages_ask_and_say_what_is_ordered(house: MemoryPorts, web: Client) -> None:
    number, (restart, drop, elsewhere), _ = prepared()
    base = f"/incidents/{number}/steps/"
    page = web.get(f"/incidents/{number}/").content.decode()
    assert "#server" in page
    asked = web.get(f"{base}{drop.id}/run/").content.decode()
    assert "drop-cache on web1" in asked
    assert "cannot be taken back" in asked
    assert "POST" not in asked.replace('method="post"', "")
    assert web.post(f"{base}{drop.id}/run/", {}).status_code == 200
    assert acting.step(number, drop.id).state is StepState.TODO
    said = web.post(f"{base}{drop.id}/run/", {"sure": "yes"}, follow=True).content.decode()
    assert "is ordered: drop-cache on web1" in said
    assert acting.step(number, drop.id).state is StepState.RUNNING
    assert "There is no host gone" in web.post(f"{base}{elsewhere.id}/run/", follow=True).content.decode()
    assert bearing(Scope.READ, NOW).post(f"{base}{restart.id}/run/").status_code == 403


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("restart-shop on web1", ("restart-shop", "web1")), ("a on my host 2", ("a", "my host 2")), ("restart on {host}", ("restart", "{host}")),
        ("Restart on web1", None), ("a b on web1", None), ("a on ", None), ("../x on web1", None), ("a on web/1", None), ("restart", None),
    ],
)  # fmt: skip
def test_what_a_step_names(target: str, found: tuple[str, str] | None) -> None:
    assert reading.action(target) == found
