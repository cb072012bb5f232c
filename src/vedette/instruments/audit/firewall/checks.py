"""What the host lets in and through: read from the kernel, not from a file."""

from vedette.instruments.audit.asking import bad_ones, names_or, packages, said, text_or
from vedette.instruments.audit.firewall.ruleset import Chain, chains, families, mentions, objects, refuses
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_FIX = "nft add table inet filter, then a chain with `type filter hook input priority 0; policy drop;` that accepts what is meant; keep it in /etc/nftables.conf."
_UNITS = "/etc/systemd/system"
_LOADERS = ("nftables.service", "ufw.service", "firewalld.service", "netfilter-persistent.service")
_EVERY = frozenset({"ip", "ip6"})


def _closed(live: Live, family: str) -> list[Verdict]:
    found = [chain for chain in chains(live, "input") if family in families(chain)]
    closed = [chain for chain in found if refuses(chain)]
    if closed:
        return said(True, f"{closed[0].place} refuses what no rule allows")
    return said(
        False, "no chain hangs on input" if not found else f"{found[0].place} lets in what no rule refuses"
    )


def _forward(live: Live) -> list[Verdict]:
    if text_or(live, "/proc/sys/net/ipv4/ip_forward").strip() != "1":
        raise NotApplicable("The host passes no packets on.")
    found = chains(live, "forward")
    return said(
        any(refuses(chain) for chain in found),
        f"{len(found)} chains hang on forward" if found else "no chain hangs on forward",
    )


def _established(live: Live) -> list[Verdict]:
    found = _closing(live)
    return bad_ones(
        (
            (c.place, "no rule accepts what belongs to a connection")
            for c in found
            if not mentions(c, "established")
        ),
        "answers come back",
    )


def _loopback(live: Live) -> list[Verdict]:
    found = _closing(live)
    return bad_ones(
        (
            (c.place, "no rule accepts what comes over lo")
            for c in found
            if not mentions(c, "lo") and not mentions(c, "iif")
        ),
        "the host reaches itself",
    )


def _closing(live: Live) -> list[Chain]:
    found = [chain for chain in chains(live, "input") if refuses(chain) and chain.rules]
    if not found:
        raise NotApplicable("No chain refuses what comes in.")
    return found


def _both_families(live: Live) -> list[Verdict]:
    seen: set[str] = set()
    for chain in chains(live, "input"):
        if refuses(chain):
            seen |= families(chain)
    if not seen:
        raise NotApplicable("No chain refuses what comes in.")
    missing = _EVERY - seen
    return said(
        not missing,
        "IPv4 alone is filtered"
        if missing == {"ip6"}
        else "IPv6 alone is filtered"
        if missing
        else "both are filtered",
    )


def _kept(live: Live) -> list[Verdict]:
    """A ruleset in the kernel is gone after a reboot unless something brings it back."""
    if not any("rule" in one for one in objects(live)):
        raise NotApplicable("There are no rules that could be lost.")
    folders = [name for name in names_or(live, _UNITS) if name.endswith(".wants")]
    found = [name for folder in folders for name in names_or(live, f"{_UNITS}/{folder}") if name in _LOADERS]
    return said(bool(found), f"{found[0]} is enabled" if found else "nothing enabled loads them at the start")


def _one_manager(live: Live) -> list[Verdict]:
    here = [
        name for name in ("ufw", "firewalld", "iptables-persistent", "shorewall") if name in packages(live)
    ]
    return said(len(here) < 2, f"{', '.join(here)} are installed" if len(here) > 1 else "one at most")


def _legacy(live: Live) -> list[Verdict]:
    """Names of tables that iptables-legacy keeps apart from nftables: two rulesets, of which people look at one."""
    named = [
        path
        for path in ("/proc/net/ip_tables_names", "/proc/net/ip6_tables_names")
        if text_or(live, path).strip()
    ]
    return bad_ones(
        ((path, "tables of iptables-legacy are loaded") for path in named), "all rules are nftables'"
    )


CHECKS: tuple[Check, ...] = (
    Check(id="firewall-input-4", title="What no rule allows does not come in (IPv4)", risk=8, reads="nft -j list ruleset", cis=("4.3.8",),
          why="Every service that somebody starts, also by accident, is otherwise open to the internet.", fix=_FIX, look=lambda live: _closed(live, "ip")),
    Check(id="firewall-input-6", title="What no rule allows does not come in (IPv6)", risk=8, reads="nft -j list ruleset", cis=("4.3.8",),
          why="A firewall for IPv4 alone leaves every service open to who has IPv6.", fix=_FIX, look=lambda live: _closed(live, "ip6")),
    Check(id="firewall-both", title="One protocol is not forgotten beside the other", risk=7, reads="nft -j list ruleset",
          why="Who is refused by IPv4 comes by IPv6.", fix="Use a table of the family inet, which sees both.", look=_both_families),
    Check(id="firewall-forward", title="What no rule allows is not passed on", risk=5, reads="nft -j list ruleset", cis=("4.3.8",),
          why="A host that passes packets on for containers passes on those of strangers too.",
          fix="Give the forward chain `policy drop;` and accept what containers need.", look=_forward),
    Check(id="firewall-established", title="Answers to our own connections come back", risk=3, reads="nft -j list ruleset", cis=("4.3.7",),
          why="Without that rule, updates and mail fail, and soon somebody opens everything.",
          fix="nft add rule inet filter input ct state established,related accept", look=_established),
    Check(id="firewall-loopback", title="The host reaches itself", risk=2, reads="nft -j list ruleset", cis=("4.3.6",),
          why="Databases and caches speak over lo.", fix="nft add rule inet filter input iif lo accept", look=_loopback),
    Check(id="firewall-kept", title="The rules come back after a reboot", risk=6, reads="/etc/systemd/system/*.wants", cis=("4.3.9",),
          why="Rules in the kernel alone are gone with the next reboot, and nobody notices.",
          fix="nft list ruleset > /etc/nftables.conf && systemctl enable nftables", look=_kept),
    Check(id="firewall-one-manager", title="One program alone manages the firewall", risk=3, reads="/var/lib/dpkg/status", cis=("4.1.1",),
          why="Two of them undo each other's rules.", fix="apt purge all but one of ufw, firewalld, iptables-persistent.", look=_one_manager),
    Check(id="firewall-legacy", title="There is no second ruleset of iptables-legacy", risk=4, reads="/proc/net/ip_tables_names", cis=("4.3.3",),
          why="Packets pass both rulesets, and people look at one.", fix="iptables-legacy -F && rmmod ip_tables; use iptables-nft or nft.", look=_legacy),
)  # fmt: skip
