"""What files say of infrastructure is kept by `vedette apply`: no token in it, nothing is done at Hetzner, what is wrong is told by line."""

from pathlib import Path

import pytest
from tests.support.watched_shop import SAID, WRITES, Watched

from vedette.accounts.permissions import SYSTEM
from vedette.app import filing
from vedette.core.errors import Conflict
from vedette.deploy import service
from vedette.deploy.ascode.written import part
from vedette.deploy.types import Condition
from vedette.wire.ascode.changing import Act, Plan

pytestmark = pytest.mark.django_db(transaction=True)
SECTION = """
base_url = "https://shop.example"
smtp_password = "hunter2hunter2"

[infra]
project = "shop"
location = "fsn1"

[infra.networks.main]
range = "10.0.0.0/16"
subnets = ["10.0.1.0/24"]

[[monitor]]
name = "front"
"""


def apply(folder: Path, text: str, now: float) -> Plan:
    (folder / "infra").mkdir(exist_ok=True)
    return filing.apply(SYSTEM, [("infra/shop.toml", text, str(folder / "infra"))], now, ["infra"])


def test_a_project_of_files_waits_for_its_token_and_is_changed_there_alone(
    shop: Watched, tmp_path: Path
) -> None:
    (change,) = apply(tmp_path, SAID, shop.now).changes
    assert (change.act, change.name) == (Act.ADD, "shop")
    assert "none yet" in change.fields["token"][1]
    assert shop.place.calls() == []
    found = shop.standing()
    assert (found.condition, found.project.source) == (Condition.UNKNOWN, "infra/shop.toml")
    assert found.sentence.startswith("No token was given yet")
    assert apply(tmp_path, SAID, shop.now).changes == ()
    service.connect(SYSTEM, "shop", WRITES, shop.place.endpoint, shop.now, wait=shop.place.clock.forward)
    shop.look()
    assert found.project.id == service.project("shop").id
    with pytest.raises(Conflict, match=r"infra/shop\.toml"):
        service.say(SYSTEM, found.project.id, {"infra/shop.toml": SAID}, shop.now)
    (change,) = apply(tmp_path, SAID.replace("cx23", "cx33"), shop.now).changes
    assert (change.act, [*change.fields]) == (Act.CHANGE, ["infra/shop.toml"])
    assert shop.place.calls("POST") == []
    (change,) = filing.apply(SYSTEM, [], shop.now, ["infra"]).changes
    assert change.act is Act.REMOVE
    assert service.project("shop").files == {}  # it is watched on


def test_what_is_wrong_is_told_by_line_and_nothing_is_kept(shop: Watched, tmp_path: Path) -> None:
    found = apply(tmp_path, SAID.replace("cx23", "cx2e", 1), shop.now)
    assert [str(one).partition(": ")[0] for one in found.faults] == ["infra/shop.toml:10"]
    assert service.projects() == ()


def test_files_beside_come_along_and_none_from_elsewhere(shop: Watched, tmp_path: Path) -> None:
    assert shop
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra/web.yaml").write_text("#cloud-config\n")
    said = SAID.replace("[servers.web]\n", '[servers.web]\ncloud_init = "web.yaml"\n')
    apply(tmp_path, said, shop.now)
    assert service.project("shop").files == {"infra/shop.toml": said, "infra/web.yaml": "#cloud-config\n"}
    found = apply(tmp_path, said.replace("web.yaml", "../../../etc/passwd"), shop.now)
    assert "lies outside" in str(found.faults[0])


def test_of_the_settings_only_the_part_about_infrastructure_is_kept(shop: Watched, tmp_path: Path) -> None:
    found = filing.apply(SYSTEM, [("shop/vedette.toml", SECTION, str(tmp_path))], shop.now, ["infra"])
    assert [str(one) for one in found.faults if "monitor" not in str(one)] == []
    kept = part(SECTION)
    assert kept is not None
    assert "hunter2" not in kept
    assert kept.splitlines()[4] == "[infra]"
    assert part('infra.project = "shop"\n') is None


def test_the_schema_of_files_has_the_section() -> None:
    assert "infra" in filing.schema()["properties"]
