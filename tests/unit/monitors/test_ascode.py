"""Monitors as files: what is wrong is told by file and line, all of it holds or nothing, and nothing is lost on the way back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.rooms import NOW
from tests.unit.monitors.conftest import SITE

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role
from vedette.app import filing
from vedette.core.errors import Conflict, Forbidden, Invalid
from vedette.instruments.probe.types import Request
from vedette.monitors import requesting, service
from vedette.monitors.ascode import exporting, turning
from vedette.monitors.ascode.entry import Entry
from vedette.monitors.ascode.written import INNER, SECTIONS, MonitorFile
from vedette.monitors.outposts import service as locations
from vedette.monitors.types import (
    ByCron,
    Config,
    Cron,
    Every,
    Maintenance,
    Monitor,
    MonitorDraft,
    Objective,
    OnCalendar,
    Once,
    Rhythm,
    Tolerance,
    Weekly,
)
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.wire.ascode import changing, lengths, reading

PAGE = Path(__file__).parents[3] / "docs/as-code.md"
GOOD = """
[[monitor]]
name = "Shop"
project = "shop"
url = "https://shop.example/health"
interval = "30s"
timeout = "5s"
expect = [
  "[STATUS] == 200",
  "[BODY].status == up",
]
options = { method = "POST", headers = { Accept = "application/json" } }
tags = ["web"]
parents = ["gate"]
slow = 800
tolerance = { failures = 3, retry = "10s" }
objective = { target = 0.999 }

[[monitor.maintenance]]
days = ["sun"]
start = "02:00"
length = "2h"
zone = "Europe/Berlin"

[[monitor]]
name = "Gate"
url = "tcp://gate.example:443"
canary = true

[[monitor]]
name = "Nightly backup"
cron = "0 4 * * *"
zone = "Europe/Berlin"
grace = "30m"
longest = "2h"
"""
HEAD = "[[monitor]]\nname = 'a'\n"
SITE_LINE = "url = 'https://a.example'\n"
WRONG = {
    HEAD: "m.toml:1: Say what is checked (url = \"https://…\"), or when a heartbeat is due (every, cron, on_calendar).",
    HEAD + "urll = 'x'": "m.toml:3: [[monitor]] has no `urll`; did you mean `url`?",
    HEAD + "url = 'htp://a.example'": "m.toml:3: htp://a.example is no URL that can be checked; did you mean http:?",
    HEAD + SITE_LINE + "kind = 'tcp'": "m.toml:3: https://a.example is checked by http, and this monitor's kind is tcp.",
    HEAD + SITE_LINE + "expect = [\n'[STATUS] = 200']": "m.toml:4: Assertion 1: ",
    HEAD + SITE_LINE + "interval = '1s'": "m.toml:4: The interval is from 5 to 86,400 seconds.",
    HEAD + SITE_LINE + "interval = '5m1h'": "m.toml:4: '5m1h' is no length of time: write 30s, 5m, 1h30m or 1d, the longest first.",
    HEAD + SITE_LINE + "timeout = 0": "m.toml:4: The deadline is 0 s; it is between 0.05 and 300 s.",
    HEAD + SITE_LINE + "family = 'ipv5'": "m.toml:4: family is one of any, ipv4, ipv6, not 'ipv5'.",
    HEAD + SITE_LINE + "project = 'shopp'": "m.toml:4: There is no project 'shopp'. Did you mean 'shop'?",
    HEAD + SITE_LINE + "parents = ['b']": "m.toml:4: There is no monitor 'b' to depend on.",
    HEAD + SITE_LINE + "parents = ['a']": "m.toml:4: A monitor cannot depend on itself, also not by way of others.",
    HEAD + SITE_LINE + "interval = '1m'\nlocations = ['here', 'fns']": "m.toml:5: There is no location 'fns'. Did you mean 'fsn'?",
    HEAD + SITE_LINE + "locations = ['fsn', 'fsn']": "m.toml:4: A location is named twice.",
    HEAD + SITE_LINE + "locations = ['fsn', 'here']\nagree = 3": "m.toml:5: It is checked from 2 locations, so at most 2 can agree, and at least 1.",
    HEAD + "every = '1d'\ngrace = '1h'\nlocations = ['fsn']": "m.toml:5: A heartbeat is not checked: locations has no meaning for it.",
    HEAD + SITE_LINE + "tags = ['Big Word']": "m.toml:4: 'Big Word' is no tag: ",
    HEAD + SITE_LINE + "address = 'x'": "m.toml:4: 'x' is no UUID.",
    HEAD + SITE_LINE + "[monitor.options]\nmethodd = 'GET'": "m.toml:5: methodd: there is no such option; ",
    HEAD + SITE_LINE + "[monitor.options]\nuser = 'u'\npassword = 'geheim'": "m.toml:6: password is a secret and does not stand in a file; ",
    HEAD + SITE_LINE + "options = { headers = { Authorization = 'x' } }": "m.toml:4: headers: Authorization is a secret and does not stand in a file; ",
    HEAD + SITE_LINE + "options = { token = { env = 'VEDETTE_NEVER_SET' } }": "m.toml:4: The variable VEDETTE_NEVER_SET is not set; set it for `vedette apply`.",
    HEAD + SITE_LINE + "options = { token = { file = 'secret' } }": "m.toml:4: secret is no whole path; write it from / on.",
    HEAD + SITE_LINE + "options = { token = { file = '/nowhere' } }": "m.toml:4: /nowhere cannot be read: No such file or directory.",
    HEAD + SITE_LINE + "options = { method = { env = 'PATH' } }": "m.toml:4: method is no secret; write its value.",
    HEAD + SITE_LINE + "[[monitor.maintenance]]\ndays = ['son']\nlength = '1h'": "m.toml:4: 'son' is no day; write mon, ",
    HEAD + SITE_LINE + "[[monitor.maintenance]]\nstarts = 2026-01-01T00:00:00\nends = 2026-01-01T02:00:00Z": "m.toml:4: Say in which zone: ",
    HEAD + SITE_LINE + "[[monitor.maintenance]]\nwhy = 'x'": "m.toml:4: A maintenance has starts and ends, ",
    HEAD + SITE_LINE + "[[monitor.maintenance]]\ncorn = 'x'": "m.toml:5: [[maintenance]] has no `corn`; did you mean `cron`?",
    HEAD + SITE_LINE + "tolerance = { failures = 0 }": "m.toml:4: From 1 to 100 failures, ",
    HEAD + "every = '1d'": "m.toml:1: Say how late it may be: grace = \"1h\".",
    HEAD + "every = '1d'\ncron = '0 4 * * *'\ngrace = '1h'": "m.toml:4: One of every, cron, on_calendar says when it is due.",
    HEAD + "every = '1d'\ngrace = '1h'\nexpect = ['[STATUS] == 200']": "m.toml:5: A heartbeat is not checked: expect has no meaning for it.",
    HEAD + "cron = '0 4 * *'\ngrace = '1h'": "m.toml:4: ",
    HEAD + SITE_LINE + HEAD + SITE_LINE: "m.toml:4: There is another monitor a in monitors/m.toml; give one of them another slug.",
    HEAD + "every = '5m'\ngrace = '1h'\naddress = '01234567-89ab-cdef-0123-456789abcdef'\n[[monitor]]\nname = 'b'\nevery = '5m'\ngrace = '1h'\naddress = '01234567-89ab-cdef-0123-456789abcdef'": "m.toml:10: The monitor a has this address.",
}  # fmt: skip


def apply(text: str, name: str = "monitors/m.toml", now: float = NOW) -> list[str]:
    found = filing.apply(SYSTEM, [(name, text)], now)
    assert not found.faults, found.faults
    return [changing.told(change) for change in found.changes]


def called() -> Mapping[str, Monitor]:
    return {one.slug: one for one in service.every()}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_line_and_changes_nothing(shop: Project, text: str) -> None:
    locations.add(SYSTEM, "Falkenstein", "fsn", NOW)
    found = filing.apply(SYSTEM, [("monitors/good.toml", GOOD), ("monitors/m.toml", text)], NOW)
    (told,) = [str(fault).removeprefix("monitors/") for fault in found.faults]
    assert told.startswith(WRONG[text])
    assert (found.changes, service.every()) == ((), ())


def test_everything_a_file_may_hold_is_in_force(shop: Project) -> None:
    assert apply(GOOD) == [
        "+ monitor gate (monitors/m.toml)",
        "+ monitor shop/shop (monitors/m.toml)",
        "+ monitor nightly-backup (monitors/m.toml)",
    ]
    gate, backup, site = called()["gate"], called()["nightly-backup"], called()["shop"]
    assert (gate.kind, gate.config.canary, gate.project) == ("tcp", True, 0)
    assert (site.kind, site.project, site.source) == ("http", shop.id, "monitors/m.toml")
    assert site.config == Config(
        interval=30.0, request=site.config.request, slow=800.0, parents=(gate.id,), tags=("web",),
        tolerance=Tolerance(failures=3, retry=10.0), objective=Objective(target=0.999),
        maintenance=(Weekly(days=(6,), start="02:00", minutes=120, zone="Europe/Berlin"),),
    )  # fmt: skip
    asked = requesting.request_of(site, service.secrets(site))
    assert (asked.deadline, asked.options) == (
        5.0,
        {"method": "POST", "headers": {"Accept": "application/json"}},
    )
    assert backup.config.rhythm == Rhythm(
        schedule=Cron(expression="0 4 * * *", zone="Europe/Berlin"), grace=1_800.0, longest=7_200.0
    )


def test_a_file_says_where_a_monitor_is_checked_from(shop: Project) -> None:
    locations.add(SYSTEM, "Falkenstein", "fsn", NOW)
    text = HEAD + SITE_LINE + "locations = ['fsn', 'here']\nagree = 2"
    apply(text)
    assert (called()["a"].config.places, called()["a"].config.agree) == (("fsn", ""), 2)
    assert apply(text) == []
    locations.remove(SYSTEM, locations.find("fsn"), NOW)
    (fault,) = filing.apply(SYSTEM, [("monitors/m.toml", text)], NOW).faults
    assert str(fault) == "monitors/m.toml:4: There is no location 'fsn'."


def test_the_same_files_change_nothing(shop: Project) -> None:
    apply(GOOD)
    before, entries = service.every(), len(accounts.audit_page().entries)
    assert apply(GOOD, now=NOW + 60) == []
    assert (service.every(), len(accounts.audit_page().entries)) == (before, entries)


def test_a_difference_is_told_before_and_after_and_a_plan_changes_nothing(shop: Project) -> None:
    apply(GOOD)
    changed = GOOD.replace('"30s"', '"45s"').replace("canary = true\n", "")
    found = filing.plan(SYSTEM, [("monitors/m.toml", changed)], NOW)
    assert [changing.told(each) for each in found.changes] == [
        "~ monitor gate (monitors/m.toml)\n    canary: true → –",
        "~ monitor shop/shop (monitors/m.toml)\n    interval: 30s → 45s",
    ]
    assert called()["shop"].config.interval == 30.0
    ids = {slug: one.id for slug, one in called().items()}
    apply(changed)
    assert ({slug: one.id for slug, one in called().items()}, called()["shop"].config.interval) == (ids, 45.0)


def test_what_leaves_the_files_is_removed_and_what_was_made_by_hand_stays(shop: Project) -> None:
    service.create(SYSTEM, 0, MonitorDraft(name="By hand", kind="http", config=Config(request=SITE)), NOW)
    apply(GOOD)
    assert apply("") == [
        "- monitor gate (monitors/m.toml)", "- monitor nightly-backup (monitors/m.toml)", "- monitor shop/shop (monitors/m.toml)",
    ]  # fmt: skip
    assert list(called()) == ["by-hand"]


def test_a_monitor_by_hand_becomes_the_one_of_its_slug(shop: Project) -> None:
    made = service.create(SYSTEM, 0, MonitorDraft(name="Gate", kind="http", config=Config(request=SITE)), NOW)
    text = '[[monitor]]\nname = "Gate"\nurl = "https://site.example"'
    assert apply(text) == ["~ monitor gate (monitors/m.toml)\n    source: – → monitors/m.toml"]
    assert called()["gate"].id == made.id
    assert apply(text.replace("https://site.example", "tcp://site.example:443")) != []
    assert (called()["gate"].kind, called()["gate"].id != made.id) == ("tcp", True)


def test_what_files_say_cannot_be_changed_by_hand(shop: Project) -> None:
    apply(GOOD)
    gate = called()["gate"]
    draft = MonitorDraft(name="x", kind="http", config=gate.config)
    with pytest.raises(Conflict, match=r"The monitor Gate is written in monitors/m\.toml; change it there"):
        service.update(SYSTEM, gate, draft, NOW)
    with pytest.raises(Conflict, match="is written in"):
        service.remove(SYSTEM, gate, NOW)
    assert service.pause(SYSTEM, gate, NOW, paused=True).paused
    assert apply(GOOD) == [], "a file that says nothing of it leaves it paused"
    assert apply(GOOD.replace("canary = true", "canary = true\npaused = false")) != []
    assert not called()["gate"].paused


def test_who_may_not_write_monitors_may_not_apply_files(shop: Project) -> None:
    viewer = Actor(kind=ActorKind.USER, name="v", id=7, role=Role.VIEWER)
    with pytest.raises(Forbidden):
        filing.apply(viewer, [("m.toml", GOOD)], NOW, ["monitors"])


def test_a_parent_becomes_a_child(house: object) -> None:
    pair = "[[monitor]]\nname='a'\nurl='https://a.example'\n%s\n[[monitor]]\nname='b'\nurl='https://b.example'\n%s"
    apply(pair % ("parents=['b']", ""))
    apply(pair % ("", "parents=['a']"))
    assert (called()["a"].config.parents, called()["b"].config.parents) == ((), (called()["a"].id,))
    assert apply("[[monitor]]\nname='b'\nurl='https://b.example'\n") != []
    assert called()["b"].config.parents == ()


def test_who_depends_on_what_became_another_kind_still_does(house: object) -> None:
    pair = "[[monitor]]\nname='a'\nurl='%s'\n[[monitor]]\nname='b'\nurl='https://b.example'\nparents=['a']"
    apply(pair % "https://a.example")
    apply(pair % "tcp://a.example:80")
    assert called()["b"].config.parents == (called()["a"].id,)


def test_what_was_made_by_hand_still_depends_on_what_became_another_kind(house: object) -> None:
    gate = "[[monitor]]\nname='gate'\nurl='%s'"
    apply(gate % "https://a.example")
    config = Config(request=SITE, parents=(called()["gate"].id,))
    service.create(SYSTEM, 0, MonitorDraft(name="Shop", kind="http", config=config), NOW)
    apply(gate % "tcp://a.example:80")
    assert called()["shop"].config == Config(request=SITE, parents=(called()["gate"].id,))


def test_secrets_come_from_variables_and_files_and_are_sealed(
    house: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tmp_path / "token"
    held.write_text("geheim-1\n")
    monkeypatch.setenv("SHOP_KEY", "geheim-2")
    text = f"""[[monitor]]\nname = 'a'\nurl = 'https://a.example'
options = {{ token = {{ file = '{held}' }}, headers = {{ X-Api-Key = {{ env = 'SHOP_KEY' }}, Accept = 'text/html' }} }}"""
    apply(text)
    asked = requesting.request_of(called()["a"], service.secrets(called()["a"]))
    assert asked.options == {"token": "geheim-1", "headers": {"X-Api-Key": "geheim-2", "Accept": "text/html"}}
    assert b"geheim" not in bytes(called()["a"].config.request)
    assert apply(text) == []
    held.write_text("geheim-3")
    assert apply(text) == ["~ monitor a (monitors/m.toml)\n    secrets: as they are → others"]
    assert "geheim" not in str(accounts.audit_page().entries)


def test_a_file_that_leads_elsewhere_takes_no_secret_along_that_it_does_not_name(
    house: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "geheim")
    apply("[[monitor]]\nname='a'\nurl='https://a.example'\noptions = { token = { env = 'SHOP_KEY' } }")
    assert service.secrets(called()["a"]) == {"token": "geheim"}
    apply("[[monitor]]\nname='a'\nurl='https://thief.example'")
    assert service.secrets(called()["a"]) == {}


def test_settings_and_other_rooms_stand_in_the_same_file(shop: Project) -> None:
    text = 'port = 8700\n[oidc]\nissuer = ""\n' + GOOD + "[[rule]]\nname = 'r'\nkind = 'regression'\n"
    assert len(apply(text, "etc/vedette.toml")) == 4
    (fault,) = filing.plan(
        SYSTEM, [("monitors/m.toml", text.partition("[oidc]")[2])], NOW, ["monitors"]
    ).faults[-1:]
    assert "A file has no `rule`" in fault.text


def test_a_room_is_left_alone_by_the_folder_of_another(shop: Project) -> None:
    apply(GOOD)
    assert not filing.apply(SYSTEM, [("alerts/a.toml", "")], NOW, ["alerts"]).changes
    assert len(service.every()) == 3


def test_what_was_made_by_hand_is_exported_and_means_the_same(
    shop: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = msgspec.Raw(b'{"url": "https://site.example", "options": {"user": "u", "password": "geheim"}}')
    gate = service.create(
        SYSTEM, 0, MonitorDraft(name="Gate", kind="http", config=Config(request=request)), NOW
    )
    config = Config(rhythm=Rhythm(schedule=Every(seconds=60), grace=30), parents=(gate.id,))
    beat = service.create(SYSTEM, shop.id, MonitorDraft(name="Beat", kind="heartbeat", config=config), NOW)
    made = service.export_files(SYSTEM)
    assert ("geheim" in made.text, made.variables) == (False, ("VEDETTE_SECRET_GATE__PASSWORD",))
    monkeypatch.setenv("VEDETTE_SECRET_GATE__PASSWORD", "geheim")
    assert apply(made.text) == [
        "~ monitor gate (monitors/m.toml)\n    source: – → monitors/m.toml",
        "~ monitor shop/beat (monitors/m.toml)\n    source: – → monitors/m.toml",
    ]
    assert [service.secrets(one) for one in (called()["gate"],)] == [{"password": "geheim"}]
    assert (called()["beat"].key, service.export_files(SYSTEM).text) == (beat.key, "")


def test_a_header_of_any_name_may_be_a_credential_and_is_not_written_out(shop: Project) -> None:
    headers = {
        "Ocp-Apim-Subscription-Key": "geheim-1",
        "X-Shop": "geheim-2",
        "accept": "text/html",
        "X-No": "",
    }
    asked = msgspec.json.encode({"url": "https://site.example", "options": {"headers": headers}})
    draft = MonitorDraft(name="Gate", kind="http", config=Config(request=msgspec.Raw(asked)))
    service.create(SYSTEM, 0, draft, NOW)
    made = service.export_files(SYSTEM)
    assert "geheim" not in made.text
    assert '"text/html"' in made.text
    assert set(made.variables) == {
        "VEDETTE_SECRET_GATE__HEADERS__OCP_APIM_SUBSCRIPTION_KEY", "VEDETTE_SECRET_GATE__HEADERS__X_SHOP"
    }  # fmt: skip


def test_the_example_in_the_docs_is_taken(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "x")
    for example in PAGE.read_text().split("```toml\n")[1:]:
        text = example.split("```")[0]
        if "[[monitor]]" in text:
            assert apply(text)


WORDS = st.text("ab'\"\\ #=[]{}ä\u2028\U0001f600", min_size=1, max_size=8)
SECONDS = st.one_of(st.integers(1, 10**6).map(float), st.floats(0.001, 10**6))
ZONES = st.sampled_from(["UTC", "Europe/Berlin"])
MINUTES = st.integers(1, 10_080)
WINDOWS: st.SearchStrategy[Maintenance] = st.one_of(
    st.builds(Once, starts=st.integers(0, 2**31).map(float), ends=st.integers(0, 2**31).map(float), why=WORDS),
    st.builds(Weekly, days=st.lists(st.integers(0, 6), min_size=1, unique=True).map(tuple), start=st.just("02:30"), minutes=MINUTES, zone=ZONES, why=WORDS),
    st.builds(ByCron, expression=st.just("0 4 * * *"), minutes=MINUTES, zone=ZONES),
)  # fmt: skip
RHYTHMS = st.builds(
    Rhythm, grace=SECONDS, longest=st.none() | SECONDS,
    schedule=st.one_of(st.builds(Every, seconds=SECONDS), st.builds(Cron, expression=WORDS, zone=ZONES), st.builds(OnCalendar, expression=WORDS)),
)  # fmt: skip
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["GET", "POST"]), "body": st.text(max_size=20), "password": WORDS,
        "headers": st.dictionaries(st.sampled_from(["Accept", "X-Api-Key", "Cookie", "env", "X-Shop"]), WORDS),
        "verify": st.booleans(), "most_redirects": st.integers(0, 50),
    },
)  # fmt: skip


COMMON = st.fixed_dictionaries(
    {
        "interval": SECONDS, "tags": st.lists(WORDS, max_size=2).map(tuple), "slow": st.none() | SECONDS,
        "agree": st.integers(1, 3), "canary": st.booleans(), "maintenance": st.lists(WINDOWS, max_size=2).map(tuple),
        "tolerance": st.none() | st.builds(Tolerance, failures=st.integers(1, 9), retry=SECONDS, window=SECONDS),
        "objective": st.none() | st.builds(Objective, target=st.floats(0.5, 1), days=st.integers(1, 365)),
    }
)  # fmt: skip
PLACES = st.lists(st.sampled_from(["here", "fsn", "hel"]), unique=True).map(tuple)
ASKED = st.builds(
    Request, url=WORDS.map("https://a.example/{}".format), deadline=SECONDS, expect=st.lists(WORDS, max_size=2).map(tuple), options=OPTIONS
)  # fmt: skip
GOES_WITH = st.fixed_dictionaries(
    {"project": st.sampled_from(["", "p"]), "parents": st.lists(WORDS, max_size=2).map(tuple), "paused": st.sampled_from([None, True, False])}
)  # fmt: skip


@given(WORDS, COMMON, RHYTHMS, GOES_WITH, st.uuids())
def test_a_heartbeat_that_is_exported_says_the_same_when_it_is_read(
    name: str, common: dict[str, Any], rhythm: Rhythm, goes_with: dict[str, Any], key: UUID
) -> None:
    draft = MonitorDraft(
        name=name, kind="heartbeat", slug="a", config=Config(rhythm=rhythm, **common), secrets={}, key=key.hex
    )
    assert again(Entry(draft=draft, **goes_with)) == Entry(draft=draft, **goes_with)


@given(WORDS, COMMON, ASKED, GOES_WITH, PLACES)
def test_a_check_that_is_exported_says_the_same_when_it_is_read(
    name: str, common: dict[str, Any], asked: Request, goes_with: dict[str, Any], places: tuple[str, ...]
) -> None:
    request, secrets = requesting.split("http", asked)
    config = Config(request=requesting.written(request), locations=places, **common)
    draft = MonitorDraft(name=name, kind="http", slug="b-c", config=config, secrets=secrets)
    assert again(Entry(draft=draft, **goes_with)) == Entry(draft=draft, **goes_with)


def again(entry: Entry) -> Entry:
    """Return a monitor as it is read from the file it was written to."""
    variables = turning.text_of(entry)[1]
    document = reading.parse("a.toml", exporting.written([entry]).text)
    assert isinstance(document, reading.Document), document
    read = reading.said(document.only(SECTIONS), MonitorFile, INNER)
    assert isinstance(read, reading.Read), read
    (text,) = read.said.monitor
    return turning.entry_of(text, lambda _, name: variables[name])


@given(st.integers(0, 10**9))
def test_a_length_of_time_means_what_was_written(n: int) -> None:
    assert lengths.seconds(lengths.written(n)) == n


def test_a_length_of_time_is_bounded() -> None:
    with pytest.raises(Invalid):
        lengths.seconds("9" * 5_000 + "s")


def test_a_project_that_is_named_is_exported_alone(shop: Project) -> None:
    for owner in (0, shop.id):
        service.create(SYSTEM, owner, MonitorDraft(name="a", kind="http", config=Config(request=SITE)), NOW)
    assert service.export_files(SYSTEM, shop.id).text.count("[[monitor]]") == 1
    assert projects.project("shop").id == shop.id
