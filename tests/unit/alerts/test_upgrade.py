"""An installation from before there were groups: alerts are joined, and nobody is told again what they heard."""

import pytest
from tests.support.migrating import as_before

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service
from vedette.alerts.store import rules as rule_store
from vedette.alerts.types import RuleDraft, RuleKind
from vedette.core.clock import ManualClock
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts


@pytest.mark.django_db(transaction=True)
def test_what_was_told_before_there_were_groups_is_not_told_again(
    ports: MemoryPorts, clock: ManualClock
) -> None:
    hook = notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)
    one = service.create_rule(SYSTEM, RuleDraft(name="One", kind=RuleKind.SEVERITY), 1.0)
    two = service.create_rule(SYSTEM, RuleDraft(name="Two", kind=RuleKind.SEVERITY, channels=(hook.id,)), 1.0)
    with as_before("alerts", "0002_people") as apps:
        for rule, change in ((one.id, 1), (two.id, 2)):
            row = apps.get_model("alerts", "AlertRow").objects.create(
                rule_id=rule, rule_name="x", fingerprint="f" * 16, labels={"alertname": "check"}, annotations={},
                state="firing", severity="high", change=change, starts=clock.now() - 900, title="shop is down", text="",
                link="/", subject="shop", updated_at=clock.now() - 900 + change,
            )  # fmt: skip
            apps.get_model("alerts", "ToldRow").objects.create(
                alert=row,
                channel=hook.id,
                firing=[f"{'f' * 16}/1"],
                resolved=[],
                at=clock.now() - 800,
                times=1,
            )
    rule_store.set_mark("routed", 0)
    (alert,) = service.firing().alerts
    assert alert.rules == (two.id, one.id)
    for _ in range(4):
        service.process(clock.now())
        notify.deliver_due(clock.now())
        clock.forward(400)
    assert ports.net.requests == []
    for seconds in (20_000, 1):
        clock.forward(seconds)
        service.process(clock.now())
        notify.deliver_due(clock.now())
    assert len(ports.net.requests) == 2, "it lasts: each way reminds of it"
