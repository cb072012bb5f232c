"""hcloud's own client through everything that the fake answers, as a project would be built, changed and torn down."""

import datetime as dt
from collections.abc import Iterable

import hcloud
from hcloud.actions import BoundAction
from hcloud.certificates import BoundCertificate
from hcloud.core import BoundModelBase
from hcloud.firewalls import (
    BoundFirewall,
    FirewallResource,
    FirewallResourceLabelSelector,
    FirewallRule,
)
from hcloud.images import Image
from hcloud.isos import Iso
from hcloud.load_balancer_types import LoadBalancerType
from hcloud.load_balancers import (
    BoundLoadBalancer,
    LoadBalancerAlgorithm,
    LoadBalancerHealthCheck,
    LoadBalancerHealthCheckHttp,
    LoadBalancerService,
    LoadBalancerServiceHttp,
    LoadBalancerTarget,
    LoadBalancerTargetIP,
    LoadBalancerTargetLabelSelector,
)
from hcloud.locations import Location
from hcloud.networks import BoundNetwork, NetworkRoute, NetworkSubnet
from hcloud.server_types import ServerType
from hcloud.servers import BoundServer, Server, ServerCreatePublicNetwork
from hcloud.ssh_keys import BoundSSHKey
from hcloud.volumes import BoundVolume
from hcloud.zones import BoundZone, Zone, ZonePrimaryNameserver, ZoneRecord, ZoneRRSet

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJn8cDKjZp1IYDBTn3VrbEYfM6DSk7Ol6E7rLjrqf9QN ann@example"
FSN = Location(name="fsn1")
RULES = [
    FirewallRule("in", "tcp", ["0.0.0.0/0", "::/0"], port="443", description="web"),
    FirewallRule("in", "icmp", ["0.0.0.0/0"]),
    FirewallRule("out", "udp", port="53", destination_ips=["9.9.9.9/32"]),
]


def done(*actions: BoundAction | None) -> None:
    """Wait until actions have ended well."""
    for action in actions:
        if action is not None:
            action.wait_until_finished()


def look(client: hcloud.Client, name: str, one: BoundModelBase) -> None:  # type: ignore[type-arg]
    """Ask for a thing, its actions and all actions of its kind in every way there is."""
    path = f"/{name}/{one.data_model.id}"
    client.request("GET", path)
    found = client.request("GET", f"{path}/actions", params={"sort": "id:desc"})["actions"]
    client.request("GET", f"/{name}/actions")
    if found:
        client.request("GET", f"{path}/actions/{found[0]['id']}")
        client.request("GET", f"/{name}/actions/{found[0]['id']}")
        client.request("GET", "/actions", params={"id": [one["id"] for one in found]})
        client.actions.get_by_id(found[0]["id"])


def offer(client: hcloud.Client) -> None:
    """Read what is on offer."""
    listed: Iterable[BoundModelBase] = (  # type: ignore[type-arg]
        client.locations.get_all()[0],
        client.server_types.get_all()[0],
        client.load_balancer_types.get_all()[0],
        client.isos.get_all()[0],
    )
    names = ("locations", "server_types", "load_balancer_types", "isos")
    for name, one in zip(names, listed, strict=True):
        client.request("GET", f"/{name}/{one.data_model.id}")
    client.request("GET", "/pricing")
    client.request("GET", "/datacenters")
    client.request("GET", "/datacenters/1")


def network(client: hcloud.Client) -> BoundNetwork:
    made = client.networks.create("main", "10.0.0.0/16", labels={"vedette": "shop"})
    done(made.add_subnet(NetworkSubnet("10.0.1.0/24", type="cloud", network_zone="eu-central")))
    done(made.add_subnet(NetworkSubnet("10.0.2.0/24", type="cloud", network_zone="eu-central")))
    done(made.delete_subnet(NetworkSubnet("10.0.2.0/24")))
    done(made.add_route(NetworkRoute("192.168.7.0/24", "10.0.1.9")))
    done(made.delete_route(NetworkRoute("192.168.7.0/24", "10.0.1.9")))
    done(made.change_ip_range("10.0.0.0/15"))
    done(made.change_protection(delete=True))
    done(made.change_protection(delete=False))
    made.update(labels={"vedette": "shop", "tier": "net"})
    look(client, "networks", made)
    client.networks.get_all(label_selector="vedette=shop")
    made.get_member_all()
    return made


def key(client: hcloud.Client) -> BoundSSHKey:
    made = client.ssh_keys.create("ann", PUBLIC_KEY, {"vedette": "shop"})
    client.ssh_keys.get_by_fingerprint(made.fingerprint or "")
    client.ssh_keys.get_by_id(made.id)
    return made.update(labels={"of": "ann"})


def server(client: hcloud.Client, main: BoundNetwork, ann: BoundSSHKey) -> BoundServer:
    group = client.placement_groups.create("spread", "spread", {"vedette": "shop"}).placement_group
    address = client.primary_ips.create("ipv4", "web-1", location=FSN, assignee_type="server").primary_ip
    volume = client.volumes.create(10, "data", location=FSN, format="ext4")
    done(volume.action)
    answer = client.servers.create(
        "web-1",
        ServerType(name="cx22"),
        Image(name="debian-12"),
        ssh_keys=[ann],
        volumes=[volume.volume],
        networks=[main],
        user_data="#cloud-config\n",
        labels={"role": "web"},
        location=FSN,
        start_after_create=False,
        placement_group=group,
        public_net=ServerCreatePublicNetwork(ipv4=address),
    )
    done(answer.action, *answer.next_actions)
    group.update(labels={"kind": "spread"})
    client.placement_groups.get_by_id(group.id)
    client.placement_groups.get_all()
    return client.servers.get_by_id(answer.server.id)


def power(client: hcloud.Client, one: BoundServer) -> None:
    """Do to a server what is done to machines."""
    done(one.change_type(ServerType(name="cx32"), upgrade_disk=False))
    done(one.power_on(), one.reboot(), one.reset(), one.reset_password().action)
    done(one.enable_rescue("linux64").action, one.disable_rescue(), one.request_console().action)
    done(one.attach_iso(Iso(name="debian-12.11.0-amd64-netinst.iso")), one.detach_iso())
    done(one.enable_backup(), one.create_image("nightly", "backup").action)
    done(one.rebuild(Image(name="debian-13")).action)
    done(one.disable_backup(), one.shutdown(), one.power_on(), one.power_off())
    now = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    one.get_metrics("cpu", now, now)
    one.update(labels={"role": "web", "tier": "front"})
    look(client, "servers", one)
    client.servers.get_all(status=["off"])


def places(client: hcloud.Client, one: BoundServer, main: BoundNetwork) -> None:
    """Do to a server what concerns where it is."""
    group = client.placement_groups.get_all()[0]
    done(one.remove_from_placement_group(), one.add_to_placement_group(group))
    done(one.detach_from_network(main), one.attach_to_network(main, ip="10.0.1.7"))
    done(one.change_alias_ips(main, ["10.0.1.70"]))
    assert one.public_net is not None
    assert one.public_net.ipv4 is not None
    done(one.change_dns_ptr(one.public_net.ipv4.ip, "web-1.shop.example"))
    done(one.change_protection(delete=True, rebuild=True), one.change_protection(delete=False, rebuild=False))


def image(client: hcloud.Client, one: BoundServer) -> None:
    answer = one.create_image("golden", "snapshot", {"vedette": "shop"})
    done(answer.action)
    shot = client.images.get_by_id(answer.image.id)
    shot.update(description="golden, tested", labels={"tested": "yes"})
    done(shot.change_protection(delete=True), shot.change_protection(delete=False))
    client.images.get_all(type="snapshot")
    look(client, "images", shot)
    shot.delete()


def volume(client: hcloud.Client, one: BoundServer) -> None:
    found: BoundVolume | None = client.volumes.get_by_name("data")
    assert found is not None
    done(found.resize(20), found.detach(), found.attach(one, automount=False))
    done(found.change_protection(delete=True), found.change_protection(delete=False))
    found.update(labels={"vedette": "shop"})
    look(client, "volumes", found)
    fresh = client.volumes.create(10, "logs", server=one)
    done(fresh.action, *fresh.next_actions)
    done(fresh.volume.detach())
    fresh.volume.delete()


def address(client: hcloud.Client, one: BoundServer) -> None:
    found = client.primary_ips.get_by_name("web-1")
    assert found is not None
    assert found.ip is not None
    done(found.change_dns_ptr(found.ip, "shop.example"))
    done(found.unassign(), found.assign(one.id, "server"))
    done(found.change_protection(delete=True), found.change_protection(delete=False))
    found.update(auto_delete=False, labels={"vedette": "shop"})
    look(client, "primary_ips", found)
    client.primary_ips.get_all()
    client.primary_ips.create("ipv6", "spare", location=FSN, assignee_type="server").primary_ip.delete()
    floating(client, one)


def floating(client: hcloud.Client, one: BoundServer) -> None:
    made = client.floating_ips.create("ipv4", home_location=FSN, name="vip", labels={"vedette": "shop"})
    vip = client.floating_ips.get_by_name("vip")
    assert vip is not None
    done(made.action, vip.assign(one), vip.change_dns_ptr(vip.ip, "vip.example"))
    done(vip.change_protection(delete=True), vip.change_protection(delete=False))
    look(client, "floating_ips", vip.update(description="moves"))
    client.floating_ips.get_all()
    done(vip.unassign())
    vip.delete()


def firewall(client: hcloud.Client, one: BoundServer) -> BoundFirewall:
    by_label = FirewallResource("label_selector", label_selector=FirewallResourceLabelSelector("role=web"))
    answer = client.firewalls.create("web", RULES, {"vedette": "shop"}, [by_label])
    done(*answer.actions)
    made = answer.firewall
    done(*made.set_rules(RULES[:2]))
    direct = FirewallResource("server", server=Server(id=one.id))
    done(*made.apply_to_resources([direct]))
    made.update(labels={"of": "web"})
    look(client, "firewalls", made)
    client.firewalls.get_all()
    done(*made.remove_from_resources([direct, by_label]))
    return made


def zone(client: hcloud.Client) -> BoundZone:
    first = [ZoneRRSet("www", "CNAME", records=[ZoneRecord("@")])]
    answer = client.zones.create(name="shop.example", mode="primary", ttl=7200, rrsets=first)
    done(answer.action)
    made = answer.zone
    made.update(labels={"vedette": "shop"})
    done(made.change_ttl(3600), made.change_protection(delete=True), made.change_protection(delete=False))
    rrset = made.create_rrset(name="@", type="A", ttl=300, records=[ZoneRecord("203.0.113.7", "front")])
    done(rrset.action)
    a = rrset.rrset
    done(
        a.add_rrset_records([ZoneRecord("203.0.113.8")]),
        a.update_rrset_records([ZoneRecord("203.0.113.8", "b")]),
    )
    done(
        a.remove_rrset_records([ZoneRecord("203.0.113.8")]), a.set_rrset_records([ZoneRecord("203.0.113.9")])
    )
    done(
        a.change_rrset_ttl(600),
        a.change_rrset_protection(change=True),
        a.change_rrset_protection(change=False),
    )
    a.update_rrset(labels={"vedette": "shop"})
    made.get_rrset("www", "CNAME")
    made.get_rrset_all()
    done(a.delete_rrset().action)
    done(made.import_zonefile(made.export_zonefile().zonefile))
    client.zones.get(made.name or "")
    client.zones.get_all(mode="primary")
    look(client, "zones", made)
    return made


def second_zone(client: hcloud.Client) -> None:
    answer = client.zones.create(
        name="mirror.example", mode="secondary", primary_nameservers=[ZonePrimaryNameserver("203.0.113.53")]
    )
    done(answer.action)
    done(answer.zone.change_primary_nameservers([ZonePrimaryNameserver("203.0.113.54", port=5353)]))
    done(client.zones.delete(Zone(id=answer.zone.id)).action)


def certificate(client: hcloud.Client) -> BoundCertificate:
    lost = client.certificates.create_managed("lost", ["nowhere.example"]).certificate
    client.request("GET", f"/certificates/{lost.id}")
    while client.certificates.get_by_id(lost.id).status.issuance == "pending":  # type: ignore[union-attr]
        pass
    lost.retry_issuance()
    answer = client.certificates.create_managed("shop", ["shop.example"], {"vedette": "shop"})
    done(answer.action)
    made = answer.certificate.update(labels={"vedette": "shop", "of": "front"})
    look(client, "certificates", made)
    client.certificates.get_all()
    return made


def load_balancer(
    client: hcloud.Client, main: BoundNetwork, one: BoundServer, proof: BoundCertificate
) -> BoundLoadBalancer:
    answer = client.load_balancers.create(
        "front",
        LoadBalancerType(name="lb11"),
        location=FSN,
        labels={"vedette": "shop"},
        algorithm=LoadBalancerAlgorithm("round_robin"),
    )
    done(answer.action)
    made = answer.load_balancer
    done(made.attach_to_network(main, ip="10.0.1.200"))
    checked = LoadBalancerHealthCheck(
        "http", 80, 15, 10, 3, LoadBalancerHealthCheckHttp("shop.example", "/health", status_codes=["200"])
    )
    web = LoadBalancerServiceHttp(redirect_http=True, certificates=[proof])
    done(
        made.add_service(
            LoadBalancerService("https", 443, 80, proxyprotocol=False, health_check=checked, http=web)
        )
    )
    done(made.update_service(LoadBalancerService(listen_port=443, destination_port=8080)))
    targets(made, one)
    done(made.change_algorithm(LoadBalancerAlgorithm("least_connections")))
    done(made.change_type(LoadBalancerType(name="lb21")))
    ipv4 = made.public_net.ipv4.ip  # type: ignore[union-attr]
    done(made.change_dns_ptr(ipv4, "shop.example"))
    done(made.change_protection(delete=True), made.change_protection(delete=False))
    made.update(labels={"of": "front"})
    now = dt.datetime(2026, 11, 27, tzinfo=dt.UTC)
    made.get_metrics("open_connections", now, now)
    look(client, "load_balancers", made)
    client.load_balancers.get_all()
    done(made.delete_service(LoadBalancerService(listen_port=443)), made.detach_from_network(main))
    return made


def targets(made: BoundLoadBalancer, one: BoundServer) -> None:
    private = LoadBalancerTarget("server", server=one, use_private_ip=True)
    labelled = LoadBalancerTarget(
        "label_selector", label_selector=LoadBalancerTargetLabelSelector("role=web"), use_private_ip=True
    )
    outside = LoadBalancerTarget("ip", ip=LoadBalancerTargetIP("203.0.113.99"))
    done(made.add_target(private), made.add_target(labelled))
    done(made.disable_public_interface(), made.enable_public_interface())
    done(made.add_target(outside))
    made.reload()
    done(made.remove_target(private), made.remove_target(labelled), made.remove_target(outside))


def walk(client: hcloud.Client) -> None:
    """Build, change and tear down a project with everything in it."""
    offer(client)
    main, ann = network(client), key(client)
    one = server(client, main, ann)
    power(client, one)
    places(client, one, main)
    image(client, one)
    volume(client, one)
    address(client, one)
    fence = firewall(client, one)
    shop = zone(client)
    second_zone(client)
    proof = certificate(client)
    front = load_balancer(client, main, one, proof)
    tear_down(client, one, fence, shop, front)


def tear_down(
    client: hcloud.Client, one: BoundServer, fence: BoundFirewall, shop: BoundZone, front: BoundLoadBalancer
) -> None:
    done(one.delete())
    while (held := client.volumes.get_by_name("data")) and held.server:
        pass
    for left in (*client.volumes.get_all(), *client.primary_ips.get_all(), *client.certificates.get_all()):
        left.delete()
    done(front.delete().action)
    fence.delete()
    for name in ("placement_groups", "networks", "ssh_keys"):
        for thing in getattr(client, name).get_all():
            thing.delete()
    done(shop.delete().action)
