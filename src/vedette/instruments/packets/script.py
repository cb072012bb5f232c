"""The text that nft is given, and what it lists, read. Text in, text out: all that a value contributes is an address printed anew.

**Sets.** A set holds networks of one length as their first address, and a rule looks up the source masked to that length: IPv4
addresses in `banned4`, the /64 of IPv6 clients in `banned6`, another length, once there is one, in a set of its own
(`banned4_24`). All are hashes with timeouts. An interval set would do with fewer sets, but nft fetches all of it before it adds one
element: 0.4 s beside 50,000 instead of 0.2 ms, and networks that overlap refuse each other.

**Chains.** At the hooks `input` and `forward` at priority -160: behind connection tracking and defragmentation, which work in
`prerouting`, and before mangle (-150), filter (0) and whoever uses them, iptables, firewalld, Docker. A drop is final wherever it
stands; being first means that nobody counts, logs or limits what is dropped anyway, and that no `ct state established accept`
is asked: a banned address's open connections stop.
"""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

FAMILY, TABLE, PRIORITY = "inet", "vedette", -160
HOOKS = ("input", "forward")
LONGEST_MS = 3650 * 86_400_000  # the kernel counts in jiffies; nobody bans for longer than ten years


class Kind(NamedTuple):
    """A set: networks of one length of one version of IP."""

    version: int
    length: int

    @property
    def name(self) -> str:
        """Return the set's name in the table."""
        usual = {4: 32, 6: 64}[self.version]
        return f"banned{self.version}" + ("" if self.length == usual else f"_{self.length}")


USUAL = (Kind(4, 32), Kind(6, 64))


class Element(NamedTuple):
    """An element of a set: its first address, as nft prints it."""

    kind: Kind
    address: str


def element(value: str) -> Element | None:
    """Return the element that an address or CIDR becomes, or None when it is neither."""
    if "%" in value:  # a zone may be any text, and Python prints it again
        return None
    try:
        net = ipaddress.ip_network(value)
    except ValueError:
        return None
    return Element(Kind(net.version, net.prefixlen), str(net.network_address)) if net.prefixlen else None


def set_up(kinds: Iterable[Kind]) -> str:
    """Return the text that makes the table with its sets and rules, or makes rules anew where it stands. Elements stay."""
    kinds = sorted(set(kinds) | set(USUAL))
    lines = [f"add table {FAMILY} {TABLE}"]
    lines += [f"add counter {FAMILY} {TABLE} dropped{version}" for version in (4, 6)]
    lines += [_set(kind) for kind in kinds]
    for hook in HOOKS:
        chain = f"chain {FAMILY} {TABLE} {hook}"
        lines.append(f"add {chain} {{ type filter hook {hook} priority {PRIORITY}; policy accept; }}")
        lines.append(f"flush {chain}")
        lines += [f"add rule {FAMILY} {TABLE} {hook} {_match(kind)}" for kind in kinds]
    return "\n".join(lines) + "\n"


def made_anew(kinds: Iterable[Kind]) -> str:
    """Return the text that replaces the table whatever stands there under its name."""
    return f"add table {FAMILY} {TABLE}\ndelete table {FAMILY} {TABLE}\n{set_up(kinds)}"


def added(elements: Mapping[Element, float]) -> str:
    """Return the text that adds elements that are not there, each for so many seconds."""
    return "".join(
        f"add element {FAMILY} {TABLE} {kind.name} {{ {', '.join(texts)} }}\n"
        for kind, texts in _grouped(elements)
    )


def replaced(elements: Mapping[Element, float]) -> str:
    """Return the text that adds elements, there or not, so that they end after so many seconds from now.

    To add what is there changes nothing, not even its timeout, and to delete what is not there is an error: hence all three.
    """
    return added(elements) + _deleted(elements) + added(elements)


def removed(elements: Sequence[Element]) -> str:
    """Return the text that removes elements, there or not."""
    lasting = dict.fromkeys(elements, 60.0)
    return added(lasting) + _deleted(lasting)


def _deleted(elements: Iterable[Element]) -> str:
    groups: dict[Kind, list[str]] = {}
    for kind, address in elements:
        groups.setdefault(kind, []).append(address)
    return "".join(
        f"delete element {FAMILY} {TABLE} {k.name} {{ {', '.join(a)} }}\n" for k, a in groups.items()
    )


def _grouped(elements: Mapping[Element, float]) -> Iterator[tuple[Kind, list[str]]]:
    groups: dict[Kind, list[str]] = {}
    for (kind, address), seconds in elements.items():
        lasts = min(max(1, round(seconds * 1000)), LONGEST_MS)
        groups.setdefault(kind, []).append(f"{address} timeout {lasts}ms")
    yield from groups.items()


def _set(kind: Kind) -> str:
    return f"add set {FAMILY} {TABLE} {kind.name} {{ type ipv{kind.version}_addr; flags timeout; }}"


def _match(kind: Kind) -> str:
    source = "ip saddr" if kind.version == 4 else "ip6 saddr"
    widest = {4: 32, 6: 128}[kind.version]
    mask = (ipaddress.IPv4Network if kind.version == 4 else ipaddress.IPv6Network)((0, kind.length)).netmask
    masked = "" if kind.length == widest else f" & {mask} =="
    return f"{source}{masked} @{kind.name} counter name dropped{kind.version} drop"


class Listing(NamedTuple):
    """What stands in the table: elements and the seconds they last still, whether rules are ours, and what was dropped."""

    elements: Mapping[Element, float]
    kinds: frozenset[Kind]
    intact: bool
    packets: int
    bytes: int


def read(listing: bytes) -> Listing:
    """Return what `list table` says as JSON (libnftables-json(5)); what is not ours there makes it not intact."""
    parts: list[dict[str, Any]] = msgspec.json.decode(listing)["nftables"]
    sets = {part["set"]["name"]: part["set"] for part in parts if "set" in part}
    kinds = {kind for name in sets if (kind := _kind(name)) is not None}
    counters = [part["counter"] for part in parts if "counter" in part]
    return Listing(
        elements={e: lasts for kind in kinds for e, lasts in _elements(kind, sets[kind.name])},
        kinds=frozenset(kinds), intact=_intact(parts, kinds, len(sets)),
        packets=sum(one["packets"] for one in counters), bytes=sum(one["bytes"] for one in counters),
    )  # fmt: skip


def _kind(name: str) -> Kind | None:
    head, _, length = name.removeprefix("banned").partition("_")
    if head not in {"4", "6"} or not (length or "0").isdecimal():
        return None
    kind = Kind(int(head), int(length or {"4": 32, "6": 64}[head]))
    return kind if kind.name == name and 0 < kind.length <= {4: 32, 6: 128}[kind.version] else None


def _elements(kind: Kind, listed: dict[str, Any]) -> Iterator[tuple[Element, float]]:
    for one in listed.get("elem", ()):
        inner = one.get("elem", {}) if isinstance(one, dict) else {}
        address = inner.get("val", one)
        if isinstance(address, str):  # else a prefix or range, which a set of ours cannot hold
            # The C library writes some IPv6 addresses otherwise than Python does.
            printed = address if kind.version == 4 else str(ipaddress.IPv6Address(address))
            yield Element(kind, printed), float(inner.get("expires", float("inf")))


def _intact(parts: Sequence[dict[str, Any]], kinds: set[Kind], sets: int) -> bool:
    chains = {part["chain"]["name"]: part["chain"] for part in parts if "chain" in part}
    if sets != len(kinds) or not set(USUAL) <= kinds or set(chains) != set(HOOKS):
        return False
    if any(
        (c.get("hook"), c.get("prio"), c.get("policy")) != (hook, PRIORITY, "accept")
        for hook, c in chains.items()
    ):
        return False
    rules = [part["rule"] for part in parts if "rule" in part]
    expected = [f"@{kind.name}" for kind in sorted(kinds)]
    return all([_looked_up(r) for r in rules if r["chain"] == hook] == expected for hook in HOOKS)


def _looked_up(rule: dict[str, Any]) -> str:
    """Return the set whose elements a rule drops, or nothing when it is no rule of ours."""
    match rule.get("expr"):
        case [{"match": {"op": "==", "right": str(name)}}, {"counter": str()}, {"drop": None}]:
            return name
    return ""
