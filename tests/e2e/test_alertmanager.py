"""`amtool` and Prometheus, the real ones, work against Vedette as they do against Alertmanager."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.alertmanager import Amtool, alertmanager, amtool_of, ask, install_routing, post, prometheus
from tests.support.receiver import Receiver
from tests.support.server import Vedette

from vedette.alerts import matching, routing
from vedette.alerts.alertmanager import config
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import Matcher, Operator
from vedette.alerts.routing import Route
from vedette.alerts.types import Receiver as Named
from vedette.alerts.types import Routing

pytestmark = pytest.mark.xdist_group("alertmanager")

TREE = Route(
    receiver="everybody",
    group_by=("alertname",),
    group_wait=0.2,
    group_interval=0.5,
    routes=(
        Route(
            matchers=matching.parse('team=~"web|shop", severity!="info"'),
            receiver="web team",
            goes_on=True,
            routes=(Route(matchers=matching.parse('severity="critical"'), receiver="pager"),),
        ),
        Route(matchers=matching.parse('team!~"db.*"'), receiver="others", group_by=("...",)),
        Route(matchers=matching.parse('quote="a\\"b\\\\c, d"'), receiver="pager", group_wait=1.5),
    ),
)
TABLE = Routing(
    tree=TREE,
    receivers=tuple(
        Named(name=name, channels=("hook",)) for name in ("everybody", "web team", "pager", "others")
    ),
    inhibitions=(
        Inhibition(
            source=matching.parse('alertname="SiteDown"'),
            target=matching.parse('alertname=~"Page.+"'),
            equal=("site",),
        ),
    ),
    source="hand",
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(start_vedette: Callable[..., Vedette], receiver: Receiver) -> Vedette:
    made = start_vedette()
    hook = {"kind": "webhook", "name": "hook", "config": {"url": receiver.url}, "default": False}
    status, answer = made.api("POST", "/channels", hook)
    assert status == 201, answer
    install_routing(made, TABLE)
    return made


@pytest.fixture(scope="module")
def amtool(server: Vedette) -> Amtool:
    return amtool_of(server)


def told(receiver: Receiver, name: str) -> list[dict[str, Any]]:
    """Return what was told of the alerts of a name: each webhook that holds one."""
    return [
        body
        for _, body in receiver.told
        if any(alert["labels"]["alertname"] == name for alert in body["alerts"])
    ]


def test_alerts_are_added_and_queried(server: Vedette, amtool: Amtool) -> None:
    amtool("alert", "add", "Added", "team=db1", "instance=one", '--annotation=summary="It is \\"slow\\""', "--generator-url=http://p.example/g")  # fmt: skip
    [alert] = server.wait(lambda: amtool.json("alert", "query", "alertname=Added"))
    assert alert["labels"] == {"alertname": "Added", "team": "db1", "instance": "one"}
    assert (alert["annotations"]["summary"], alert["generatorURL"]) == ('It is "slow"', "http://p.example/g")
    assert alert["status"] == {"state": "active", "silencedBy": [], "inhibitedBy": []}
    assert alert["receivers"] == [{"name": "everybody"}]
    assert amtool.json("alert", "query", "alertname=~Add.*", "team!=db1") == []
    assert "Added" in amtool("alert", "query", "Added", "--output=extended")
    [group] = [g for g in api(server, "/api/v2/alerts/groups") if g["labels"] == {"alertname": "Added"}]
    assert (group["receiver"], group["alerts"][0]["fingerprint"]) == (
        {"name": "everybody"},
        alert["fingerprint"],
    )
    assert "at least one label" in post_raw(server, [{"labels": {"x": ""}}])


def test_silences_are_added_queried_changed_and_expired(server: Vedette, amtool: Amtool) -> None:
    amtool("alert", "add", "Quiet", "team=db2")
    made = amtool("silence", "add", "alertname=Quiet", "team=~db.+", "--comment=Work on it", "--author=ann", "--duration=1h").strip()  # fmt: skip
    [found] = amtool.json("silence", "query", "alertname=Quiet")
    assert (found["id"], found["comment"], found["createdBy"]) == (made, "Work on it", "ann")
    assert found["status"] == {"state": "active"}
    assert {m["name"]: (m["value"], m["isRegex"], m["isEqual"]) for m in found["matchers"]} == {
        "alertname": ("Quiet", False, True),
        "team": ("db.+", True, True),
    }
    quiet = server.wait(lambda: amtool.json("alert", "query", "--silenced", "alertname=Quiet"))
    assert (quiet[0]["status"]["state"], quiet[0]["status"]["silencedBy"]) == ("suppressed", [made])
    assert amtool.json("alert", "query", "--active", "alertname=Quiet") == []
    amtool("silence", "update", "--duration=2h", "--comment=Longer", made)
    assert amtool.json("silence", "query", "alertname=Quiet")[0]["comment"] == "Longer"
    amtool("silence", "expire", made)
    assert amtool.json("silence", "query", "alertname=Quiet") == []
    [over] = amtool.json("silence", "query", "--expired", "alertname=Quiet")
    assert (over["id"], over["status"]["state"]) == (made, "expired")
    amtool("silence", "expire", "4c3b1f0a-0000-4000-8000-000000000000", fails=True)
    amtool("silence", "add", "alertname=~.*", "--comment=All", "--author=ann", fails=True)


def test_who_may_only_read_silences_nothing(server: Vedette) -> None:
    done = server.cli("tokens", "add", "reader", "--scope", "read", "--json")
    reader = amtool_of(server, json.loads(done.stdout)["token"])
    assert isinstance(reader.json("silence", "query"), list)
    reader("silence", "add", "alertname=X", "--comment=c", "--author=a", fails=True)
    reader("alert", "add", "X", fails=True)
    nobody = amtool_of(server, "vdt_nobody")
    nobody("alert", "query", fails=True)
    nobody("alert", "add", "X", fails=True)


TRIED = [
    {"team": "web", "severity": "critical"},
    {"team": "shop", "severity": "low"},
    {"team": "web", "severity": "info"},
    {"team": "webx"},
    {"team": "db1", "severity": "critical"},
    {"team": "db1", "quote": 'a"b\\c, d'},
    {"other": "x"},
    {},
]


def test_routes_are_tried_with_the_answer_we_give(server: Vedette, amtool: Amtool) -> None:
    assert amtool("config", "show").strip() == config.original(TABLE).strip()
    assert "pager" in amtool("config", "routes", "show")
    for labels in TRIED:
        given = [str(Matcher(name, Operator.EQUAL, value)) for name, value in labels.items()]
        ours = [each.receiver for each in routing.destinations(TREE, labels)]
        assert amtool("config", "routes", "test", *given).strip().split(",") == ours, labels
    assert [each["name"] for each in api(server, "/api/v2/receivers")][:2] == ["default", "everybody"]


def test_the_real_alertmanager_starts_with_our_configuration(tmp_path: Path) -> None:
    with alertmanager(tmp_path, config.original(TABLE)) as url:
        assert "web team" in Amtool(url)("config", "routes", "show")


def test_a_key_of_a_project_pushes_for_its_project(server: Vedette, receiver: Receiver) -> None:
    post(server.url, [{"labels": {"alertname": "OfProject"}}], server.project.key)
    [body] = server.wait(lambda: told(receiver, "OfProject"))
    assert (body["status"], body["commonLabels"]) == ("firing", {"alertname": "OfProject"})
    assert body["vedette"]["project"] == server.project.slug


@pytest.mark.deep
def test_prometheus_tells_what_fires_and_that_it_is_over(
    server: Vedette, receiver: Receiver, tmp_path: Path
) -> None:
    settings = f"""
global: {{evaluation_interval: 500ms, scrape_interval: 1s}}
rule_files: [rules.yml]
alerting:
  alertmanagers:
  - scheme: http
    basic_auth: {{username: anybody, password: {server.token}}}
    static_configs: [{{targets: ["127.0.0.1:{server.port}"]}}]
"""
    rule = """
groups:
- name: test
  rules:
  - alert: AlwaysFiring
    expr: vector(1)
    labels: {severity: warning, team: db9}
    annotations: {summary: "It fires at {{ $value }}"}
"""
    with prometheus(tmp_path, settings, rule) as url:
        first = server.wait(lambda: told(receiver, "AlwaysFiring"), 20)[0]
        assert (first["status"], first["receiver"]) == ("firing", "hook")
        assert first["groupKey"] == '{}:{alertname="AlwaysFiring"}'
        assert first["commonAnnotations"] == {"summary": "It fires at 1"}
        (tmp_path / "rules.yml").write_text(rule.replace("vector(1)", "vector(1) > 2"))
        assert ask(url, "POST", "/-/reload")[0] == 200
        last = server.wait(
            lambda: [b for b in told(receiver, "AlwaysFiring") if b["status"] == "resolved"], 20
        )
        assert last[0]["alerts"][0]["fingerprint"] == first["alerts"][0]["fingerprint"]
    assert len(told(receiver, "AlwaysFiring")) == 2, "what goes on is told once"


def api(server: Vedette, path: str) -> Any:
    status, _, body = server.request("GET", path, b"", {"Authorization": f"Bearer {server.token}"})
    assert status == 200, body
    return json.loads(body)


def post_raw(server: Vedette, alerts: list[dict[str, Any]]) -> str:
    headers = {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}
    status, _, body = server.request("POST", "/api/v2/alerts", json.dumps(alerts).encode(), headers)
    assert status == 400, body
    return str(json.loads(body))
