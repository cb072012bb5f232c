from tests.support.hardening.hosts import Pair, host, installed, listener, packages

UNNEEDED = {
    "telnet-server": "inetutils-telnetd", "rsh-server": "rsh-server", "ftp-server": "vsftpd", "tftp-server": "tftpd-hpa", "nis": "nis",
    "nis-client": "ypbind", "inetd": "xinetd", "avahi": "avahi-daemon", "printing": "cups", "rpcbind": "rpcbind", "nfs-server": "nfs-kernel-server",
    "samba": "samba", "snmp": "snmpd", "dhcp-server": "isc-dhcp-server", "ldap-server": "slapd", "proxy": "squid", "autofs": "autofs",
    "desktop": "xserver-xorg", "telnet-client": "telnet", "rsh-client": "rsh-client", "talk": "talk", "error-reports": "apport", "prelink": "prelink",
}  # fmt: skip
FAILED = "systemctl list-units --state=failed --plain --no-legend --no-pager"
EXAMPLES: dict[str, Pair] = {
    **{f"service-{name}": packages((), (package,)) for name, package in UNNEEDED.items()},
    "service-failed": (host(installed("systemd"), {FAILED: ""}), host(installed("systemd"), {FAILED: "backup.service loaded failed failed Backup\n"})),
    "service-inner": (host(listens=(listener("127.0.0.1", 6379),)), host(listens=(listener("0.0.0.0", 6379),))),
    "service-unexpected": (host(listens=(listener("0.0.0.0", 443), listener("::1", 8000))), host(listens=(listener("::", 8000),))),
    "service-nameless": (host(listens=(listener("0.0.0.0", 22, "sshd"),)), host(listens=(listener("0.0.0.0", 31337, ""),))),
    "service-mail": (host(listens=(listener("127.0.0.1", 25, "master"),)), host(listens=(listener("0.0.0.0", 25, "master"),))),
}  # fmt: skip
