"""What is tightened while a host is under attack: rules of nft, settings of the kernel, a limit of the guard. Pure.

The table of nft is one of its own, that only drops: it opens nothing, whatever else is there, and removing it restores what was.
Its ports are elements that expire in the kernel at the deadline, so that it does nothing then even where nobody removes it.
"""

import ipaddress
import tomllib
from collections.abc import Sequence

from vedette.core.errors import Invalid
from vedette.instruments.attack.types import Shield

TABLE = "vedette_attack"
BEGIN, END = "# vedette: under attack, begin", "# vedette: under attack, end"
LONGEST = 7 * 24 * 3600
SYSCTLS = {
    "net.ipv4.tcp_syncookies": 1,
    "net.ipv4.tcp_synack_retries": 2,
    "net.ipv4.tcp_max_syn_backlog": 8192,
}
_AT_LEAST = frozenset({"net.ipv4.tcp_max_syn_backlog"})  # one that is higher stays
_SSH = 22


def fit(shield: Shield, seconds: float) -> None:
    """Raise `Invalid` for a switch that would lock somebody out, or cannot be."""
    if not 60 <= seconds <= LONGEST:
        raise Invalid("The switch goes off by itself after a minute to seven days; say --minutes.")
    if not shield.ports or any(not 0 < port < 65_536 for port in shield.ports):
        raise Invalid("Say which ports are of the web: --port 443.")
    if _SSH in shield.ports:
        raise Invalid("Port 22 is never limited here: that would lock you out.")
    if min(shield.rate, shield.burst, shield.requests) < 1:
        raise Invalid("A limit is 1 or more.")
    if shield.only_front and not shield.front:
        raise Invalid(
            "Nobody would be let in: say which addresses the load balancer comes from (--front 10.0.0.3, or --balancer NAME)."
        )
    for each in shield.front:
        _address(each)
    if "\n" in shield.policy + shield.reload:
        raise Invalid("A path or a command of one line is meant.")


def rules(shield: Shield, seconds: float) -> str:
    """Return the table for `nft -f`: made anew as a whole, in one step."""
    return "\n".join(
        [
            f"table inet {TABLE} {{}}", f"delete table inet {TABLE}", f"table inet {TABLE} {{",
            _armed(shield.ports, seconds), *_fronts(shield.front),
            *_counts(shield), "    chain prerouting {",
            "        type filter hook prerouting priority -150; policy accept;",
            *(f"        {each}" for each in _chain(shield)), "    }", "}", "",
        ]
    )  # fmt: skip


def limit(shield: Shield) -> str:
    """Return what is added to the guard's policy: one more rate, between two lines by which it is found again."""
    return "\n".join(
        [
            BEGIN,
            "[[guard.rates]]",
            'name = "under-attack"',
            f"limit = {shield.requests}",
            'per = "1m"',
            END,
            "",
        ]
    )


def fit_policy(text: str | None, shield: Shield) -> None:
    """Raise `Invalid` where the guard's policy cannot take the limit; never repeats what stands in it."""
    if not shield.policy:
        return
    if text is None:
        raise Invalid(f"The guard's policy {shield.policy} cannot be read on the host.")
    try:
        bare = without(text).rstrip("\n") + "\n"
        made = tomllib.loads(bare)
        tomllib.loads(bare + limit(shield))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(
            f"{shield.policy} cannot take one more rate: write its rates as [[guard.rates]] ({error})."
        ) from None
    if not isinstance(made.get("guard"), dict):
        raise Invalid(f"{shield.policy} is no policy of the guard: it has no [guard].")


def without(policy: str) -> str:
    """Return a policy without what the switch added."""
    head, begin, rest = policy.partition(BEGIN + "\n")
    return head + rest.partition(END + "\n")[2] if begin else policy


def wanted(key: str, value: int) -> int:
    """Return what a setting of the kernel should be, given what it is."""
    return max(value, SYSCTLS[key]) if key in _AT_LEAST else SYSCTLS[key]


def _armed(ports: Sequence[int], seconds: float) -> str:
    elements = ", ".join(f"{port} timeout {int(seconds)}s" for port in sorted(set(ports)))
    return f"    set armed {{ type inet_service; flags timeout; elements = {{ {elements} }}; }}"


def _fronts(front: Sequence[str]) -> list[str]:
    found = []
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        elements = ", ".join(str(net) for each in front if (net := _address(each)).version == version)
        listed = f"; elements = {{ {elements} }}" if elements else ""
        found.append(f"    set front{version} {{ type {kind}; flags interval{listed}; }}")
    return found


def _counts(shield: Shield) -> list[str]:
    if shield.only_front:
        return []
    return [
        f"    set busy{version} {{ type {kind}; size 65535; flags dynamic,timeout; timeout 60s; }}"
        for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr"))
    ]


def _chain(shield: Shield) -> list[str]:
    """Before Docker leads packets elsewhere (-100) and after connections are known (-200): published ports are covered as well."""
    head = [
        'iifname "lo" accept', "ct state established,related accept", "fib daddr type != local accept",
        "meta l4proto != { tcp, udp } accept", "th dport != @armed accept", "ip saddr @front4 accept", "ip6 saddr @front6 accept",
    ]  # fmt: skip
    if shield.only_front:
        return [*head, "counter drop"]
    over = f"limit rate over {shield.rate}/second burst {shield.burst} packets"
    return [
        *head, f"ct state new add @busy4 {{ ip saddr {over} }} counter drop",
        f"ct state new add @busy6 {{ ip6 saddr & ffff:ffff:ffff:ffff:: {over} }} counter drop",
    ]  # fmt: skip


def _address(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        raise Invalid(f"--front {text[:60]}: write an address or a network, as 10.0.0.3.") from None
