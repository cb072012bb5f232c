from tests.support.hardening.hosts import Pair, host, sysctl


def both(family: str, name: str, good: str, bad: str) -> Pair:
    """Of the bad host, conf/default alone is wrong: new interfaces would have it."""
    base = f"/proc/sys/net/{family}/conf"
    return host({f"{base}/all/{name}": good, f"{base}/default/{name}": good}), host(
        {f"{base}/all/{name}": good, f"{base}/default/{name}": bad}
    )


RP = "/proc/sys/net/ipv4/conf/{}/rp_filter"
EXAMPLES: dict[str, Pair] = {
    "net-forward-4": sysctl("net.ipv4.ip_forward", "0", "1"),
    "net-forward-6": sysctl("net.ipv6.conf.all.forwarding", "0", "1"),
    "net-send-redirects": both("ipv4", "send_redirects", "0", "1"),
    "net-redirects-4": both("ipv4", "accept_redirects", "0", "1"),
    "net-redirects-6": both("ipv6", "accept_redirects", "0", "1"),
    "net-secure-redirects": both("ipv4", "secure_redirects", "0", "1"),
    "net-source-route-4": both("ipv4", "accept_source_route", "0", "1"),
    "net-source-route-6": both("ipv6", "accept_source_route", "0", "1"),
    "net-martians": both("ipv4", "log_martians", "1", "0"),
    "net-router-ads": both("ipv6", "accept_ra", "0", "1"),
    "net-source-checked": (host({RP.format("all"): "1", RP.format("eth0"): "0"}), host({RP.format("all"): "0", RP.format("eth0"): "0", RP.format("lo"): "1"})),
    "net-broadcasts": sysctl("net.ipv4.icmp_echo_ignore_broadcasts", "1", "0"),
    "net-bogus-errors": sysctl("net.ipv4.icmp_ignore_bogus_error_responses", "1", "0"),
    "net-syn-cookies": sysctl("net.ipv4.tcp_syncookies", "1", "0"),
    "net-time-wait": sysctl("net.ipv4.tcp_rfc1337", "1", "0"),
    "net-shared-media": sysctl("net.ipv4.conf.all.arp_ignore", "1", "0"),
}  # fmt: skip
