"""Values of the kernel that say whom the network stack believes."""

from vedette.instruments.audit.asking import bad_ones, names_or, said, sysctl, sysctl_value
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_OWN = ("lo", "docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "tun", "wg")


def _both(family: str, name: str, good: str) -> Look:
    """Return the look at a value under conf/all and conf/default: the first is of today's interfaces, the other of tomorrow's."""

    def look(live: Live) -> list[Verdict]:
        keys = [f"net.{family}.conf.{which}.{name}" for which in ("all", "default")]
        told = [(key, sysctl_value(live, key)) for key in keys]
        return bad_ones(
            ((key, f"{key} = {value}") for key, value in told if value != good), f"{name} = {good}"
        )

    return look


def _pair(
    id: str, family: str, name: str, good: str, title: str, why: str, risk: float, cis: tuple[str, ...] = ()
) -> Check:
    keys = [f"net.{family}.conf.{which}.{name} = {good}" for which in ("all", "default")]
    fix = f"printf '{keys[0]}\\n{keys[1]}\\n' > /etc/sysctl.d/60-{id}.conf && sysctl --system"
    return Check(
        id=id,
        title=title,
        why=why,
        fix=fix,
        risk=risk,
        cis=cis,
        reads=f"/proc/sys/net/{family}/conf/*/{name}",
        look=_both(family, name, good),
    )


def _source_checked(live: Live) -> list[Verdict]:
    """The stricter of conf/all and the interface's own counts: max of both, 1 strict, 2 loose (ip-sysctl)."""
    everywhere = int(sysctl_value(live, "net.ipv4.conf.all.rp_filter"))
    names = [
        n
        for n in names_or(live, "/proc/sys/net/ipv4/conf")
        if n not in {"all", "default"} and not n.startswith(_OWN)
    ]
    told = [
        (name, max(everywhere, int(sysctl_value(live, f"net.ipv4.conf.{name}.rp_filter")))) for name in names
    ]
    if not told:
        return said(everywhere > 0, f"net.ipv4.conf.all.rp_filter = {everywhere}")
    return bad_ones(
        ((name, "rp_filter = 0") for name, value in told if value == 0), f"{len(told)} interfaces"
    )


def _forwards(family: str, key: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        on = sysctl_value(live, key) != "0"
        if on and any(
            n.startswith(("docker", "br-", "virbr", "cni", "wg", "tun"))
            for n in names_or(live, f"/proc/sys/net/{family}/conf")
        ):
            raise NotApplicable("This host passes packets on for containers, guests or a VPN.")
        return said(not on, f"{key} = {int(on)}")

    return look


CHECKS: tuple[Check, ...] = (
    Check(id="net-forward-4", title="The host passes no IPv4 packets on", risk=4, reads="/proc/sys/net/ipv4/ip_forward", cis=("3.3.1",),
          why="A web server that is a router is a way around the firewall into other networks.",
          fix="echo 'net.ipv4.ip_forward = 0' > /etc/sysctl.d/60-net-forward.conf && sysctl --system", look=_forwards("ipv4", "net.ipv4.ip_forward")),
    Check(id="net-forward-6", title="The host passes no IPv6 packets on", risk=4, reads="/proc/sys/net/ipv6/conf/all/forwarding", cis=("3.3.1",),
          why="A web server that is a router is a way around the firewall into other networks.",
          fix="echo 'net.ipv6.conf.all.forwarding = 0' > /etc/sysctl.d/60-net-forward6.conf && sysctl --system", look=_forwards("ipv6", "net.ipv6.conf.all.forwarding")),
    _pair("net-send-redirects", "ipv4", "send_redirects", "0", "The host tells nobody other ways",
          "Only routers do; a host that was taken over would lead its neighbours astray.", 3, ("3.3.2",)),
    _pair("net-redirects-4", "ipv4", "accept_redirects", "0", "Nobody tells the host other ways (IPv4)",
          "A neighbour would lead its traffic through himself.", 4, ("3.3.5",)),
    _pair("net-redirects-6", "ipv6", "accept_redirects", "0", "Nobody tells the host other ways (IPv6)",
          "A neighbour would lead its traffic through himself.", 4, ("3.3.5",)),
    _pair("net-secure-redirects", "ipv4", "secure_redirects", "0", "Not even its gateways do",
          "A gateway's address is easily taken by a neighbour.", 3, ("3.3.6",)),
    _pair("net-source-route-4", "ipv4", "accept_source_route", "0", "Packets do not choose their way (IPv4)",
          "They would reach networks that are closed to them.", 4, ("3.3.8",)),
    _pair("net-source-route-6", "ipv6", "accept_source_route", "0", "Packets do not choose their way (IPv6)",
          "They would reach networks that are closed to them.", 4, ("3.3.8",)),
    _pair("net-martians", "ipv4", "log_martians", "1", "Packets from impossible addresses are logged",
          "They are the trace of spoofing, or of a wrong route.", 2, ("3.3.9",)),
    _pair("net-router-ads", "ipv6", "accept_ra", "0", "Nobody announces himself as router",
          "A neighbour would become the way out of this host; servers have fixed addresses.", 3, ("3.3.11",)),
    Check(id="net-source-checked", title="Packets come from where their address lies", risk=4, reads="/proc/sys/net/ipv4/conf/*/rp_filter", cis=("3.3.7",),
          why="Spoofed addresses are what amplification and many attacks on trust begin with.",
          fix="printf 'net.ipv4.conf.all.rp_filter = 1\\nnet.ipv4.conf.default.rp_filter = 1\\n' > /etc/sysctl.d/60-net-source-checked.conf && sysctl --system", look=_source_checked),
    sysctl("net-broadcasts", "net.ipv4.icmp_echo_ignore_broadcasts", ("1",), "A ping to everybody is not answered",
           "The host would take part in attacks on others.", 3, ("3.3.4",)),
    sysctl("net-bogus-errors", "net.ipv4.icmp_ignore_bogus_error_responses", ("1",), "Wrong error messages do not fill the log",
           "Who fills the log hides in it.", 1, ("3.3.3",)),
    sysctl("net-syn-cookies", "net.ipv4.tcp_syncookies", ("1", "2"), "A flood of half-open connections keeps nobody out",
           "Without cookies a small flood stops every new connection.", 5, ("3.3.10",)),
    sysctl("net-time-wait", "net.ipv4.tcp_rfc1337", ("1",), "Late resets do not end new connections",
           "RFC 1337: an old packet may end a connection that has the same ports.", 1),
    sysctl("net-shared-media", "net.ipv4.conf.all.arp_ignore", ("1", "2"), "An address is answered for on its own interface alone",
           "A host with an inner and an outer network would tell the outer one of the inner.", 1),
)  # fmt: skip
