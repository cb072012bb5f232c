"""What may stand in a file of infrastructure. Pure.

These structs are also the JSON Schema that editors read, so each says what it is.
"""

import datetime
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from vedette.deploy.types import Roll
from vedette.wire.infra import Hardening

Labels = Annotated[Mapping[str, str], msgspec.Meta(description='{ role = "web" }')]
OneOrMore = str | tuple[str, ...]
Cidr = Annotated[str, msgspec.Meta(description="a network: 10.0.0.0/16, 2001:db8::/32")]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Rdns = Annotated[
    str | Mapping[str, str],
    msgspec.Meta(
        description="a name for the IPv4 address (IPv6 where there is no other), or by ipv4, ipv6, ::2"
    ),
]


class NetworkText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A private network: its range, and the subnets in it."""

    range: Cidr
    subnets: tuple[Cidr, ...] = ()
    zone: Annotated[str, msgspec.Meta(description="of the subnets; that of the location")] = ""
    routes: Annotated[Mapping[str, str], msgspec.Meta(description='{ "0.0.0.0/0" = "10.0.1.1" }')] = {}
    vswitch: Annotated[int, msgspec.Meta(description="the vSwitch whose subnet the last one is", ge=0)] = 0
    to_vswitch: bool = False
    labels: Labels = {}
    protect: bool = False


class KeyText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public key that is put into servers when they are made: itself, or the file it lies in."""

    public: str = ""
    file: str = ""
    labels: Labels = {}


class PlacementText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Servers of one placement group do not stand on one machine (ten at most)."""

    type: Literal["spread"] = "spread"
    labels: Labels = {}


class PrimaryIpText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public address that outlives its server."""

    type: Literal["ipv4", "ipv6"] = "ipv4"
    location: str = ""
    auto_delete: bool = False
    rdns: Rdns = ""
    labels: Labels = {}
    protect: bool = False


class FloatingIpText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public address that moves between servers while they run; each server has to take it up itself."""

    type: Literal["ipv4", "ipv6"] = "ipv4"
    location: str = ""
    server: str = ""
    rdns: Rdns = ""
    labels: Labels = {}
    protect: bool = False


class CertificateText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A certificate for load balancers: for `domains` Hetzner orders it; or it lies in two files."""

    domains: tuple[str, ...] = ()
    file: Annotated[str, msgspec.Meta(description="the chain as PEM")] = ""
    key_file: Annotated[str, msgspec.Meta(description="the private key as PEM, read when it is applied")] = ""
    labels: Labels = {}


class FirewallText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may enter and leave by the public addresses of servers; everything else may not enter.

    Without `allow_out` everything may leave; with it nothing else may.
    """

    on: Annotated[OneOrMore, msgspec.Meta(description="label selectors: role=web")] = ()
    servers: OneOrMore = ()
    allow: Annotated[
        tuple[str, ...], msgspec.Meta(description="tcp/443 from any, tcp/22 from admin # the team")
    ] = ()
    allow_out: Annotated[tuple[str, ...], msgspec.Meta(description="tcp/443 to any")] = ()
    labels: Labels = {}


class DiskText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A volume of a server; each of several servers gets its own."""

    name: str
    size: Annotated[int, msgspec.Meta(ge=10, le=10240, description="GB")]
    format: Literal["ext4", "xfs", ""] = "ext4"
    automount: bool = False
    encrypt: Annotated[bool, msgspec.Meta(description="it is to be LUKS: hosts tell whether it is")] = False
    labels: Labels = {}
    protect: bool = False


class VolumeText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A volume that stands by itself, attached to a server or to none."""

    size: Annotated[int, msgspec.Meta(ge=10, le=10240, description="GB")]
    server: str = ""
    location: str = ""
    format: Literal["ext4", "xfs", ""] = "ext4"
    automount: bool = False
    encrypt: bool = False
    labels: Labels = {}
    protect: bool = False


class ServerText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A server, or with `count` several, whose names end in their number. `{n}` in names stands for it."""

    count: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    type: str
    image: Annotated[str, msgspec.Meta(description="empty: the one it has, whatever that was")]
    location: str = ""
    labels: Labels = {}
    network: Annotated[OneOrMore, msgspec.Meta(description="the private networks it is in")] = ()
    ip: Annotated[
        str, msgspec.Meta(description="the private address; further servers have the next ones")
    ] = ""
    public: Annotated[
        bool | Literal["ipv4", "ipv6"], msgspec.Meta(description="whether it has public addresses")
    ] = True
    primary_ipv4: str = ""
    primary_ipv6: str = ""
    placement: Annotated[
        str, msgspec.Meta(description="spread: a group of these servers; or the name of one")
    ] = ""
    volumes: tuple[DiskText, ...] = ()
    cloud_init: Annotated[str, msgspec.Meta(description="a file beside this one, or the text itself")] = ""
    keys: OneOrMore = ()
    backups: bool = False
    rdns: Rdns = ""
    protect: bool = False


class HealthText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a target counts as healthy; lengths in seconds."""

    path: str = ""
    protocol: Literal["http", "tcp", ""] = ""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    interval: Annotated[int, msgspec.Meta(ge=3, le=60)] = 15
    timeout: Annotated[int, msgspec.Meta(ge=1, le=60)] = 10
    retries: Annotated[int, msgspec.Meta(ge=0, le=5)] = 3
    domain: str = ""
    response: str = ""
    status: tuple[str, ...] = ("2??", "3??")
    tls: bool = False


class ServiceText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A port a load balancer listens on, and the port of the targets it leads to."""

    listen: Port
    to: Port
    protocol: Literal["http", "https", "tcp", ""] = ""
    certificate: OneOrMore = ()
    redirect: Annotated[bool, msgspec.Meta(description="port 80 redirects to HTTPS")] = False
    proxyprotocol: bool = False
    sticky: bool = False
    cookie: str = ""
    cookie_lifetime: Annotated[int, msgspec.Meta(ge=0)] = 0
    health: HealthText = HealthText()


class LoadBalancerText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A load balancer. `targets` are label selectors, servers or addresses, reached privately where it is in a network."""

    type: str
    location: str = ""
    algorithm: Literal["round_robin", "least_connections"] = "round_robin"
    network: str = ""
    ip: str = ""
    public: bool = True
    private_targets: bool | None = None
    services: tuple[ServiceText, ...] = ()
    targets: OneOrMore = ()
    rdns: Rdns = ""
    labels: Labels = {}
    protect: bool = False


class ZoneText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DNS zone. `@ A front` names a server, load balancer or primary IP of the file, or an address."""

    ttl: Annotated[int, msgspec.Meta(ge=60, le=2147483647)] = 3600
    records: Annotated[
        tuple[str, ...], msgspec.Meta(description="NAME [TTL] TYPE VALUE, as in a zone file")
    ] = ()
    labels: Labels = {}
    protect: bool = False


class SnapshotText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A snapshot that is to be kept; a plan makes none, and tells when it is not there."""

    server: str = ""
    text: str = ""
    labels: Labels = {}
    protect: bool = True


class WaiverText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A check of hardening that does not count until a day, and why."""

    check: str
    reason: str
    until: datetime.date


class HardenText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How hosts are hardened."""

    profile: str = Hardening().profile
    waive: tuple[WaiverText, ...] = ()


class RollText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A roll by name, for `vedette deploy roll NAME`: commands find $VEDETTE_TARGET, $VEDETTE_ADDRESS and $VEDETTE_VERSION."""

    balancer: str = ""
    hosts: Annotated[Mapping[str, str], msgspec.Meta(description='{ web-1 = "10.0.1.2" }')] = {}
    do: str = ""
    undo: str = ""
    unit: str = ""
    health: Annotated[str, msgspec.Meta(description="http://{address}:8000/health")] = ""
    keep: Annotated[int, msgspec.Meta(ge=0)] | None = None
    first: Annotated[int, msgspec.Meta(ge=1)] = Roll().first
    batch: Annotated[int, msgspec.Meta(ge=1)] = Roll().batch
    drain: Annotated[float, msgspec.Meta(ge=0)] = Roll().drain
    settle: Annotated[float, msgspec.Meta(ge=0)] = Roll().settle
    patience: Annotated[float, msgspec.Meta(ge=0)] = Roll().patience
    interval: Annotated[float, msgspec.Meta(ge=0.01, le=60)] = Roll().interval
    ssh: Annotated[str, msgspec.Meta(description="who signs in")] = ""
    ssh_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    local: bool = False
    send: Annotated[str, msgspec.Meta(description="the Vedette that is told of it")] = ""
    project: Annotated[str, msgspec.Meta(description="the project there")] = ""
    environment: str = ""


class InfraFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole file, or the section `[infra]`."""

    project: Annotated[str, msgspec.Meta(description="what the project is called; marks what it made")] = ""
    location: Annotated[str, msgspec.Meta(description="where things are that do not say it: fsn1")] = ""
    must: Annotated[
        tuple[str, ...], msgspec.Meta(description="what must be true: internet cannot reach db:*")
    ] = msgspec.field(default=(), name="assert")
    groups: Annotated[
        Mapping[str, tuple[Cidr, ...]], msgspec.Meta(description="names for networks outside")
    ] = {}
    networks: Mapping[str, NetworkText] = {}
    keys: Mapping[str, KeyText] = {}
    placements: Mapping[str, PlacementText] = {}
    primary_ips: Mapping[str, PrimaryIpText] = {}
    floating_ips: Mapping[str, FloatingIpText] = {}
    certificates: Mapping[str, CertificateText] = {}
    firewalls: Mapping[str, FirewallText] = {}
    volumes: Mapping[str, VolumeText] = {}
    servers: Mapping[str, ServerText] = {}
    load_balancers: Mapping[str, LoadBalancerText] = {}
    zones: Mapping[str, ZoneText] = {}
    snapshots: Mapping[str, SnapshotText] = {}
    harden: HardenText = HardenText()
    rolls: Mapping[str, RollText] = {}


SECTION = "infra"  # of `vedette.toml`, and the folder of files that say the same at their top
