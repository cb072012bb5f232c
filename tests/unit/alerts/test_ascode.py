"""Rules, routes and silences as files: what is wrong is told by file and line, and all of it holds or nothing."""

import json
import tomllib
from pathlib import Path

import jsonschema
import msgspec
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.alerts import governing, service
from vedette.alerts.types import Params, Per, RuleDraft
from vedette.app import filing
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service as projects
from vedette.signals.types import Severity
from vedette.wire.ascode import changing, lengths, reading

GOOD = """
# Everything a file may hold.
[[rule]]
name = "Checkout errors"
kind = "threshold"
project = "shop"
matchers = 'issue=~"SHOP-.*"'
count = 50
minutes = 10
per = "issue"
hold = 5
severity = "critical"
channels = ["Mail"]

[[rule]]
name = "New release"
kind = "new_value"
series = "errors.seen"
label = "release"

[[route]]
matchers = 'team="db"'
receiver = "dba"
group_wait = "10s"
continue = true

[[route.route]]
matchers = 'severity="critical"'
repeat_interval = "1h30m"

[[route]]
matchers = 'team="web"'
group_by = [
  "alertname",
]

[[receiver]]
name = "dba"
channels = ["Mail"]

[[inhibit]]
source = 'severity="critical"'
target = 'severity="low"'
equal = ["project"]

[[silence]]
name = "Backups"
matchers = 'job="backup"'
days = ["sat", "sun"]
start = "02:00"
length = "2h"
zone = "Europe/Berlin"
"""

WRONG = {
    'name = "r"\nkind = ': "a.toml:2: This is no TOML: Invalid value.",
    '[[rule]]\nname = "r"\nkind = "severity"\nleest = "high"': "a.toml:4: [[rule]] has no `leest`; did you mean `least`?",
    "[[route]]\n\n[[route.route]]\nreceiver = 'Mail'\ngroup_wiat = '30s'": "a.toml:5: [[route]] has no `group_wiat`; did you mean `group_wait`?",
    "[[rules]]\nname = 'r'": "a.toml:1: A file has no `rules`; did you mean `rule`?",
    "[[rule]]\nname = 'r'": "a.toml:1: [[rule]]: Object missing required field `kind`.",
    "[[rule]]\nname = 'r'\nkind = 'severity'\nleast = 'awful'": "a.toml:4: `least`: Invalid enum value 'awful'.",
    "[[rule]]\nname = 'r'\nkind = 'threshold'\nminutes = '5'": "a.toml:4: `minutes`: Expected `int`, got `str`.",
    "[[rule]]\nname = 'r'\nkind = 'treshold'": "a.toml:3: There is no kind 'treshold'. Did you mean 'threshold'?",
    "[[rule]]\nname = 'r'\nkind = 'threshold'\ncount = -1": "a.toml:4: A number, 0 or more.",
    "[[rule]]\nname = 'r'\nkind = 'new_issue'\nchannels = [\n  'Mial',\n]": "a.toml:4: There is no channel 'Mial'. Did you mean 'Mail'?",
    "[[rule]]\nname = 'r'\nkind = 'new_issue'\nproject = 'shopp'": "a.toml:4: There is no project 'shopp'. Did you mean 'shop'?",
    "[[rule]]\nname = 'r'\nkind = 'new_issue'\npeople = ['x@y.example']": "a.toml:4: There is no person with the address 'x@y.example'.",
    "[[rule]]\nname = 'r'\nkind = 'new_issue'\nmatchers = 'severity'": "a.toml:4: After 'severity' in 'severity' comes =, !=, =~ or !~, then a value: severity=\"…\".",
    "[[rule]]\nname = 'r'\nkind = 'new_issue'\n[[rule]]\nname = 'r'\nkind = 'regression'": "a.toml:5: There is another rule “r” in a.toml.",
    "[[route]]\n[[route]]\nmatchers = 'a=b'\n[[route.route]]\nreceiver = 'Mial'": "a.toml:4: There is no receiver 'Mial'. Did you mean 'Mail'?",
    "[[route]]\ngroup_interval = '0s'": "a.toml:1: group_interval and repeat_interval are longer than nothing.",
    "[[route]]\ngroup_wait = '30m1h'": "a.toml:2: '30m1h' is no length of time: write 30s, 5m, 1h30m or 1d, the longest first.",
    "[[receiver]]\nname = 'ops'\nchannels = ['Mial']": "a.toml:1: There is no channel 'Mial'. Did you mean 'Mail'?",
    "[[inhibit]]\nsource = 'a=b'\ntarget = ''": "a.toml:3: Say which alerts: at least one matcher.",
    "[[silence]]\nname = 's'\nmatchers = 'a=b'\nstart = '25:00'\nlength = '1h'": "a.toml:4: `start`: Expected `str` matching regex '^([01]\\\\d|2[0-3]):[0-5]\\\\d$'.",
    "[[silence]]\nname = 's'\nmatchers = 'a=b'\nstart = '02:00'\nlength = '1h'\nzone = 'Mars'": "a.toml:6: There is no time zone 'Mars'; write one like Europe/Berlin, or UTC.",
    "[[silence]]\nname = 's'\nmatchers = 'a=b'\nstart = '02:00'\nlength = '9d'": "a.toml:5: From 1m to 7d.",
    "[[silence]]\nname = 's'\nmatchers = 'a=~\".*\"'\nstart = '02:00'\nlength = '9h'": "a.toml:3: These matchers hold for every alert; at least one must ask for a value that is not empty.",
}  # fmt: skip


@pytest.fixture
def there(ports: MemoryPorts, clock: ManualClock, db: None) -> ManualClock:
    """Have a project and a channel the files can name."""
    projects.create_project(SYSTEM, "Shop", "python", clock.now())
    notify.create_channel(SYSTEM, "email", "Mail", {"recipients": "a@b.example"}, 1.0)
    return clock


def apply(text: str, now: float, name: str = "alerts/a.toml") -> list[str]:
    found = filing.apply(SYSTEM, [(name, text)], now)
    assert not found.faults, found.faults
    return [changing.told(change) for change in found.changes]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_line_and_changes_nothing(there: ManualClock, text: str) -> None:
    files = [("good.toml", GOOD), ("a.toml", text)]
    found = filing.apply(SYSTEM, files, there.now())
    assert [str(fault) for fault in found.faults] == [WRONG[text]]
    assert found.changes == ()
    assert service.rules() == ()
    assert governing.routing().source == "built-in"
    assert governing.silences(there.now()) == ()


def test_everything_a_file_may_hold_is_in_force(there: ManualClock) -> None:
    assert apply(GOOD, there.now())[:2] == [
        "+ rule Checkout errors (alerts/a.toml)", "+ rule New release (alerts/a.toml)",
    ]  # fmt: skip
    checkout, release = service.rules()
    assert checkout.params == Params(count=50, minutes=10, per=Per.ISSUE, hold=5)
    assert (checkout.severity, checkout.source) == (Severity.CRITICAL, "alerts/a.toml")
    assert checkout.channels == (notify.channels()[0].id,)
    assert release.params.series == "errors.seen"
    table = governing.routing()
    first, second = table.tree.routes
    assert (first.receiver, first.group_wait, first.goes_on) == ("dba", 10.0, True)
    assert first.routes[0].repeat_interval == 5_400.0
    assert second.group_by == ("alertname",)
    assert (table.receivers[0].name, table.inhibitions[0].equal, table.source) == (
        "dba",
        ("project",),
        "alerts/a.toml",
    )
    (silence,) = governing.silences(there.now())
    assert silence.recurrence is not None
    assert (silence.recurrence.days, silence.recurrence.minutes) == ((5, 6), 120)


def test_the_same_files_change_nothing(there: ManualClock) -> None:
    apply(GOOD, there.now())
    entries = len(accounts.audit_page().entries)
    there.forward(60)
    assert apply(GOOD, there.now()) == []
    assert len(accounts.audit_page().entries) == entries


def test_a_difference_is_told_before_and_after_and_a_plan_changes_nothing(there: ManualClock) -> None:
    apply(GOOD, there.now())
    files = [("alerts/a.toml", GOOD.replace("count = 50", "count = 70"))]
    found = filing.plan(SYSTEM, files, there.now())
    assert [changing.told(each) for each in found.changes] == [
        "~ rule Checkout errors (alerts/a.toml)\n    count: 50 → 70"
    ]
    assert service.rules()[0].params.count == 50


def test_what_leaves_the_files_is_removed_and_what_was_made_by_hand_stays(there: ManualClock) -> None:
    service.create_rule(SYSTEM, RuleDraft(name="By hand", kind="new_issue"), 1.0)
    apply(GOOD, there.now())
    assert apply("", there.now()) == [
        "- rule Checkout errors (alerts/a.toml)", "- rule New release (alerts/a.toml)",
        "- silence Backups (alerts/a.toml)", "- routes all (alerts/a.toml)",
    ]  # fmt: skip
    assert [rule.name for rule in service.rules()] == ["By hand"]
    assert governing.routing().source == "built-in"
    assert all(each.ends <= there.now() for each in governing.silences(there.now()))
    there.forward(60)
    assert "+ silence Backups (alerts/a.toml)" not in apply("", there.now())
    assert any("silence Backups" in line for line in apply(GOOD, there.now())), "it comes back with its file"
    assert governing.silences(there.now())[0].ends > there.now()


def test_a_rule_by_hand_becomes_the_one_of_its_name(there: ManualClock) -> None:
    before = service.create_rule(SYSTEM, RuleDraft(name="New", kind="new_issue"), 1.0)
    text = '[[rule]]\nname = "New"\nkind = "new_issue"'
    assert apply(text, there.now()) == ["~ rule New (alerts/a.toml)\n    source: – → alerts/a.toml"]
    assert [rule.id for rule in service.rules()] == [before.id]


def test_what_files_say_cannot_be_changed_by_hand(there: ManualClock, web: Client) -> None:
    apply(GOOD, there.now())
    rule = service.rules()[0]
    said = "The rule Checkout errors is written in alerts/a.toml; change it there, then run `vedette apply`."
    with pytest.raises(Conflict, match=r"alerts/a\.toml") as refused:
        service.delete_rule(SYSTEM, rule.id, there.now())
    assert str(refused.value) == said
    with pytest.raises(Conflict):
        service.enable_rule(SYSTEM, rule.id, there.now(), enabled=False)
    with pytest.raises(Conflict, match="The silence is written in"):
        governing.end_silence(SYSTEM, governing.silences(there.now())[0].id, there.now())
    by_hand = msgspec.structs.replace(governing.routing(), source="hand")
    with pytest.raises(Conflict, match="The routes are written in"):
        governing.save_routing(SYSTEM, by_hand, there.now())
    assert web.patch(f"/api/v1/rules/{rule.id}", {}, content_type="application/json").status_code == 409
    page = web.get(f"/settings/rules/{rule.id}/").content.decode()
    assert "It is written in <code>alerts/a.toml</code>" in page
    assert 'type="submit">Save' not in page
    assert "Written in alerts/a.toml" in web.get("/settings/rules/").content.decode()


def test_who_may_not_write_rules_may_not_apply_files(there: ManualClock) -> None:
    member = Actor(kind=ActorKind.USER, name="m", id=7, role=Role.MEMBER)
    with pytest.raises(Forbidden):
        filing.apply(member, [("a.toml", GOOD)], there.now())


def test_the_schema_takes_what_we_take_and_refuses_what_we_refuse() -> None:
    schema = json.loads(msgspec.json.encode(filing.schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate(tomllib.loads(GOOD))
    for text in (
        "[[rule]]\nname='r'",
        "[[route]]\ngroup_wait='soon'",
        "[[rule]]\nname='r'\nkind='severity'\nleest='high'",
    ):
        assert not validator.is_valid(tomllib.loads(text)), text


KEYS = st.sampled_from(["name", "kind", "matchers", '"a.b"', "x"])
VALUES = st.sampled_from(
    ['"t"', "1", "[\n 1,\n 2, # [\n]", '"""\n[[rule]]\nname = 1\n"""', "{ a = 1 }", "'''\n]\n'''"]
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["rule", "route", "route.route"]), st.dictionaries(KEYS, VALUES)),
        max_size=8,
    )
)
def test_the_line_of_a_key_is_where_it_stands(sections: list[tuple[str, dict[str, str]]]) -> None:
    text = "".join(
        f"[[{name}]]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items()) for name, keys in sections
    )
    lines = text.splitlines()
    for path, line in reading.scan(text).items():
        last = path[-1]
        said = lines[line - 1]
        assert (
            said.startswith(("[[", " 1,", " 2,"))
            if isinstance(last, int)
            else said.replace('"', "").split(" = ")[0].endswith(last)
        )


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = reading.parse("a.toml", text)
    assert isinstance(found, reading.Document | reading.Fault)


@pytest.mark.parametrize("text", ["", "5", "1h1h", "m"])
def test_no_length_of_time(text: str) -> None:
    with pytest.raises(Invalid):
        lengths.seconds(text)


def test_the_example_in_the_docs_is_taken(there: ManualClock) -> None:
    page = (Path(__file__).parents[3] / "docs/as-code.md").read_text()
    example = page.split("```toml\n")[-1].split("```")[0]
    assert apply(example, there.now())
