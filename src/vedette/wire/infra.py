"""Infrastructure as it is told: everything in a Hetzner project is a `Thing` of a kind with a name and fields; what must be true is an `Intent`.

Kinds are files of `deploy/kinds/` (what a field means) and of `instruments/hetzner/kinds/` (how it is read and written).
"""

import enum
import hashlib
from collections.abc import Mapping

import msgspec

OURS = "vedette"  # the label that marks what a file made; its value names the file's project
REF = "ref:"  # begins the value of a record that stands for a thing's address: `ref:server/web`
MADE_FROM = "vedette-init"  # the label of a server that keeps the fingerprint of its cloud-init


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a firewall: `tcp/443 from any`, taken apart. `port` is empty for protocols without, `8000-8010` a range.

    `peers` are networks as CIDR, sorted; `direction` is in or out.
    """

    direction: str = "in"
    protocol: str
    port: str = ""
    peers: tuple[str, ...] = ()
    text: str = ""  # what a person wrote beside it


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a host tells of itself: whether its own firewall drops what no rule lets in (None: it does not know), its rules, ports of
    containers that are published past them, and whether its data is encrypted at rest (None: it does not know)."""

    drops: bool | None = False
    rules: tuple[Rule, ...] = ()
    published: tuple[Rule, ...] = ()
    encrypted: bool | None = None


class Ref(msgspec.Struct, frozen=True, order=True):
    """Which thing: its kind and name."""

    kind: str
    name: str

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.kind} {self.name}"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is there or should be. `fields` are its kind's own, JSON values; references to others are their names.

    `id` is Hetzner's (0 where it is not there yet). `ours` says that a file of ours made it; `protected` that Hetzner
    refuses to remove it. `place` is where a file says it (`infra/shop.toml:12`).
    """

    kind: str
    name: str
    fields: Mapping[str, object]
    labels: Mapping[str, str] = {}
    id: int = 0
    ours: bool = True
    protected: bool = False
    place: str = ""

    @property
    def ref(self) -> Ref:
        """Return which one it is."""
        return Ref(self.kind, self.name)


class Waiver(msgspec.Struct, frozen=True, kw_only=True):
    """A check of hardening that does not count until a day (`2027-03-01`), and why."""

    check: str
    reason: str
    until: str


class Hardening(msgspec.Struct, frozen=True, kw_only=True):
    """How hosts are hardened: a profile, and what is waived."""

    profile: str = "cis-l1"
    waive: tuple[Waiver, ...] = ()


class Verdict(enum.StrEnum):
    """What became of an intent: it holds, it does not, or nobody could tell, which is never held."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that must be true: `internet cannot reach db:*`, taken apart.

    `who` and `whom` are `internet`, a group of addresses, a label's value or a server (`*`: every one); `port` is `*` or a
    number, `may` whether it must or must not reach; `rest` is a property instead (`is encrypted at rest`).
    """

    text: str
    who: str = ""
    whom: str = ""
    port: str = ""
    protocol: str = "tcp"
    may: bool = True
    rest: str = ""
    place: str = ""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """An intent and whether it holds, with the path or the rule that says so."""

    intent: Intent
    verdict: Verdict
    reason: str
    seen: bool = False  # by a real connection, not only by the rules


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """What is there: all things of a Hetzner project as they were read, when, and prices (monthly net by kind and type) with their currency.

    `unread` are kinds that could not be read, each with why: nothing of them is changed.
    """

    at: float
    things: tuple[Thing, ...]
    prices: Mapping[str, str] = {}
    currency: str = "EUR"
    unread: Mapping[str, str] = {}
    requests: int = 0


def fingerprint(text: str) -> str:
    """Return what a server's labels keep of its cloud-init, which Hetzner never tells again: 16 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
