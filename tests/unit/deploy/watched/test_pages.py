"""The pages of infrastructure: how it stands first, the picture with a table, the wizard, drift with both ways out, and who may."""

import re

import pytest
from django.test import Client
from tests.support import deployed
from tests.support.deploying import READS
from tests.support.rooms import bearing
from tests.support.watched_shop import FILES, SAID, WRITES, Watched

from vedette.accounts.permissions import Scope
from vedette.deploy import service
from vedette.deploy.desired.reading import File, desired
from vedette.deploy.store import hosts
from vedette.deploy.types import Condition, Deed, DriftState, RunState
from vedette.hosts.store import hosts as host_rows
from vedette.plumbing.db.sql import transaction

pytestmark = pytest.mark.django_db
FIRST = "internet cannot reach db:*"


@pytest.fixture
def web(shop: Watched) -> Client:
    return bearing(Scope.ADMIN, shop.now)


@pytest.fixture
def there(shop: Watched) -> Watched:
    """The shop as its files say, with a token that writes, read once."""
    assert not shop.place.apply(desired([File("infra/shop.toml", SAID)])).problems
    shop.connect(WRITES)
    shop.look()
    return shop


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.content[:500])
    return answer.content.decode()


def page() -> str:
    return f"/infrastructure/{service.project('shop').id}/"


def open_port(shop: Watched) -> None:
    """Open a port by hand, as somebody does at Hetzner's console, and have it seen."""
    wall = shop.place.thing("firewall", "web")
    rules = [
        {"direction": "in", "protocol": "tcp", "port": port, "source_ips": ["0.0.0.0/0", "::/0"]} for port in ("443", "8080")
    ]  # fmt: skip
    shop.place.cloud().did("POST", f"/firewalls/{wall.id}/actions/set_rules", {"rules": rules})
    shop.place.clock.forward(60)
    shop.look()


def test_empty_pages_say_what_comes_there(web: Client) -> None:
    assert "No infrastructure is watched yet." in text(web, "/infrastructure/")
    assert "Let a project be read first." in text(web, "/infrastructure/drift/")
    assert "Nothing ran yet." in text(web, "/infrastructure/runs/")
    assert "No host is watched yet." in text(web, "/infrastructure/hosts/")
    for path in ("7/", "7/start/", "7/files/", "7/token/", "7/changes/", "runs/a/", "hosts/7/"):
        assert web.get(f"/infrastructure/{path}").status_code == 404, path


def test_a_token_that_only_reads_leads_from_the_wizard_to_the_picture(shop: Watched, web: Client) -> None:
    assert not shop.place.apply(desired([File("infra/shop.toml", SAID)])).problems
    form = {"name": "shop", "token": "unknown-token", "endpoint": shop.place.endpoint}
    answer = web.post("/infrastructure/new/", form)
    assert answer.status_code == 200
    assert "unknown-token" not in answer.content.decode()
    answer = web.post("/infrastructure/new/", {**form, "token": READS})
    assert answer.headers["Location"] == f"{page()}start/"
    assert "is being read" in text(web, f"{page()}start/")
    shop.look()
    begun = text(web, f"{page()}start/")
    assert "shop has 2 servers" in begun
    assert FIRST in begun
    assert READS not in begun
    offered = service.beginning(service.project("shop").id)
    assert offered is not None
    bad = web.post(
        f"{page()}start/", {"text": offered.text.replace("10.0.0.0/16", "10.0.0.0/99"), "assert": [FIRST]}
    )
    assert bad.status_code == 422
    assert re.search(r"infra/infra.toml:\d+", bad.content.decode())
    web.post(f"{page()}start/", {"text": offered.text, "assert": [FIRST]})
    shop.look()
    told = text(web, page())
    assert '<svg class="infra"' in told
    assert "Show as table" in told
    assert FIRST in told
    assert "read only" in told or "read" in told
    assert "token only reads" not in told, "no other token is asked for before something is to be changed"


def test_what_is_wrong_with_files_is_told_by_line_and_nothing_is_kept(there: Watched, web: Client) -> None:
    one = page()
    assert "project = &quot;shop&quot;" in text(web, f"{one}files/")
    answer = web.post(f"{one}files/", {"name": "infra/shop.toml", "text": SAID.replace("cx23", "cx99")})
    assert "infra/shop.toml:" in answer.content.decode()
    assert "cx99" not in service.project("shop").files["infra/shop.toml"]
    web.post(f"{one}files/", {"name": "infra/shop.toml", "text": f"{SAID}# mine\n"})
    assert service.project("shop").files["infra/shop.toml"].endswith("# mine\n")
    web.post(f"{one}files/", {"name": "../etc/passwd", "text": "x"})
    assert set(service.project("shop").files) == set(FILES)


def test_drift_tells_old_and_new_and_is_reverted_with_one_click(there: Watched, web: Client) -> None:
    open_port(there)
    told = text(web, "/infrastructure/drift/")
    assert "Firewall web is not as the files say." in told
    assert "in tcp/8080 from any" in told
    assert "+allow = " in told or '+    "tcp/8080 from any"' in told or "tcp/8080 from any" in told
    mark = re.search(r'name="mark" value="([0-9a-f]+)"', told)
    target = {"deed": "revert", "target": "firewall/web", "mark": mark[1] if mark else ""}
    if mark is None:
        told = text(web, f"{page()}changes/?deed=revert&target=firewall/web")
        target["mark"] = re.findall(r'name="mark" value="([0-9a-f]+)"', told)[0]
    answer = web.post(f"{page()}act/", target)
    assert answer.headers["Location"].startswith("/infrastructure/runs/"), answer.content
    assert there.work().state is RunState.DONE
    shown = text(web, answer.headers["Location"])
    assert "Revert of shop: done." in shown
    assert "firewall web" in shown
    (over,) = service.past_drifts(service.project("shop").id, "", 5).items
    assert over.state is DriftState.REVERTED
    assert "Reverted" in text(web, "/infrastructure/drift/")


def test_drift_is_adopted_with_the_patch_that_was_shown(there: Watched, web: Client) -> None:
    open_port(there)
    assert "What the files would say once it is adopted" in text(web, "/infrastructure/drift/")
    web.post(f"{page()}act/", {"deed": "adopt", "target": "firewall/web"})
    assert there.work().state is RunState.DONE
    assert "tcp/8080 from any" in service.project("shop").files["infra/shop.toml"]


def test_who_may_only_look_sees_what_drifted_and_neither_the_files_nor_the_buttons(there: Watched) -> None:
    open_port(there)
    told = text(bearing(Scope.READ, there.now), "/infrastructure/drift/")
    assert "in tcp/8080 from any" in told
    assert "What the files would say" not in told
    assert 'name="deed"' not in told


def test_a_plan_shows_its_dangers_first_and_asks_for_the_name(there: Watched, web: Client) -> None:
    one = page()
    web.post(
        f"{one}files/",
        {"name": "infra/shop.toml", "text": SAID.replace('image = "debian-12"', 'image = "debian-13"')},
    )
    told = text(web, f"{one}changes/")
    assert told.index("Look at this twice") < told.index("What would be done")
    assert "Make anew" in told
    assert 'name="confirm"' in told
    mark = re.findall(r'name="mark" value="([0-9a-f]+)"', told)[0]
    answer = web.post(f"{one}act/", {"deed": "apply", "mark": mark})
    assert answer.headers["Location"] == f"{one}changes/"
    assert not service.runs().items
    answer = web.post(f"{one}act/", {"deed": "apply", "mark": "another", "confirm": "shop"})
    assert not service.runs().items, "only what was seen is done"
    answer = web.post(f"{one}act/", {"deed": "apply", "mark": mark, "confirm": "shop"})
    assert service.runs().items[0].deed is Deed.APPLY
    assert "Waits" in text(web, answer.headers["Location"])


def test_a_token_that_only_reads_is_said_above_the_plan(shop: Watched, web: Client) -> None:
    shop.connect(READS)
    shop.look()
    told = text(web, f"{page()}changes/")
    mark = re.findall(r'name="mark" value="([0-9a-f]+)"', told)
    if mark:
        web.post(f"{page()}act/", {"deed": "apply", "mark": mark[0]})
        shop.work()
    told = text(web, f"{page()}changes/")
    assert "The token only reads" in told
    assert 'name="deed"' not in told
    answer = web.post(f"{page()}token/", {"token": WRITES})
    assert answer.headers["Location"] == page()
    assert WRITES not in text(web, page())


def test_a_project_is_forgotten_by_its_name_alone(there: Watched, web: Client) -> None:
    one = page()
    web.post(f"{one}forget/", {"confirm": "another"})
    assert service.projects()
    web.post(f"{one}forget/", {"confirm": "shop"})
    assert not service.projects()


def test_hosts_that_changed_since_come_first(shop: Watched, web: Client) -> None:
    with transaction():
        bare = host_rows.add("bare", b"k" * 32, "bare", "anna", shop.now).id
        done = host_rows.add("db-1", b"j" * 32, "db-1", "anna", shop.now).id
        hosts.put(deployed.hardened(done, shop.now))
    told = text(web, "/infrastructure/hosts/")
    assert "1 host is no longer as hardening left it." in told
    assert told.index(">db-1<") < told.index(">bare<")
    one = text(web, f"/infrastructure/hosts/{done}/")
    assert "+PasswordAuthentication yes" in one
    assert one.index(">kernel<") < one.index(">ssh<"), "the area with the most that fails comes first"
    assert "vedette harden root@db-1" in one
    assert "Over" in one, "a waiver whose day has come says so"
    key = deployed.hardened(done, shop.now).drift[0].key
    asked = web.post(f"/infrastructure/hosts/{done}/act/", {"deed": "revert", "key": key})
    assert asked.headers["Location"].startswith("/infrastructure/runs/")
    assert "Waits" in text(web, asked.headers["Location"])
    assert "Asked of it" in text(web, f"/infrastructure/hosts/{done}/")
    assert "bare was never hardened." in text(web, f"/infrastructure/hosts/{bare}/")


def test_hostile_names_stay_text(there: Watched, web: Client) -> None:
    there.place.cloud().did("POST", "/firewalls", {"name": "<script>alert(1)</script>", "rules": []})
    there.look()
    for path in (page(), "/infrastructure/drift/", f"{page()}changes/"):
        told = text(web, path)
        assert "<script>alert" not in told, path
    assert "&lt;script&gt;alert" in text(web, page())


def test_what_wants_a_look_stands_on_every_page_and_is_found_by_its_name(there: Watched, web: Client) -> None:
    assert service.troubles() == ()
    open_port(there)
    (trouble,) = service.troubles()
    assert (trouble.name, trouble.condition) == ("shop", Condition.BROKEN), "admins cannot sign in any more"
    assert "Look at shop" in text(web, "/")
    assert page() in text(web, "/find/?q=sho")
