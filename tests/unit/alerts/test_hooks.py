"""Hooks: every preset takes what its sender documents and ends it again; made by pages, REST and files; bodies tried."""

from pathlib import Path

import msgspec
import pytest
from django.test import Client

from vedette.accounts.permissions import SYSTEM
from vedette.alerts import matching, service, taking, whither
from vedette.alerts.hooks import service as hooks
from vedette.alerts.hooks.examples import EXAMPLES
from vedette.alerts.hooks.forms import HookForm
from vedette.alerts.hooks.presets import PRESETS
from vedette.alerts.hooks.types import AlertHookDraft
from vedette.alerts.types import Alert
from vedette.app import filing
from vedette.core import ids
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict
from vedette.plumbing.log.port import Message
from vedette.plumbing.testing import MemoryPorts
from vedette.wire import alertmanager, delivery
from vedette.wire.ascode import changing
from vedette.wire.delivery import Delivery
from vedette.wire.hooks import mapping, reading

pytestmark = pytest.mark.django_db
PAGE, API = "/alerts/hooks/", "/api/v1/alert-hooks"
ENDS = {
    "generic": ('"severity": "critical"', '"severity": "info", "state": "OK"'),
    "grafana": ('"status": "firing",\n      "labels"', '"status": "resolved",\n      "labels"'),
    "uptime-kuma": ('"status": 0', '"status": 1'),
    "healthchecks": ('"down"', '"up"'),
    "github-actions": ('"conclusion": "failure"', '"conclusion": "success"'),
    "sentry": ('"created"', '"resolved"'),
}
SEVERITIES = {"sentry": "high", "healthchecks": "high", "github-actions": "high"}
OTHERS = {
    "uptime-kuma": '{"heartbeat": null, "monitor": null, "msg": "Testing"}',
    "github-actions": '{"zen": "Keep it logically awesome.", "hook_id": 1}',
    "sentry": '{"action": "assigned", "data": {}}',
}


def take(body: str, preset: str, clock: ManualClock) -> int:
    """Let a body come by a hook of a preset, as the front door hands it on."""
    shaped = reading.read(reading.parsed(body), mapping.shape(PRESETS[preset].mapping), preset, clock.now())
    assert not shaped.faults
    came = Delivery(0, ids.new_id(), clock.now(), alertmanager.encode(shaped.alerts), "agent")
    return taking.take([Message(1, "alert", delivery.encode(came), "", clock.now())], clock.now())


def firing() -> list[Alert]:
    return list(service.firing().alerts)


def text(web: Client, path: str) -> str:
    answer = web.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def form_of(draft: AlertHookDraft, body: str = "") -> dict[str, str]:
    bound = HookForm(draft, body)
    return {name: str(bound[name].value() or "") for name in bound.fields} | {"enabled": "on"}


def grafana(name: str = "grafana") -> AlertHookDraft:
    return AlertHookDraft(name=name, mapping=PRESETS["grafana"].mapping)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_a_sender_documents_fires_and_ends(preset: str, ports: MemoryPorts, clock: ManualClock) -> None:
    assert take(EXAMPLES[preset], preset, clock) == 1
    (alert,) = firing()
    assert alert.rule == f"Hook {preset}"
    assert alert.standing.severity == SEVERITIES.get(preset, "critical")
    assert matching.matches(matching.parse(f"severity={alert.standing.severity}"), whither.seen_labels(alert))
    assert alert.title
    assert service.why(alert.id, clock.now()).rules[0].reason == f"It came by the hook {preset}."
    clock.forward(60)
    before, after = ENDS[preset]
    assert before in EXAMPLES[preset]
    take(EXAMPLES[preset].replace(before, after), preset, clock)
    assert firing() == [], "what is over has the labels of what fired"


@pytest.mark.parametrize("preset", OTHERS)
def test_what_tells_of_no_alert_is_ignored(preset: str, ports: MemoryPorts, clock: ManualClock) -> None:
    assert take(OTHERS[preset], preset, clock) == 0
    assert firing() == []


def test_one_that_is_told_no_more_is_over_after_a_while(ports: MemoryPorts, clock: ManualClock) -> None:
    take(EXAMPLES["generic"], "generic", clock)
    clock.forward(61 * 60)
    service.process(clock.now())
    assert firing() == []


def test_a_hook_is_made_from_a_preset_given_a_secret_changed_and_deleted(
    web: Client, clock: ManualClock
) -> None:
    assert "No hook yet." in text(web, PAGE)
    assert "A contact point of type Webhook" in text(web, f"{PAGE}new/?preset=grafana")
    made = web.post(f"{PAGE}new/?preset=grafana", form_of(grafana()))
    assert made["Location"] == f"{PAGE}grafana/"
    assert hooks.hook("grafana").mapping == PRESETS["grafana"].mapping
    page = web.post(f"{PAGE}grafana/secret/").content.decode()
    secret = page.partition('<code tabindex="0">vdh_')[2].partition("<")[0]
    assert hooks.hook("grafana").secret == ids.hash_secret(f"vdh_{secret}")
    assert f"https://vedette.example/api/hooks/alerts/grafana?token=vdh_{secret}" in page
    assert secret not in text(web, f"{PAGE}grafana/")
    assert "1 hook takes what is sent." in text(web, PAGE)
    web.post(f"{PAGE}grafana/", {**form_of(grafana("dashboards")), "lasts": "5"})
    assert (hooks.hook("dashboards").mapping.lasts, bool(hooks.hook("dashboards").secret)) == (5, True)
    assert "The hook is gone" in web.post(f"{PAGE}dashboards/delete/", follow=True).content.decode()
    assert hooks.hooks() == ()
    assert web.get(f"{PAGE}dashboards/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"labels": "alertname"}, "Line 1: write name = value."),
        ({"labels": "a = 1\na = 2"}, "Line 2: a stands there twice."),
        ({"labels": "", "labels_from": ""}, "Say at least one label"),
        ({"title": "{a | b}"}, "uses pipes"),
        ({"states": "ok = gone"}, "is none of firing, resolved, ignore"),
        ({"name": "new"}, "“new” is taken"),
        ({"name": "there"}, "There is another hook of this name."),
        ({"lasts": "0"}, "greater than or equal to 1"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_beside_it(web: Client, clock: ManualClock, changes: dict[str, str], said: str) -> None:  # fmt: skip
    hooks.create(SYSTEM, grafana("there"), clock.now())
    answer = web.post(f"{PAGE}new/", {**form_of(grafana()), **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert len(hooks.hooks()) == 1


def test_a_mapping_is_tried_on_a_body_before_it_is_saved(web: Client, clock: ManualClock) -> None:
    tried = web.post(f"{PAGE}new/", {**form_of(grafana(), EXAMPLES["grafana"]), "act": "try"})
    page = tried.content.decode()
    assert tried.status_code == 200
    assert "It would make 2 alerts." in page
    assert "Memory of us-1 is at 97 %" in page
    wrong = {**form_of(grafana(), '{"alerts": [{"state": "x"}]}'), "act": "try"}
    page = web.post(f"{PAGE}new/", wrong).content.decode()
    assert "It would be refused" in page
    assert "Nothing is at `status`. What was sent has state." in page
    assert "The body is not JSON" in web.post(f"{PAGE}new/", {**wrong, "body": "x"}).content.decode()
    assert (hooks.hooks(), firing()) == ((), [])


def test_what_came_lately_is_kept_masked_and_can_be_tried(
    web: Client, reader: Client, clock: ManualClock
) -> None:
    hooks.create(SYSTEM, grafana("kept"), clock.now())
    for n in range(7):
        body = msgspec.json.encode(
            {"n": n, "password": "hunter2hunter2", "url": "https://a:s3cretpass@b.example"}
        )
        hooks.came("kept", body, f"Refused. Number {n}", clock.now())
    page = text(web, f"{PAGE}kept/?body=1")
    assert page.count(">Try this one<") == 5
    assert "&quot;n&quot;: 5" in page
    assert "hunter2" not in page
    assert "s3cretpass" not in page
    assert "kept refused the last." in text(reader, PAGE)
    assert reader.get(f"{PAGE}kept/").status_code == 403
    hooks.came("kept", b"x" * 40_000, "Refused.", clock.now())
    hooks.came("kept", b"no json", "Refused.", clock.now())
    assert text(web, f"{PAGE}kept/").count(">Try this one<") == 3
    hooks.delete(SYSTEM, "kept", clock.now())


def test_hooks_by_rest(web: Client, reader: Client) -> None:
    json = {"content_type": "application/json"}
    given = {"name": "ci", "mapping": {"labels": {"alertname": "{name}"}, "states": {"*": "firing"}}}
    made = web.post(API, given, **json)
    assert made.status_code == 201, made.content
    found = made.json()
    assert (found["url"], found["secret"], found["mapping"]["lasts"]) == ("https://vedette.example/api/hooks/alerts/ci", False, 1_440)  # fmt: skip
    assert web.get(API).json() == {"items": [found], "cursor": None}
    assert web.post(f"{API}/ci/secret").json()["secret"].startswith("vdh_")
    changed = web.put(f"{API}/ci", {**given, "enabled": False}, **json).json()
    assert (changed["enabled"], changed["secret"]) == (False, True)
    tried = web.post(f"{API}/trial", {"mapping": given["mapping"], "body": '{"name": "x"}'}, **json).json()
    assert (tried["alerts"][0]["labels"], tried["wrong"]) == ({"alertname": "x"}, [])
    wrong = web.post(API, {"name": "x", "mapping": {"labels": {"a": "{b"}}}, **json)
    assert (wrong.status_code, "a: A brace" in wrong.content.decode()) == (422, True)
    assert reader.post(f"{API}/ci/secret").status_code == 403
    assert web.delete(f"{API}/ci").status_code == 204
    assert web.get(f"{API}/ci").status_code == 404


FILE = """
[[hook]]
name = "grafana"
preset = "grafana"
lasts = "2h"

[[hook]]
name = "ci"
labels = { alertname = "{name}" }
states = { ok = "resolved", "*" = "firing" }
state = "{status}"
"""


def apply(text: str, clock: ManualClock) -> changing.Plan:
    return filing.apply(SYSTEM, [("alerts/hooks.toml", text)], clock.now())


def test_hooks_stand_in_files_and_are_read_only_then(web: Client, clock: ManualClock) -> None:
    before = hooks.create(SYSTEM, grafana(), clock.now())
    hooks.make_secret(SYSTEM, "grafana", clock.now())
    done = apply(FILE, clock)
    assert [(each.act, each.what, each.name) for each in done.changes] == [("change", "hook", "grafana"), ("add", "hook", "ci")]  # fmt: skip
    kept = hooks.hook("grafana")
    assert (kept.id, kept.mapping.lasts, bool(kept.secret), kept.source) == (before.id, 120, True, "alerts/hooks.toml")  # fmt: skip
    assert apply(FILE, clock).changes == ()
    with pytest.raises(Conflict, match="is written in"):
        hooks.delete(SYSTEM, "ci", clock.now())
    page = text(web, f"{PAGE}ci/")
    assert "It is written in alerts/hooks.toml" in page
    assert ">Save</button>" not in page
    assert "is written in" in web.post(f"{PAGE}ci/", form_of(grafana("ci"))).content.decode()
    assert [(each.act, each.name) for each in apply("", clock).changes] == [
        ("remove", "ci"),
        ("remove", "grafana"),
    ]
    assert hooks.hooks() == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('preset = "grafana"', 'preset = "grafanna"', "alerts/hooks.toml:4: There is no preset 'grafanna'. Did you mean 'grafana'?"),
        ('"{name}"', '"{name"', "alerts/hooks.toml:9: alertname: A brace"),
        ('lasts = "2h"', 'lasts = "soon"', "alerts/hooks.toml:5: "),
        ('name = "ci"', 'name = "CI"', "alerts/hooks.toml:8: A name has up to 60 small letters"),
        ('name = "ci"', 'name = "grafana"', "alerts/hooks.toml:8: There is another hook"),
        ('state = "', 'stat = "', "did you mean `state`"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_line(ports: MemoryPorts, clock: ManualClock, old: str, new: str, told: str) -> None:  # fmt: skip
    assert old in FILE
    found = apply(FILE.replace(old, new, 1), clock)
    assert any(told in str(fault) for fault in found.faults), found.faults
    assert hooks.hooks() == ()


def test_the_docs_name_every_preset() -> None:
    docs = (Path(__file__).parents[3] / "docs/hooks.md").read_text()
    assert all(f"`{key}`" in docs for key in PRESETS)
