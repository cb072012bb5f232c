"""What is installed that a web server does not need, what failed, and what listens for everybody."""

from vedette.instruments.audit.asking import absent, bad_ones, packages
from vedette.instruments.audit.types import Check, NotApplicable, Untold, Verdict
from vedette.instruments.live.types import Live

# Meant to be reached from anywhere; everything else that listens on a public address is told.
_PUBLIC = frozenset({22, 25, 53, 80, 110, 143, 443, 465, 587, 853, 993, 995})
_INNER = {
    2375: "Docker without TLS", 3306: "MySQL", 5432: "PostgreSQL", 6379: "Redis", 9200: "Elasticsearch", 11211: "memcached",
    27017: "MongoDB", 5672: "RabbitMQ", 15672: "RabbitMQ's management", 9090: "Prometheus", 2379: "etcd", 10250: "kubelet",
    8086: "InfluxDB", 5984: "CouchDB", 4222: "NATS", 9000: "PHP-FPM or MinIO", 111: "rpcbind", 2049: "NFS", 445: "Samba", 139: "Samba",
}  # fmt: skip


def _unneeded(
    id: str, what: str, names: tuple[str, ...], risk: float, why: str, cis: tuple[str, ...] = ()
) -> Check:
    return Check(
        id=f"service-{id}", title=f"There is no {what}", risk=risk, why=why, cis=cis, fix=f"apt purge {' '.join(names)}; or waive it with what it is for",
        reads="/var/lib/dpkg/status", look=absent(*names),
    )  # fmt: skip


def _failed(live: Live) -> list[Verdict]:
    if "systemd" not in packages(live):
        raise NotApplicable("systemd is not installed.")
    told = live.ran("systemctl", "list-units", "--state=failed", "--plain", "--no-legend", "--no-pager")
    names = [line.split()[0] for line in told.splitlines() if line.split()]
    return bad_ones(((name, "it failed") for name in names), "no unit failed")


def _inner(live: Live) -> list[Verdict]:
    bad = [(one.place, f"{_INNER[one.port]} ({one.program or 'unknown program'}) listens for everybody") for one in live.listening()
           if one.port in _INNER and not one.local]  # fmt: skip
    return bad_ones(bad, "what is for this host alone listens on it alone")


def _unexpected(live: Live) -> list[Verdict]:
    found = [
        one
        for one in live.listening()
        if not one.local and one.port not in _PUBLIC and one.port not in _INNER
    ]
    return bad_ones(
        (
            (one.place, f"{one.program or 'an unknown program'} of {one.user} listens for everybody")
            for one in found
        ),
        "usual ports alone",
    )


def _nameless(live: Live) -> list[Verdict]:
    """A kernel service has no program; a hidden process has none either."""
    found = [one for one in live.listening() if not one.program and one.protocol == "tcp"]
    if not live.listening():
        raise Untold("Nothing listens, or it is not told.")
    return bad_ones(((one.place, "whose it is could not be told") for one in found), "each has a program")


def _mail(live: Live) -> list[Verdict]:
    found = [one for one in live.listening() if one.port in {25, 465, 587} and not one.local]
    return bad_ones(
        ((one.place, f"{one.program} takes mail from everybody") for one in found),
        "mail is taken from this host alone",
    )


CHECKS: tuple[Check, ...] = (
    _unneeded("telnet-server", "telnet server", ("telnetd", "inetutils-telnetd", "telnetd-ssl"), 8, "Passwords cross the network in clear."),
    _unneeded("rsh-server", "server of rsh", ("rsh-server", "rsh-redone-server"), 8, "It trusts whoever says where he comes from."),
    _unneeded("ftp-server", "FTP server", ("vsftpd", "proftpd-core", "pure-ftpd", "ftpd"), 5, "Passwords cross the network in clear; SFTP does the same.", ("2.1.6",)),
    _unneeded("tftp-server", "TFTP server", ("tftpd", "tftpd-hpa", "atftpd"), 6, "Everybody reads and writes without a password.", ("2.1.16",)),
    _unneeded("nis", "NIS", ("nis", "ypserv"), 7, "It gives hashes to who asks.", ("2.1.10",)),
    _unneeded("nis-client", "NIS client", ("ypbind", "yp-tools"), 3, "It believes whoever answers.", ("2.2.1",)),
    _unneeded("inetd", "inetd", ("xinetd", "inetutils-inetd", "openbsd-inetd"), 3, "It starts old services nobody remembers.", ("2.1.19",)),
    _unneeded("avahi", "Avahi", ("avahi-daemon",), 3, "It tells the network what there is, and parses what strangers send.", ("2.1.2",)),
    _unneeded("printing", "print server", ("cups", "cups-daemon"), 3, "A server prints nothing, and CUPS had holes that needed no password.", ("2.1.11",)),
    _unneeded("rpcbind", "rpcbind", ("rpcbind",), 4, "It is used to amplify attacks on others.", ("2.1.12",)),
    _unneeded("nfs-server", "NFS server", ("nfs-kernel-server",), 4, "It believes the numbers of users that clients send.", ("2.1.9",)),
    _unneeded("samba", "Samba", ("samba",), 4, "It is attacked from the network all day.", ("2.1.14",)),
    _unneeded("snmp", "SNMP server", ("snmpd",), 4, "Versions 1 and 2 send their password in clear.", ("2.1.15",)),
    _unneeded("dhcp-server", "DHCP server", ("isc-dhcp-server", "kea-dhcp4-server"), 3, "A second one in a network leads hosts astray.", ("2.1.3",)),
    _unneeded("ldap-server", "LDAP server", ("slapd",), 2, "A directory beside a web application is taken with it.", ("2.1.7",)),
    _unneeded("proxy", "web proxy", ("squid", "tinyproxy", "privoxy"), 4, "An open one is found within a day and used for attacks.", ("2.1.17",)),
    _unneeded("autofs", "autofs", ("autofs",), 2, "It mounts what somebody plugs in or names.", ("2.1.1",)),
    _unneeded("desktop", "X server", ("xserver-xorg", "xserver-xorg-core", "gdm3", "lightdm"), 3, "A server shows nothing, and X has much code that runs as root.", ("2.1.20",)),
    _unneeded("telnet-client", "telnet client", ("telnet", "inetutils-telnet"), 1, "Somebody would use it, and send a password in clear.", ("2.2.4",)),
    _unneeded("rsh-client", "rsh client", ("rsh-client", "rsh-redone-client"), 2, "Somebody would use it, and send a password in clear.", ("2.2.2",)),
    _unneeded("talk", "talk", ("talk", "ntalk", "inetutils-talk"), 1, "It is old and in clear.", ("2.2.3",)),
    _unneeded("error-reports", "sender of error reports", ("apport", "whoopsie"), 2, "Dumps with customers' data leave the host.", ("1.5.5",)),
    _unneeded("prelink", "prelink", ("prelink",), 3, "It undoes random addresses and changes every program on disk.", ("1.5.4",)),
    Check(id="service-failed", title="No unit failed", risk=3, reads="systemctl list-units --state=failed", look=_failed,
          why="What should protect or save something may be among them.", fix="systemctl status UNIT, mend it, systemctl reset-failed"),
    Check(id="service-inner", title="Databases and their like do not listen for everybody", risk=8, reads="sock_diag(7)", cis=("2.1.22",), look=_inner,
          why="Robots find an open one within the hour; many ask for no password.", fix="Bind it to 127.0.0.1 or a private network, in its own configuration."),
    Check(id="service-unexpected", title="Nothing unusual listens for everybody", risk=4, reads="sock_diag(7)", cis=("2.1.22",), look=_unexpected,
          why="What listens can be attacked; somebody should have meant it.", fix="Stop it, bind it to 127.0.0.1, or waive it with what it is for (subjects = [\"tcp 0.0.0.0:8080\"])."),
    Check(id="service-nameless", title="Whatever listens has a program", risk=5, reads="sock_diag(7), /proc/*/fd", look=_nameless,
          why="A rootkit hides its process and not always its socket.", fix="ss -ltnp as root; look for kernel services (NFS, WireGuard) first."),
    Check(id="service-mail", title="Mail is taken from this host alone", risk=4, reads="sock_diag(7)", cis=("2.1.21",), look=_mail,
          why="A web server sends mail; one that takes it is tried as a relay.", fix="inet_interfaces = loopback-only in /etc/postfix/main.cf, or dc_local_interfaces='127.0.0.1 ; ::1' for exim"),
)  # fmt: skip
