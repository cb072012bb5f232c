"""Whatever is asked in whatever order: the fake answers, and what it holds fits together."""

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.hetzner import made

from vedette.instruments.hetzner.fake.calls import Reply

AT = st.integers(0, 2)  # which of the things there are
PEER = {"direction": "in", "protocol": "icmp", "source_ips": ["0.0.0.0/0"]}


class Project(RuleBasedStateMachine):
    """Calls and time, at random; most are refused, none may break anything."""

    def __init__(self) -> None:
        super().__init__()
        self.here = made(step=0.1)
        self.count = 0

    @initialize()
    def begin(self) -> None:
        self.create_network("10.0.0.0/30")
        self.create_network("10.1.0.0/16")
        for at in range(2):
            self.create_server(at, "web", bare=False)
            self.create_firewall(at, labelled=True)
        self.here.rest()
        self.create_volume(0)
        self.create_balancer(0, labelled=False)
        self.here.rest()

    def name(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def pick(self, table: str, at: int) -> int:
        numbers = sorted(getattr(self.here.fake.state, table))
        return numbers[at % len(numbers)] if numbers else 1

    def post(self, path: str, **body: object) -> Reply:
        reply = self.here.post(path, **body)
        assert reply.status in {201, 403, 404, 409, 412, 422}, (path, body, reply)
        return reply

    @rule(at=AT, role=st.sampled_from(["web", "db"]), bare=st.booleans())
    def create_server(self, at: int, role: str, bare: bool) -> None:
        networks = [] if bare else [self.pick("networks", at)]
        volumes = [] if bare else [self.pick("volumes", at)]
        size = {"server_type": "cx22", "image": "debian-12", "labels": {"role": role}}
        self.post("/servers", name=self.name(), networks=networks, volumes=volumes, **size)

    @rule(
        at=AT,
        verb=st.sampled_from(
            ["poweron", "poweroff", "create_image", "detach_iso", "enable_backup", "disable_backup"]
        ),
    )
    def act_on_server(self, at: int, verb: str) -> None:
        self.post(f"/servers/{self.pick('servers', at)}/actions/{verb}")

    @rule(at=AT, other=AT, verb=st.sampled_from(["attach_to_network", "detach_from_network"]))
    def network_server(self, at: int, other: int, verb: str) -> None:
        path = f"/servers/{self.pick('servers', at)}/actions/{verb}"
        self.post(path, network=self.pick("networks", other))

    @rule(net=st.sampled_from(["10.0.0.0/30", "10.1.0.0/16"]))
    def create_network(self, net: str) -> None:
        subnet = {"type": "cloud", "network_zone": "eu-central", "ip_range": net}
        self.post("/networks", name=self.name(), ip_range=net, subnets=[subnet])

    @rule(at=AT)
    def create_volume(self, at: int) -> None:
        self.post("/volumes", name=self.name(), size=10, server=self.pick("servers", at))

    @rule(at=AT, other=AT, verb=st.sampled_from(["attach", "detach"]))
    def move_volume(self, at: int, other: int, verb: str) -> None:
        path = f"/volumes/{self.pick('volumes', at)}/actions/{verb}"
        self.post(path, server=self.pick("servers", other))

    @rule(at=AT, other=AT, verb=st.sampled_from(["assign", "unassign"]))
    def move_address(self, at: int, other: int, verb: str) -> None:
        path = f"/primary_ips/{self.pick('primary_ips', at)}/actions/{verb}"
        self.post(path, assignee_id=self.pick("servers", other), assignee_type="server")

    @rule(at=AT, labelled=st.booleans())
    def create_firewall(self, at: int, labelled: bool) -> None:
        self.post("/firewalls", name=self.name(), rules=[PEER], apply_to=[self.place(at, labelled)])

    @rule(at=AT, other=AT, labelled=st.booleans(), removing=st.booleans())
    def place_firewall(self, at: int, other: int, labelled: bool, removing: bool) -> None:
        verb, field = ("remove_from", "remove_from") if removing else ("apply_to", "apply_to")
        path = f"/firewalls/{self.pick('firewalls', at)}/actions/{verb}_resources"
        self.post(path, **{field: [self.place(other, labelled)]})

    @rule(at=AT, labelled=st.booleans())
    def create_balancer(self, at: int, labelled: bool) -> None:
        body = {"load_balancer_type": "lb11", "location": "fsn1", "services": [{"protocol": "http"}]}
        self.post("/load_balancers", name=self.name(), targets=[self.place(at, labelled)], **body)

    @rule(at=AT, other=AT, labelled=st.booleans(), verb=st.sampled_from(["add_target", "remove_target"]))
    def change_target(self, at: int, other: int, labelled: bool, verb: str) -> None:
        path = f"/load_balancers/{self.pick('load_balancers', at)}/actions/{verb}"
        self.post(path, **self.place(other, labelled))

    def place(self, at: int, labelled: bool) -> dict[str, object]:
        if labelled:
            return {"type": "label_selector", "label_selector": {"selector": "role=web"}}
        return {"type": "server", "server": {"id": self.pick("servers", at)}}

    @rule(at=AT, labels=st.sampled_from([{}, {"role": "web"}]))
    def relabel(self, at: int, labels: dict[str, str]) -> None:
        self.here.ask("PUT", f"/servers/{self.pick('servers', at)}", msgspec.json.encode({"labels": labels}))

    @rule(
        at=AT,
        table=st.sampled_from(
            ["servers", "networks", "volumes", "primary_ips", "firewalls", "load_balancers", "images"]
        ),
    )
    def remove(self, at: int, table: str) -> None:
        reply = self.here.ask("DELETE", f"/{table}/{self.pick(table, at)}")
        assert reply.status in {200, 204, 403, 404, 409, 422}, (table, reply)

    @rule(seconds=st.sampled_from([0.5, 3, 60]))
    def wait(self, seconds: float) -> None:
        self.here.rest(seconds)

    @invariant()
    def everything_is_told(self) -> None:
        for name in (
            "servers",
            "networks",
            "volumes",
            "primary_ips",
            "firewalls",
            "load_balancers",
            "images",
        ):
            assert self.here.ask("GET", f"/{name}").status == 200

    @invariant()
    def an_address_is_one_thing_s_own(self) -> None:
        state = self.here.fake.state
        private = [(net.network, net.ip) for one in state.networked() for net in one.private]
        assert len(private) == len(set(private))
        public = [number for one in state.servers.values() for number in (one.ipv4, one.ipv6) if number]
        assert len(public) == len(set(public))
        assert all(state.primary_ips[number].assignee for number in public)

    @invariant()
    def no_server_is_named_by_a_firewall_once_it_is_gone(self) -> None:
        state = self.here.fake.state
        named = {one.server for fence in state.firewalls.values() for one in fence.applications if one.server}
        assert named <= set(state.servers)


TestProject = Project.TestCase
TestProject.settings = settings(max_examples=8, stateful_step_count=40, deadline=None)
