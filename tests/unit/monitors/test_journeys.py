"""Journeys among the monitors: who may write scripts, where their secrets go, in files, on the pages, and their pictures."""

import json
from pathlib import Path

import msgspec
import pytest
from django.test import Client
from tests.support.rooms import NOW, bearing

from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope
from vedette.app import filing
from vedette.core.errors import Forbidden, Invalid
from vedette.instruments.probe.journey.options import EXAMPLE
from vedette.instruments.probe.types import Evidence
from vedette.monitors import service, trying, working
from vedette.monitors.types import CheckResult, Config, Monitor, MonitorDraft, Outcome, Reading
from vedette.plumbing.testing import MemoryPorts
from vedette.wire.ascode import changing

ADMIN = Actor(kind=ActorKind.USER, id=1, name="anna", role=Role.ADMIN)
MEMBER = Actor(kind=ActorKind.USER, id=2, name="ben", role=Role.MEMBER)
SCRIPT = "async def journey(page, step):\n    await page.goto('https://shop.example/')\n"
PICTURE = b"\xff\xd8\xffpicture"


def draft(script: str = SCRIPT, secrets: dict[str, str] | None = None, **config: object) -> MonitorDraft:
    asked = {"url": "journey://buy", "options": {"script": script}}
    made = msgspec.structs.replace(
        msgspec.convert(config, Config), request=msgspec.Raw(json.dumps(asked).encode())
    )
    return MonitorDraft(name="Buy", kind="journey", config=made, secrets=secrets)


@pytest.fixture
def journey(house: MemoryPorts) -> Monitor:
    return service.create(ADMIN, 0, draft(secrets={"secrets": '{"password": "planted"}'}), NOW)


def test_only_administrators_write_scripts(house: MemoryPorts, journey: Monitor) -> None:
    for made in (draft(), draft(SCRIPT + "\n")):
        with pytest.raises(Forbidden, match=r"does not include journey\.write"):
            service.create(MEMBER, 0, made, NOW)
        with pytest.raises(Forbidden, match=r"does not include journey\.write"):
            trying.begin(MEMBER, made)
        with pytest.raises(Forbidden, match=r"does not include journey\.write"):
            service.try_now(MEMBER, 0, made)
    for changed in (draft(SCRIPT + "\n"), draft(secrets={}), draft(secrets={"secrets": '{"x": "other"}'})):
        with pytest.raises(Forbidden, match=r"does not include journey\.write"):
            service.update(MEMBER, journey, changed, NOW)


def test_members_do_all_else(journey: Monitor) -> None:
    slower = service.update(MEMBER, journey, draft(interval=600), NOW)
    assert slower.config.interval == 600
    working.begin(MEMBER, [slower], working.once(NOW, NOW + 60), NOW)
    service.pause(MEMBER, slower, NOW, paused=True)
    tried = trying.wait(trying.begin(MEMBER, slower).id, 20).result
    assert tried is not None
    assert (tried.code, "journey_user" in tried.sentence) == ("no-permission", True), "nobody runs it here"


def test_secrets_stay_with_their_script(journey: Monitor) -> None:
    with pytest.raises(Invalid, match="enter its secrets again"):
        service.update(ADMIN, journey, draft(SCRIPT.replace("shop.example", "evil.example")), NOW)
    assert b"planted" not in bytes(journey.config.request)


def test_a_script_that_cannot_be_read_is_refused_by_its_line(house: MemoryPorts) -> None:
    with pytest.raises(Invalid) as refused:
        service.create(ADMIN, 0, draft("x\ny ="), NOW)
    assert refused.value.fields == {"request.options.script": "script: line 2: invalid syntax."}


def text(
    secrets: str = '{ password = { env = "VEDETTE_TEST_PASSWORD" } }', file: str = "journeys/buy.py"
) -> str:
    return f"""[[monitor]]
name = "Buy"
url = "journey://buy"
options = {{ script = {{ file = "{file}" }}, secrets = {secrets} }}
"""


def told(text: str, folder: Path) -> list[str]:
    found = filing.apply(SYSTEM, [("monitors/m.toml", text, str(folder))], NOW)
    return [*map(changing.told, found.changes), *map(str, found.faults)]


def test_scripts_lie_beside_the_files(
    house: MemoryPorts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEDETTE_TEST_PASSWORD", "planted")
    (tmp_path / "journeys").mkdir()
    (tmp_path / "journeys/buy.py").write_text(SCRIPT)
    assert len(told(text(), tmp_path)) == 1
    (one,) = service.every()
    assert json.loads(bytes(one.config.request))["options"]["script"] == SCRIPT
    assert json.loads(service.secrets(one)["secrets"]) == {"password": "planted"}
    assert told(text(), tmp_path) == []
    (tmp_path / "journeys/buy.py").write_text(EXAMPLE)
    assert len(told(text(), tmp_path)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (text(file="none.py"), "none.py cannot be read: No such file or directory."),
        (text(secrets='{ pin = "1234" }'), "secrets: pin is a secret and does not stand in a file"),
        (text().replace("file =", "env ="), "script is no secret; write its value."),
    ],
)
def test_what_is_wrong_in_a_file(house: MemoryPorts, tmp_path: Path, wrong: str, said: str) -> None:
    (tmp_path / "journeys").mkdir()
    (tmp_path / "journeys/buy.py").write_text(SCRIPT)
    (found,) = told(wrong, tmp_path)
    assert (found.startswith("monitors/m.toml:4: "), said in found) == (True, True), found


def test_a_journey_that_was_made_by_hand_is_exported_without_its_secrets(journey: Monitor) -> None:
    found = repr(service.export_files(SYSTEM))
    assert "VEDETTE_SECRET_BUY__SECRETS__PASSWORD" in found
    assert "page.goto" in found


def test_the_pages_offer_journeys_to_administrators_alone(house: MemoryPorts, journey: Monitor) -> None:
    admin, writer = bearing(Scope.ADMIN, NOW), bearing(Scope.WRITE, NOW)
    new = admin.get("/monitors/new/?kind=journey").content.decode()
    assert "async def journey(page, step):" in new
    assert 'rows="16"' in new
    assert "Browser journey" in admin.get("/monitors/new/").content.decode()
    assert "Browser journey" not in writer.get("/monitors/new/").content.decode()
    assert writer.get("/monitors/new/?kind=journey").status_code == 403
    assert writer.get(f"/monitors/{journey.id}/edit/").status_code == 403
    form = {
        "kind": "journey", "name": "Walk", "project": "0", "url": "journey://walk", "interval": "5 min", "deadline": "30 s", "family": "any",
        "o_script": SCRIPT.replace("\n", "\r\n"), "o_variables": "user: anna", "o_secrets": "password: planted",
    }  # fmt: skip
    assert writer.post("/monitors/new/", form).status_code == 403
    answer = admin.post("/monitors/new/", form)
    assert answer.status_code == 302, answer.content[-900:]
    made = service.find("walk")
    options = json.loads(bytes(made.config.request))["options"]
    assert options == {"script": SCRIPT, "variables": {"user": "anna"}}
    assert "planted" not in admin.get(f"/monitors/{made.id}/edit/").content.decode()


def fail(one: Monitor, picture: bytes) -> None:
    outcome = Outcome(
        at=NOW, reading=Reading.BAD, cause="no-element", sentence="Step 1, “pay”, failed: no element."
    )
    seen = msgspec.json.encode(Evidence(body="{}", picture=picture))
    service.record([CheckResult(monitor=one.id, outcome=outcome, evidence=seen)], NOW)


def test_the_picture_of_the_last_failure_is_shown(journey: Monitor) -> None:
    reader = bearing(Scope.READ, NOW)
    path = f"/monitors/{journey.id}/picture/"
    assert reader.get(path).status_code == 404
    fail(journey, PICTURE)
    page = reader.get(f"/monitors/{journey.id}/").content.decode()
    assert f'<img class="shot" src="{path}"' in page
    answer = reader.get(path)
    assert (answer.content, answer["Content-Type"], answer["Cache-Control"]) == (
        PICTURE,
        "image/jpeg",
        "no-store, private",
    )
    assert Client().get(path).status_code in {302, 401}


def test_what_failed_without_a_picture_shows_none(journey: Monitor) -> None:
    fail(journey, b"")
    reader = bearing(Scope.READ, NOW)
    assert 'class="shot"' not in reader.get(f"/monitors/{journey.id}/").content.decode()
    assert reader.get("/monitors/trials/none/picture/").status_code in {403, 404}
