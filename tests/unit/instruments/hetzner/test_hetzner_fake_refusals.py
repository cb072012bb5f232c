"""What the fake refuses, in the API's own words: nothing is changed by it."""

import msgspec
import pytest
from tests.support.hetzner import READ, Hetzner, made
from tests.support.hetzner_walk import PUBLIC_KEY

from vedette.instruments.hetzner.fake.calls import Reply

CX = {"server_type": "cx22", "image": "debian-12", "location": "fsn1"}
RULE = {"direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0"]}


def code(reply: Reply) -> tuple[int, str]:
    assert reply.body is not None, reply
    error = reply.body["error"]
    assert isinstance(error, dict)
    return reply.status, str(error["code"])


def fields(reply: Reply) -> list[str]:
    assert reply.body is not None
    body = msgspec.json.decode(msgspec.json.encode(reply.body))
    return [field["name"] for field in (body["error"]["details"] or {}).get("fields", [])]


@pytest.fixture
def here() -> Hetzner:
    return made(step=0.01)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/networks", {"name": "n", "ip_range": "8.8.0.0/16"}, "ip_range"),
        ("/networks", {"name": "n", "ip_range": "10.0.0.1/16"}, "ip_range"),
        ("/networks", {"name": "", "ip_range": "10.0.0.0/16"}, "name"),
        ("/networks", {"name": "n"}, "ip_range"),
        ("/networks", {"name": "n", "ip_range": "10.0.0.0/16", "labels": {"a b": ""}}, "labels"),
        ("/networks", {"name": "n", "ip_range": 7}, "ip_range"),
        ("/ssh_keys", {"name": "k", "public_key": "ssh-ed25519 AAAA"}, "public_key"),
        ("/servers", {"name": "Bäcker", **CX}, "name"),
        ("/servers", {"name": "w", **CX, "server_type": "cx99"}, "server_type"),
        ("/servers", {"name": "w", **CX, "server_type": "cx11"}, "server_type"),
        ("/servers", {"name": "w", **CX, "image": "debian-3"}, "image"),
        ("/servers", {"name": "w", **CX, "server_type": "cax11", "image": "fedora-42"}, "image"),
        ("/servers", {"name": "w", **CX, "location": "mars"}, "location"),
        ("/servers", {"name": "w", **CX, "ssh_keys": ["nobody"]}, "ssh_keys"),
        ("/servers", {"name": "w", **CX, "public_net": {"enable_ipv4": False, "enable_ipv6": False}}, "public_net"),
        ("/volumes", {"name": "v", "size": 5, "location": "fsn1"}, "size"),
        ("/volumes", {"name": "v", "size": 10}, "location"),
        ("/firewalls", {"name": "f", "rules": [{**RULE, "source_ips": []}]}, "rules[0].source_ips"),
        ("/firewalls", {"name": "f", "rules": [{**RULE, "port": "90-80"}]}, "rules[0].port"),
        ("/firewalls", {"name": "f", "rules": [{**RULE, "protocol": "icmp"}]}, "rules[0].port"),
        ("/firewalls", {"name": "f", "rules": [{**RULE, "source_ips": ["anyone"]}]}, "rules[0].source_ips"),
        ("/firewalls", {"name": "f", "rules": [RULE] * 51}, "rules"),
        ("/load_balancers", {"name": "l", "load_balancer_type": "lb11"}, "location"),
        ("/certificates", {"name": "c", "type": "managed"}, "domain_names"),
        ("/certificates", {"name": "c", "certificate": "x", "private_key": "y"}, "certificate"),
        ("/zones", {"name": "bücher.example", "mode": "primary"}, "name"),
        ("/zones", {"name": "b.example", "mode": "secondary"}, "primary_nameservers"),
    ],
)  # fmt: skip
def test_wrong_input_names_its_field(here: Hetzner, path: str, body: dict[str, object], field: str) -> None:
    before = msgspec.json.encode(here.fake.state.__class__(last_id=0))
    reply = here.post(path, **body)
    assert code(reply) == (422, "invalid_input")
    assert fields(reply) == [field]
    here.fake.state.last_id = 0
    assert msgspec.json.encode(here.fake.state) == before, "nothing is kept of what was refused"


def test_a_token_reads_writes_or_is_unknown(here: Hetzner) -> None:
    assert code(here.ask("GET", "/servers", token="wrong")) == (401, "unauthorized")
    assert code(here.post("/networks", token=READ, name="n", ip_range="10.0.0.0/16")) == (
        403,
        "token_readonly",
    )
    assert here.ask("GET", "/networks", token=READ).status == 200


def test_what_is_no_json_or_no_path_is_told(here: Hetzner) -> None:
    assert code(here.ask("POST", "/networks", b"{")) == (400, "json_error")
    assert code(here.ask("GET", "/nothing")) == (404, "not_found")
    assert code(here.ask("GET", "/servers/7")) == (404, "not_found")
    assert code(here.ask("PATCH", "/servers/7")) == (405, "method_not_allowed")
    assert code(here.ask("GET", "/servers", per_page="51")) == (422, "invalid_input")
    assert code(here.ask("GET", "/servers", sort="colour")) == (400, "invalid_input")


def test_names_and_fingerprints_are_unique(here: Hetzner) -> None:
    here.make("/ssh_keys", name="ann", public_key=PUBLIC_KEY)
    assert code(here.post("/ssh_keys", name="ann", public_key=PUBLIC_KEY)) == (409, "uniqueness_error")
    assert fields(here.post("/ssh_keys", name="bob", public_key=PUBLIC_KEY)) == ["public_key"]


def test_what_is_protected_stays(here: Hetzner) -> None:
    server = here.make("/servers", name="w", **CX)["server"]["id"]
    here.make(f"/servers/{server}/actions/change_protection", delete=True, rebuild=True)
    assert code(here.ask("DELETE", f"/servers/{server}")) == (403, "protected")
    assert code(here.post(f"/servers/{server}/actions/rebuild", image="debian-13")) == (403, "protected")
    zone = here.make("/zones", name="b.example", mode="primary")["zone"]["id"]
    here.make(f"/zones/{zone}/rrsets/@/NS/actions/change_protection", change=True)
    assert code(here.ask("DELETE", f"/zones/{zone}/rrsets/@/NS")) == (403, "protected")


def test_servers_are_locked_and_networks_conflict_while_an_action_runs(here: Hetzner) -> None:
    server = here.post("/servers", name="w", **CX).body["server"]["id"]  # type: ignore[index]
    assert here.get(f"/servers/{server}")["server"]["locked"] is True
    assert code(here.post(f"/servers/{server}/actions/poweroff")) == (409, "locked")
    network = here.make("/networks", name="n", ip_range="10.0.0.0/16")["network"]["id"]
    subnet = {"type": "cloud", "network_zone": "eu-central"}
    assert here.post(f"/networks/{network}/actions/add_subnet", **subnet).status == 201
    assert code(here.post(f"/networks/{network}/actions/add_subnet", **subnet)) == (409, "conflict")
    here.rest()
    assert here.get(f"/servers/{server}")["server"]["locked"] is False
    assert here.post(f"/networks/{network}/actions/add_subnet", **subnet).status == 201


def test_what_is_in_use_is_not_removed(here: Hetzner) -> None:
    group = here.make("/placement_groups", name="p", type="spread")["placement_group"]["id"]
    fence = here.make("/firewalls", name="f", rules=[RULE])["firewall"]["id"]
    made_ = here.make("/servers", name="w", **CX, placement_group=group, firewalls=[{"firewall": fence}])
    address = made_["server"]["public_net"]["ipv4"]["id"]
    assert code(here.ask("DELETE", f"/placement_groups/{group}")) == (422, "resource_in_use")
    assert code(here.ask("DELETE", f"/firewalls/{fence}")) == (422, "resource_in_use")
    assert code(here.ask("DELETE", f"/primary_ips/{address}")) == (422, "must_be_unassigned")


def test_subnets_do_not_overlap_and_ranges_only_grow(here: Hetzner) -> None:
    network = here.make("/networks", name="n", ip_range="10.0.0.0/16")["network"]["id"]
    subnet = {"type": "cloud", "network_zone": "eu-central", "ip_range": "10.0.1.0/24"}
    here.make(f"/networks/{network}/actions/add_subnet", **subnet)
    path = f"/networks/{network}/actions"
    assert (
        code(here.post(f"{path}/add_subnet", **{**subnet, "ip_range": "10.0.1.128/25"}))[1] == "invalid_input"
    )
    assert code(here.post(f"{path}/change_ip_range", ip_range="10.0.0.0/17"))[1] == "invalid_input"
    server = here.make("/servers", name="w", **CX, networks=[network])["server"]["id"]
    assert code(here.post(f"{path}/delete_subnet", ip_range="10.0.1.0/24"))[1] == "service_error"
    assert code(here.post(f"/servers/{server}/actions/attach_to_network", network=network)) == (
        422,
        "server_already_attached",
    )


def test_targets_must_be_reachable(here: Hetzner) -> None:
    network = here.make(
        "/networks",
        name="n",
        ip_range="10.0.0.0/16",
        subnets=[{"type": "cloud", "network_zone": "eu-central", "ip_range": "10.0.1.0/24"}],
    )["network"]["id"]
    none = {"enable_ipv4": False, "enable_ipv6": False}
    inside = here.make("/servers", name="in", **CX, networks=[network], public_net=none)["server"]["id"]
    outside = here.make("/servers", name="out", **CX)["server"]["id"]
    front = here.make("/load_balancers", name="l", load_balancer_type="lb11", location="fsn1")[
        "load_balancer"
    ]["id"]

    def target(server: int, *, private: bool) -> Reply:
        body = {"type": "server", "server": {"id": server}, "use_private_ip": private}
        return here.post(f"/load_balancers/{front}/actions/add_target", **body)

    assert code(target(inside, private=False)) == (422, "missing_ipv4")
    assert code(target(inside, private=True)) == (422, "load_balancer_not_attached_to_network")
    here.make(f"/load_balancers/{front}/actions/attach_to_network", network=network)
    assert code(target(outside, private=True)) == (422, "server_not_attached_to_network")
    assert target(inside, private=True).status == 201
    assert code(target(outside, private=False)) == (409, "conflict"), (
        "one change of a load balancer at a time"
    )
    here.rest()
    assert code(target(inside, private=True)) == (422, "target_already_defined")
    assert target(outside, private=False).status == 201


def test_what_is_sold_out_or_too_much_is_refused(here: Hetzner) -> None:
    here.fake.state.sold_out.append("cx22@fsn1")
    assert code(here.post("/servers", name="w", **CX)) == (412, "resource_unavailable")
    assert here.post("/servers", name="w", **{**CX, "location": "nbg1"}).status == 201
    here.fake.state.limits["volumes"] = 0
    reply = here.post("/volumes", name="v", size=10, location="fsn1")
    assert code(reply) == (403, "resource_limit_exceeded")


def test_records_fit_their_type_and_stand_alone_where_they_must(here: Hetzner) -> None:
    zone = here.make("/zones", name="b.example", mode="primary")["zone"]["id"]

    def record(name: str, kind: str, *values: str) -> Reply:
        rows = [{"value": value} for value in values]
        reply = here.post(f"/zones/{zone}/rrsets", name=name, type=kind, records=rows)
        here.rest()
        return reply

    assert fields(record("@", "A", "::1")) == ["records[0].value"]
    assert fields(record("@", "TXT", "v=spf1 -all")) == ["records[0].value"]
    assert record("@", "TXT", '"v=spf1 -all"').status == 201
    assert record("www", "CNAME", "@").status == 201
    assert fields(record("www", "A", "203.0.113.7")) == ["type"]
    assert code(record("www", "CNAME", "b.example.")) == (409, "uniqueness_error")
    assert fields(record("UPPER", "A", "203.0.113.7")) == ["name"]
    mirror = {"mode": "secondary", "primary_nameservers": [{"address": "203.0.113.53"}]}
    other = here.make("/zones", name="c.example", **mirror)["zone"]["id"]
    body = {"name": "@", "type": "A", "records": [{"value": "203.0.113.7"}]}
    assert code(here.post(f"/zones/{other}/rrsets", **body)) == (422, "incorrect_zone_mode")


def test_services_of_a_load_balancer_fit_together(here: Hetzner) -> None:
    front = here.make("/load_balancers", name="l", load_balancer_type="lb11", location="fsn1")[
        "load_balancer"
    ]["id"]
    path = f"/load_balancers/{front}/actions"
    assert fields(here.post(f"{path}/add_service", protocol="https")) == ["http.certificates"]
    here.make(f"{path}/add_service", protocol="http", listen_port=80)
    assert code(here.post(f"{path}/add_service", protocol="tcp", listen_port=80, destination_port=1)) == (
        422,
        "source_port_already_used",
    )
    slow = {"interval": 3, "timeout": 9}
    reply = here.post(f"{path}/update_service", listen_port=80, health_check=slow)
    assert fields(reply) == ["health_check.timeout"]
    kept = here.get(f"/load_balancers/{front}")["load_balancer"]["services"][0]["health_check"]
    assert kept["timeout"] == 10, "what was refused left nothing behind"
