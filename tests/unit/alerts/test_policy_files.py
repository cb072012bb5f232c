"""Escalation policies in files: put in force before what names them, and gone with their file."""

from tests.support.people import person

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import service
from vedette.app import filing
from vedette.core.clock import ManualClock
from vedette.oncall import service as oncall
from vedette.plumbing.testing import MemoryPorts


def test_policies_of_files_come_before_the_rules_that_name_them(
    ports: MemoryPorts, clock: ManualClock, db: None
) -> None:
    anna = person("Anna Berg", clock.now())
    text = """
[[policy]]
name = "Night"
repeats = 1
[[policy.step]]
kind = "notify_users"
people = ["anna@shop.example"]
[[policy.step]]
kind = "wait"
minutes = 5
[[policy.step]]
kind = "notify_schedule"
schedule = "Web"

[[schedule]]
name = "Web"
[[schedule.layer]]
people = ["anna@shop.example"]

[[rule]]
name = "Down"
kind = "new_issue"
policy = "Night"

[[receiver]]
name = "DB"
policies = ["Night"]
"""
    files = [("a.toml", text)]
    planned = filing.plan(SYSTEM, files, clock.now())
    assert not planned.faults
    assert [change.what for change in planned.changes][:3] == ["schedule", "policy", "rule"]
    assert not oncall.policies()
    filing.apply(SYSTEM, files, clock.now())
    (made,) = oncall.policies()
    assert made.steps[0].users == (anna.id,)
    assert made.source == "a.toml"
    assert made.steps[2].schedule == oncall.schedules()[0].id
    assert next(rule for rule in service.rules() if rule.name == "Down").policy == made.id
    assert not filing.plan(SYSTEM, files, clock.now()).changes
    wrong = text.replace("minutes = 5", "minutes = 0").replace('policy = "Night"', 'policy = "Nigth"')
    told = [str(fault) for fault in filing.plan(SYSTEM, [("a.toml", wrong)], clock.now()).faults]
    assert any("Wait 1 to" in one for one in told)
    assert any("Did you mean 'Night'?" in one for one in told)
    filing.apply(SYSTEM, [("a.toml", "")], clock.now())
    assert not oncall.policies()
