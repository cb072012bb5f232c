"""What is installed, and what nobody needs on a server."""

from collections.abc import Iterator

from vedette.instruments.harden.reading import installed
from vedette.instruments.harden.types import Facts, Measure, Note, Packages, Wanted, Yielded

_CLIENTS = ("telnet", "inetutils-telnet", "rsh-client", "rsh-redone-client", "talk", "ntalk", "inetutils-talk",
            "ypbind", "yp-tools", "ftp", "tnftp", "ldap-utils", "prelink", "apport", "whoopsie")  # fmt: skip
_SERVERS = {
    "autofs": "mounts", "avahi-daemon": "names of the local network", "isc-dhcp-server": "addresses", "slapd": "a directory",
    "nfs-kernel-server": "files", "nis": "users", "ypserv": "users", "cups": "printing", "rpcbind": "remote calls", "samba": "files",
    "snmpd": "measures", "tftpd-hpa": "files without passwords", "vsftpd": "files without TLS", "proftpd-core": "files without TLS",
    "telnetd": "shells in clear", "inetutils-telnetd": "shells in clear", "rsh-server": "shells in clear", "squid": "a proxy",
    "xinetd": "services on demand", "openbsd-inetd": "services on demand", "xserver-xorg-core": "a desktop",
}  # fmt: skip
_CLOCKS = ("systemd-timesyncd", "chrony", "ntpsec", "ntp", "openntpd")


def _clients(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    here = installed(facts)
    yield from (Packages(names=(name,), there=False) for name in _CLIENTS if name in here)


def _servers(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    here = installed(facts)
    for name, what in _SERVERS.items():
        if name in here:
            yield Note(
                text=f"{name} ({what}) is installed: remove it (apt purge {name}), or waive its check with what it is for."
            )


def _clock(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    if not installed(facts) & set(_CLOCKS):
        yield Packages(names=("chrony",))


MEASURES: tuple[Measure, ...] = (
    Measure(id="packages-clients", title="Programs that speak in clear are gone", steps=_clients,
            checks=("service-telnet-client", "service-rsh-client", "service-talk", "service-nis-client", "service-error-reports", "service-prelink")),
    Measure(id="packages-servers", title="Services that nobody needs are told", checks=(), steps=_servers),
    Measure(id="packages-clock", title="Something sets the clock", checks=("clock-daemon",), steps=_clock),
    Measure(id="packages-sudo", title="People become root by their own names", checks=("sudo-installed",),
            steps=lambda facts, wanted: [Packages(names=("sudo",))]),
    Measure(id="packages-apparmor", title="What confines programs is installed", checks=(),
            steps=lambda facts, wanted: [Packages(names=("apparmor", "apparmor-utils"))]),
    Measure(id="packages-quality", title="What refuses bad passwords is installed", checks=("pam-quality-installed",),
            steps=lambda facts, wanted: [Packages(names=("libpam-pwquality",))]),
    Measure(id="packages-updates", title="What installs security updates is there", checks=("apt-unattended-installed",),
            steps=lambda facts, wanted: [Packages(names=("unattended-upgrades",))]),
    Measure(id="packages-nftables", title="The firewall's program is installed", checks=(),
            steps=lambda facts, wanted: [Packages(names=("nftables",))]),
    Measure(id="packages-auditd", title="auditd is installed", checks=("log-auditd",), level=2,
            steps=lambda facts, wanted: [Packages(names=("auditd", "audispd-plugins"))]),
)  # fmt: skip
