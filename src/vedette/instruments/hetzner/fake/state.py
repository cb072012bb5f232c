"""Everything a project of the fake holds; plain values, so that it can be written to a file and read back."""

import msgspec


class Resource(msgspec.Struct, frozen=True):
    """What an action is about."""

    type: str
    id: int


class Action(msgspec.Struct, kw_only=True):
    """Something that takes time. What it changes is changed when it ends, by the effect named `owner.command`.

    `ineffective` ends well and changes nothing; `trouble` (code, message) makes it fail at its end.
    """

    id: int
    command: str
    resources: list[Resource]
    started: float
    ends: float
    status: str = "running"
    args: dict[str, object] = {}
    trouble: tuple[str, str] | None = None
    ineffective: bool = False

    @property
    def owner(self) -> Resource:
        """Return what is changed."""
        return self.resources[0]


class Object(msgspec.Struct, kw_only=True):
    """What every thing has."""

    id: int
    name: str
    created: float
    labels: dict[str, str] = {}
    protected: bool = False


class Key(Object, kw_only=True):
    """An SSH key."""

    public_key: str
    fingerprint: str


class Placement(Object, kw_only=True):
    """A group whose servers stand on different machines."""


class Subnet(msgspec.Struct, kw_only=True):
    """A subnet of a network."""

    ip_range: str
    type: str
    network_zone: str
    vswitch_id: int | None = None


class Route(msgspec.Struct, kw_only=True):
    """A route of a network."""

    destination: str
    gateway: str


class Network(Object, kw_only=True):
    """A private network."""

    ip_range: str
    subnets: list[Subnet] = []
    routes: list[Route] = []
    exposed: bool = False


class Attached(msgspec.Struct, kw_only=True):
    """An interface in a private network."""

    network: int
    ip: str
    aliases: list[str] = []


class PrimaryIP(Object, kw_only=True):
    """A public address that outlives its server."""

    type: str
    ip: str
    location: str
    assignee: int | None = None
    auto_delete: bool = False
    pointers: dict[str, str] = {}


class FloatingIP(Object, kw_only=True):
    """A public address that moves between servers."""

    type: str
    ip: str
    location: str
    description: str = ""
    server: int | None = None
    pointers: dict[str, str] = {}


class Volume(Object, kw_only=True):
    """A disk over the network."""

    size: int
    location: str
    format: str | None = None
    server: int | None = None
    status: str = "creating"


class Networked(Object, kw_only=True):
    """What may have interfaces in private networks."""

    private: list[Attached] = []


class Server(Networked, kw_only=True):
    """A server. `user_data` and `keys` are kept to be looked at; the API never shows them."""

    type: str
    image: int | None
    location: str
    status: str = "initializing"
    disk: int
    ipv4: int | None = None
    ipv6: int | None = None
    placement: int | None = None
    rebuild_protected: bool = False
    backup_window: str | None = None
    rescue: bool = False
    iso: int | None = None
    user_data: str = ""
    keys: list[int] = []


class Image(Object, kw_only=True):
    """A snapshot or a backup of a server; images of the system are in the catalogue."""

    description: str
    type: str = "snapshot"
    status: str = "creating"
    server: int
    server_name: str
    flavor: str
    version: str | None
    architecture: str
    disk: int


class Followed(msgspec.Struct, kw_only=True):
    """Servers that a selector names, each since (or until) when: what follows labels follows them late."""

    joined: dict[int, float] = {}
    leaving: dict[int, float] = {}


class Application(msgspec.Struct, kw_only=True):
    """Where a firewall applies: to a server since an instant, or to what a selector names."""

    server: int | None = None
    selector: str | None = None
    since: float = 0
    followed: Followed = msgspec.field(default_factory=Followed)


class Firewall(Object, kw_only=True):
    """A firewall: its rules as the API shows them, and where it applies."""

    rules: list[dict[str, object]] = []
    applications: list[Application] = []


class Target(msgspec.Struct, kw_only=True):
    """Where a load balancer sends requests: one of a server, a selector and an address."""

    server: int | None = None
    selector: str | None = None
    ip: str | None = None
    private: bool = False
    since: float = 0
    followed: Followed = msgspec.field(default_factory=Followed)


class LoadBalancer(Networked, kw_only=True):
    """A load balancer; its services as the API shows them."""

    type: str
    location: str
    algorithm: str = "round_robin"
    services: list[dict[str, object]] = []
    targets: list[Target] = []
    public: bool = True
    ipv4: str
    ipv6: str
    pointers: dict[str, str] = {}


class Certificate(Object, kw_only=True):
    """A certificate: uploaded, or one that Hetzner gets and renews."""

    type: str
    domains: list[str]
    pem: str | None = None
    fingerprint: str | None = None
    starts: float | None = None
    ends: float | None = None
    issuance: str = "completed"
    trouble: tuple[str, str] | None = None


class Records(msgspec.Struct, kw_only=True):
    """The records of one name and type."""

    name: str
    type: str
    values: list[dict[str, str]]
    ttl: int | None = None
    labels: dict[str, str] = {}
    protected: bool = False


class Zone(Object, kw_only=True):
    """A DNS zone, its sets of records by `name/type`."""

    mode: str = "primary"
    ttl: int = 3600
    records: dict[str, Records] = {}
    primaries: list[dict[str, object]] = []


class State(msgspec.Struct, kw_only=True):
    """A project: what is in it, which actions ran, what is scarce (`limits` by table, `sold_out` as `type@location`).

    `sick` are servers that fail the health checks of load balancers.
    """

    last_id: int = 1000
    actions: dict[int, Action] = {}
    ssh_keys: dict[int, Key] = {}
    placement_groups: dict[int, Placement] = {}
    networks: dict[int, Network] = {}
    primary_ips: dict[int, PrimaryIP] = {}
    floating_ips: dict[int, FloatingIP] = {}
    volumes: dict[int, Volume] = {}
    servers: dict[int, Server] = {}
    images: dict[int, Image] = {}
    firewalls: dict[int, Firewall] = {}
    load_balancers: dict[int, LoadBalancer] = {}
    certificates: dict[int, Certificate] = {}
    zones: dict[int, Zone] = {}
    limits: dict[str, int] = {}
    sold_out: list[str] = []
    sick: list[int] = []

    def networked(self) -> list[Networked]:
        """Return everything that may have interfaces in private networks."""
        return [*self.servers.values(), *self.load_balancers.values()]

    def new_id(self) -> int:
        """Return a number that nothing has."""
        self.last_id += 1
        return self.last_id
