"""Deploys are recorded once, leave a moment and an audit entry, and are found again by what came after them."""

import hashlib
import hmac
import json

import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.core.clock import ManualClock
from vedette.core.errors import Forbidden, Invalid
from vedette.deploys import service, signal
from vedette.deploys.types import DeployDraft, Recorded, Rollout
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals

HOOK = "/hooks/deploys/checkout/"
JSON = "application/json"


def record(project: Project, version: str, finished: float | None = NOW, **more: object) -> Recorded:
    draft = DeployDraft(version=version, finished=finished, **more)  # type: ignore[arg-type]
    return service.record(SYSTEM, project, draft, NOW)


def test_a_deploy_leaves_a_moment_and_an_audit_entry(checkout: Project) -> None:
    done = record(checkout, " 2026.11.24-3 ", NOW - 60, environment="production", by="mira")
    assert done.is_new
    (moment,) = signals.moments(0, NOW, project=checkout.id, room="deploys")
    assert (moment.at, moment.subject) == (NOW - 60, "2026.11.24-3")
    assert moment.text == "checkout 2026.11.24-3 went out to production"
    assert moment.link == "/deploys/2026.11.24-3/?project=checkout"
    assert accounts.audit_page(action="deploy.").entries[0].detail["version"] == "2026.11.24-3"


def test_telling_it_twice_adds_nothing(checkout: Project) -> None:
    first, again = record(checkout, "1", NOW - 5), record(checkout, "1", NOW - 5)
    assert (again.is_new, again.deploy.id) == (False, first.deploy.id)
    named, other = record(checkout, "1", None, key="run-7"), record(checkout, "2", None, key="run-7")
    assert (named.is_new, other.is_new) == (True, False)
    assert record(checkout, "1", None).is_new
    assert record(checkout, "1", None).is_new, "without an id or a time each is one of its own"
    assert len(signals.moments(0, NOW + 1, room="deploys")) == 4


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        ("version", DeployDraft(version=" ")),
        ("version", DeployDraft(version="..")),
        ("version", DeployDraft(version="a\nb")),
        ("version", DeployDraft(version="x" * 201)),
        ("url", DeployDraft(version="1", url="javascript:alert(1)")),
        ("commit", DeployDraft(version="1", commit="main")),
        ("finished", DeployDraft(version="1", finished=NOW + 90_000)),
        ("finished", DeployDraft(version="1", finished=float("nan"))),
        ("finished", DeployDraft(version="1", started=NOW, finished=NOW - 1)),
        ("started", DeployDraft(version="1", started=7.0)),
    ],
)
def test_what_cannot_be_is_refused_by_field(checkout: Project, field: str, draft: DeployDraft) -> None:
    with pytest.raises(Invalid) as told:
        service.record(SYSTEM, checkout, draft, NOW)
    assert set(told.value.fields) == {field}
    assert service.deploys().deploys == ()


def test_a_viewer_records_nothing(checkout: Project) -> None:
    with pytest.raises(Forbidden):
        service.record(Actor(ActorKind.USER, 1, "Ola", Role.VIEWER), checkout, DeployDraft(version="1"), NOW)


def test_what_something_came_after(checkout: Project) -> None:
    record(checkout, "1", NOW - 7200, environment="production")
    record(checkout, "2", NOW - 600, started=NOW - 900, environment="staging")
    projects.see(checkout.id, ["3"], [], NOW - 300)

    def found(release: str = "", environment: str = "", at: float = NOW) -> tuple[str, bool]:
        rollout = service.before(checkout, at, release, environment)
        return (rollout.version, rollout.deployed) if rollout else ("", False)

    assert found() == ("2", True)
    assert found(environment="production") == ("1", True)
    assert found(release="1") == ("1", True)
    assert found(release="checkout@1") == ("1", True), "SDKs put the package before the version"
    assert found(release="3") == ("3", False), "known from events alone"
    assert found(release="4") == ("", False)
    assert found(at=NOW - 800) == ("2", True), "it was going out"
    assert found(release="3", at=NOW - 301) == ("", False)


def rollout(**more: object) -> Rollout:
    told = {"project": 1, "slug": "checkout", "version": "1", "environment": "", "began": 90.0, "at": 100.0}
    return Rollout(**{"deployed": True, **told, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "deployed", "after", "before"),
    [
        (280.0, True, "3 min after checkout 1", "deployed 3 min before"),
        (280.0, False, "3 min after checkout 1 was first heard of", "first heard of 3 min before"),
        (95.0, True, "while checkout 1 went out", "while it was deployed"),
        (100.2, True, "at once after checkout 1", "deployed just before"),
        (100.0 + 8 * 86_400, True, "", "deployed 8 d before"),
    ],
)
def test_how_it_reads(at: float, deployed: bool, after: str, before: str) -> None:
    plain = {"\u00a0": " "}
    told = signal.after(rollout(deployed=deployed), at), signal.before(rollout(deployed=deployed), at)
    assert tuple(text.translate(str.maketrans(plain)) for text in told) == (after, before)


def test_deploys_over_rest(checkout: Project) -> None:
    writer, reader = bearing(Scope.WRITE, NOW), bearing(Scope.READ, NOW)
    body = {
        "version": "1.0",
        "environment": "production",
        "id": "run-1",
        "finished_at": "2025-11-24T15:00:00Z",
    }
    made = writer.post("/api/v1/projects/checkout/deploys", body, content_type=JSON)
    assert (made.status_code, made.json()["finished_at"]) == (201, "2025-11-24T15:00:00.000Z")
    assert writer.post("/api/v1/projects/checkout/deploys", body, content_type=JSON).status_code == 200
    assert reader.post("/api/v1/projects/checkout/deploys", body, content_type=JSON).status_code == 403
    wrong = writer.post(
        "/api/v1/projects/checkout/deploys", {**body, "finished_at": "soon"}, content_type=JSON
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "finished_at")
    record(checkout, "1.1", NOW - 5)
    first = reader.get("/api/v1/projects/checkout/deploys?n=1").json()
    second = reader.get(f"/api/v1/projects/checkout/deploys?n=1&cursor={first['cursor']}").json()
    assert [one["version"] for one in first["items"] + second["items"]] == ["1.1", "1.0"]
    assert second["cursor"] is None
    assert reader.get("/api/v1/projects/nothing/deploys").status_code == 404


def send(body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    answer = Client(enforce_csrf_checks=True).post(HOOK, body, content_type=JSON, headers=headers)
    return answer.status_code, json.loads(answer.content)


def test_a_signed_message_is_recorded_once(checkout: Project, clock: ManualClock) -> None:
    secret = service.make_hook(SYSTEM, checkout, NOW)
    body = json.dumps({"version": "1.0", "id": "run-1"}).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    status, told = send(body, **{"X-Vedette-Signature": signature})
    assert (status, told["recorded"], told["version"]) == (201, True, "1.0")
    clock.forward(3600)
    status, told = send(body, **{"X-Vedette-Signature": signature})
    assert (status, told["recorded"]) == (200, False), "a replay is harmless"
    assert len(service.deploys().deploys) == 1
    hook = service.hook(checkout.id)
    assert hook is not None
    assert hook.last_used_at == clock.now()
    entry = accounts.audit_page(action="deploy.record").entries[0]
    assert entry.actor == "deploy hook"


def test_who_does_not_know_the_secret_learns_nothing(checkout: Project) -> None:
    body = b'{"version":"1.0","id":"1"}'
    answers = [send(body, **{"X-Vedette-Token": ""}), send(body)]
    service.make_hook(SYSTEM, checkout, NOW)
    answers += [send(body), send(body, **{"X-Gitlab-Token": "guess"})]
    unknown = Client().post("/hooks/deploys/nothing/", body, content_type=JSON)
    answers.append((unknown.status_code, unknown.json()))
    assert {status for status, _ in answers} == {403}
    assert len({told["detail"] for _, told in answers}) == 1
    assert service.deploys().deploys == ()


def test_a_new_secret_ends_the_old_one_and_dropping_ends_all(checkout: Project) -> None:
    old, new = service.make_hook(SYSTEM, checkout, NOW), service.make_hook(SYSTEM, checkout, NOW)
    body = b'{"version":"1.0","id":"1"}'
    assert send(body, **{"X-Vedette-Token": old})[0] == 403
    assert send(b"[]", **{"X-Vedette-Token": new})[0] == 422
    assert send(b"x" * 300_000, **{"X-Vedette-Token": new})[0] == 413
    assert send(body, **{"X-Vedette-Token": new})[0] == 201
    service.drop_hook(SYSTEM, checkout, NOW)
    assert send(body, **{"X-Vedette-Token": new})[0] == 403


def test_a_project_takes_its_deploys_along(checkout: Project) -> None:
    service.make_hook(SYSTEM, checkout, NOW)
    record(checkout, "1")
    projects.delete_project(SYSTEM, checkout.id, "checkout", NOW)
    assert service.deploys().deploys == ()
    assert service.hook(checkout.id) is None


def test_the_secret_is_sealed_at_rest(checkout: Project) -> None:
    from vedette.deploys.models import HookRow

    secret = service.make_hook(SYSTEM, checkout, NOW)
    assert secret not in HookRow.objects.get().secret
    assert secret not in str([entry.detail for entry in accounts.audit_page().entries])
