"""What happens late, goes wrong or is told wrongly: what was seen of the real API, and faults by script."""

import email.utils
import json
from concurrent.futures import ThreadPoolExecutor

import hcloud
import msgspec
import pytest
import requests
from hcloud.firewalls import FirewallRule
from tests.support.hetzner import WRITE, Hetzner, hetzner, made

from vedette.instruments.hetzner.fake.faults import Fault, Harm

CX = {"server_type": "cx22", "image": "debian-12", "location": "fsn1"}
RULE = {"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0"]}
SET_RULES = "/firewalls/*/actions/set_rules"


@pytest.fixture
def here() -> Hetzner:
    return made(step=0.01)


def server(here: Hetzner, **more: object) -> int:
    number: int = here.make("/servers", name="w", **CX, **more)["server"]["id"]
    return number


def test_an_action_takes_its_time_and_what_it_changes_comes_at_its_end(here: Hetzner) -> None:
    reply = here.post("/servers", name="w", **CX)
    assert reply.body is not None
    number, action = reply.body["server"]["id"], reply.body["action"]["id"]  # type: ignore[index]
    assert here.get(f"/servers/{number}")["server"]["status"] == "initializing"
    here.rest(2)
    seen = here.get(f"/actions/{action}")["action"]
    assert (seen["status"], seen["finished"], 0 < seen["progress"] < 100) == ("running", None, True)
    here.rest(2.5)
    assert here.get(f"/actions/{action}")["action"]["status"] == "success"
    assert here.get(f"/servers/{number}")["server"]["status"] == "starting"
    here.rest(1)
    assert here.get(f"/servers/{number}")["server"]["status"] == "running"


def test_a_rule_stays_although_its_removal_succeeded(here: Hetzner) -> None:
    fence = here.make("/firewalls", name="f", rules=[RULE])["firewall"]["id"]
    here.fake.script.add(Fault(harm=Harm.INEFFECTIVE, path=SET_RULES))
    actions = here.make(f"/firewalls/{fence}/actions/set_rules", rules=[])["actions"]
    assert here.get(f"/actions/{actions[0]['id']}")["action"]["status"] == "success"
    assert len(here.get(f"/firewalls/{fence}")["firewall"]["rules"]) == 1
    here.make(f"/firewalls/{fence}/actions/set_rules", rules=[])
    assert here.get(f"/firewalls/{fence}")["firewall"]["rules"] == []


def test_an_action_that_fails_tells_why_and_leaves_nothing_half_made(here: Hetzner) -> None:
    here.fake.script.add(Fault(harm=Harm.FAILS, path="/servers", code="no_space_left", message="full"))
    answer = here.make("/servers", name="w", **CX)
    seen = here.get(f"/actions/{answer['action']['id']}")["action"]
    assert (seen["status"], seen["error"]) == ("error", {"code": "no_space_left", "message": "full"})
    assert here.ask("GET", f"/servers/{answer['server']['id']}").status == 404
    assert here.get("/primary_ips")["primary_ips"] == []


def test_a_firewall_is_pending_first_and_follows_labels_late(here: Hetzner) -> None:
    place = {"type": "label_selector", "label_selector": {"selector": "role=web"}}
    fence = here.make("/firewalls", name="f", rules=[RULE], apply_to=[place])["firewall"]["id"]
    number = server(here)

    def reached() -> tuple[list[str], int]:
        fences = here.get(f"/servers/{number}")["server"]["public_net"]["firewalls"]
        applied = here.get(f"/firewalls/{fence}")["firewall"]["applied_to"][0]["applied_to_resources"]
        return [one["status"] for one in fences], len(applied)

    assert reached() == ([], 0)
    here.ask("PUT", f"/servers/{number}", b'{"labels":{"role":"web"}}')
    assert reached() == (["pending"], 0)
    here.rest(3)
    assert reached() == (["applied"], 1)
    here.ask("PUT", f"/servers/{number}", b'{"labels":{}}')
    assert reached() == (["applied"], 1), "still there, for a moment"
    here.rest(3)
    assert reached() == ([], 0)


def test_a_firewall_by_label_is_not_removed_from_one_server_but_a_direct_one_beside_it_is(
    here: Hetzner,
) -> None:
    number = server(here, labels={"role": "web"})
    places = [
        {"type": "label_selector", "label_selector": {"selector": "role=web"}},
        {"type": "server", "server": {"id": number}},
    ]
    fence = here.make("/firewalls", name="f", rules=[RULE], apply_to=places)["firewall"]["id"]
    assert [one["type"] for one in here.get(f"/firewalls/{fence}")["firewall"]["applied_to"]] == [
        "label_selector",
        "server",
    ]
    path = f"/firewalls/{fence}/actions/remove_from_resources"
    here.make(path, remove_from=places[1:])
    refused = here.post(path, remove_from=places[1:])
    assert refused.body["error"]["code"] == "firewall_managed_by_label_selector"  # type: ignore[index]


def test_the_firewall_of_a_new_server_is_there_before_it_boots(here: Hetzner) -> None:
    fence = here.make("/firewalls", name="f", rules=[RULE])["firewall"]["id"]
    body = {"name": "w", **CX, "firewalls": [{"firewall": fence}], "start_after_create": False}
    number = here.make("/servers", **body)["server"]["id"]
    seen = here.get(f"/servers/{number}")["server"]
    assert (seen["status"], seen["public_net"]["firewalls"]) == ("off", [{"id": fence, "status": "applied"}])


def test_what_a_removed_server_had_is_free_only_later(here: Hetzner) -> None:
    body = {"name": "a", "type": "ipv4", "assignee_type": "server", "location": "fsn1"}
    address = here.make("/primary_ips", **body)["primary_ip"]["id"]
    number = server(here, public_net={"ipv4": address})
    volume = here.make("/volumes", name="v", size=10, server=number)["volume"]["id"]
    here.ask("DELETE", f"/servers/{number}")
    here.rest(2.1)
    assert here.ask("GET", f"/servers/{number}").status == 404
    assert here.get(f"/volumes/{volume}")["volume"]["server"] == number, "gone, and still holding its volume"
    refused = here.post("/servers", name="w", **CX, public_net={"ipv4": address})
    assert refused.body["error"]["code"] == "primary_ip_already_assigned"  # type: ignore[index]
    here.rest(2)
    assert here.get(f"/volumes/{volume}")["volume"]["server"] is None
    assert here.post("/servers", name="w", **CX, public_net={"ipv4": address}).status == 201


def test_a_certificate_needs_its_zone(here: Hetzner) -> None:
    body = {"name": "c", "type": "managed", "domain_names": ["www.b.example"]}
    number = here.make("/certificates", **body)["certificate"]["id"]
    seen = here.get(f"/certificates/{number}")["certificate"]["status"]
    assert (seen["issuance"], seen["error"]["code"]) == ("failed", "dns_zone_not_found")
    here.make("/zones", name="b.example", mode="primary")
    here.make(f"/certificates/{number}/actions/retry")
    assert here.get(f"/certificates/{number}")["certificate"]["status"]["issuance"] == "completed"


def test_the_health_of_a_target_is_unknown_first(here: Hetzner) -> None:
    number = server(here)
    front = here.make(
        "/load_balancers",
        name="l",
        load_balancer_type="lb11",
        location="fsn1",
        services=[{"protocol": "http", "listen_port": 80}],
    )["load_balancer"]["id"]
    here.post(f"/load_balancers/{front}/actions/add_target", type="server", server={"id": number})

    def health() -> str:
        target = here.get(f"/load_balancers/{front}")["load_balancer"]["targets"][0]
        return str(target["health_status"][0]["status"])

    here.rest(2)
    assert health() == "unknown"
    here.rest(10)
    assert health() == "healthy"
    here.fake.state.sick.append(number)
    assert health() == "unhealthy"


def test_requests_run_out_and_come_back_one_a_second() -> None:
    here = made(step=0, limit=3)
    replies = [here.ask("GET", "/pricing") for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 429]
    assert [reply.headers["RateLimit-Remaining"] for reply in replies] == ["2", "1", "0", "0"]
    assert int(replies[3].headers["RateLimit-Reset"]) == pytest.approx(here.clock.now() + 3600, abs=1)
    here.clock.forward(1200)
    assert [here.ask("GET", "/pricing").status for _ in range(2)] == [200, 429]


def test_lists_come_in_pages(here: Hetzner) -> None:
    for at in range(3):
        here.make("/placement_groups", name=f"p{at}", type="spread", labels={"at": str(at)})
    page = here.get("/placement_groups", per_page="2", page="2", sort="name:desc")
    assert [one["name"] for one in page["placement_groups"]] == ["p0"]
    assert page["meta"]["pagination"] == {
        "page": 2,
        "per_page": 2,
        "previous_page": 1,
        "next_page": None,
        "last_page": 2,
        "total_entries": 3,
    }
    assert len(here.get("/placement_groups", label_selector="at in (0,2)")["placement_groups"]) == 2


def test_a_fault_meets_the_calls_it_names_and_those_alone(here: Hetzner) -> None:
    fault = Fault(
        harm=Harm.ERROR, method="GET", path="/servers*", after=1, times=2, status=503, code="unavailable"
    )
    here.fake.script.add(fault)
    assert [here.ask("GET", "/servers").status for _ in range(4)] == [200, 503, 503, 200]
    assert here.ask("GET", "/volumes").status == 200


def test_a_change_is_made_although_its_answer_is_lost(here: Hetzner) -> None:
    here.fake.script.add(Fault(harm=Harm.ERROR, method="POST", path="/networks", status=504, done=True))
    assert here.post("/networks", name="n", ip_range="10.0.0.0/16").status == 504
    assert [one["name"] for one in here.get("/networks")["networks"]] == ["n"]


def test_unknown_fields_stand_in_every_object(here: Hetzner) -> None:
    here.make("/placement_groups", name="p", type="spread")
    here.fake.script.add(Fault(harm=Harm.EXTRA, times=0, fields={"colour": "blue"}))
    assert here.get("/placement_groups")["placement_groups"][0]["colour"] == "blue"


def test_a_slow_action_is_slow(here: Hetzner) -> None:
    here.fake.script.add(Fault(harm=Harm.SLOW, path="/servers", factor=100))
    number = here.post("/servers", name="w", **CX).body["server"]["id"]  # type: ignore[index]
    here.rest(60)
    assert here.get(f"/servers/{number}")["server"]["status"] == "initializing"


def test_what_may_come_over_the_wire_instead_of_an_answer() -> None:
    faults = [
        Fault(harm=Harm.HTML, path="/networks", status=502),
        Fault(harm=Harm.DROP, path="/volumes"),
        Fault(harm=Harm.SKEW, path="/servers", seconds=-7200),
        Fault(harm=Harm.HANG, path="/zones", seconds=600),
    ]
    with hetzner(*faults) as here:
        token = {"Authorization": f"Bearer {WRITE}"}
        page = requests.get(f"{here.endpoint}/networks", headers=token, timeout=5)
        assert (page.status_code, page.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{here.endpoint}/volumes", headers=token, timeout=5)
        skewed = requests.get(f"{here.endpoint}/servers", headers=token, timeout=5).headers["Date"]
        assert email.utils.parsedate_to_datetime(skewed).timestamp() < here.clock.now() - 7000
        with pytest.raises(requests.ReadTimeout):
            requests.get(f"{here.endpoint}/zones", headers=token, timeout=0.2)
        assert requests.get(f"{here.endpoint}/zones", headers=token, timeout=5).json()["zones"] == []


def test_many_ask_at_once_and_each_gets_its_own() -> None:
    rule = FirewallRule("in", "icmp", ["0.0.0.0/0"])
    with hetzner() as here, ThreadPoolExecutor(8) as pool:
        made_ = list(
            pool.map(lambda at: here.client().firewalls.create(f"f{at}", [rule]).firewall, range(24))
        )
        assert len({fence.id for fence in made_}) == 24
        assert {fence.name for fence in here.client().firewalls.get_all()} == {f"f{at}" for at in range(24)}
        with pytest.raises(hcloud.APIException, match="firewall name is already used"):
            here.client().firewalls.create("f0")


def test_a_project_that_is_half_deleted_is_still_told(here: Hetzner) -> None:
    zone = {"type": "cloud", "network_zone": "eu-central"}
    network = here.make("/networks", name="n", ip_range="10.0.0.0/16", subnets=[zone])["network"]["id"]
    number = server(here, labels={"role": "web"}, networks=[network])
    place = {"type": "server", "server": {"id": number}}
    here.make("/firewalls", name="f", rules=[RULE], apply_to=[place])
    here.make("/volumes", name="v", size=10, server=number)
    body = {"load_balancer_type": "lb11", "location": "fsn1", "targets": [place]}
    here.make("/load_balancers", name="l", **body, services=[{"protocol": "http"}])
    here.fake.state.servers[number + 10_000] = here.fake.state.servers.pop(number)
    del here.fake.state.networks[network]
    for name in ("servers", "firewalls", "volumes", "load_balancers", "primary_ips", "networks"):
        assert here.ask("GET", f"/{name}").status == 200
    assert here.get("/volumes")["volumes"][0]["server"] == number
    assert here.get("/firewalls")["firewalls"][0]["applied_to"] == [place]


def test_a_project_is_written_down_and_read_back_as_it_was(here: Hetzner) -> None:
    server(here, labels={"role": "web"})
    here.post("/volumes", name="v", size=10, location="fsn1")
    text = msgspec.json.encode(here.fake.state)
    assert json.loads(text)["servers"]
    again = made(step=0.01, state=msgspec.json.decode(text, type=type(here.fake.state)))
    again.rest(200)
    assert again.get("/volumes")["volumes"][0]["status"] == "available", "what was under way goes on"
    assert again.get("/servers")["servers"][0]["labels"] == {"role": "web"}
