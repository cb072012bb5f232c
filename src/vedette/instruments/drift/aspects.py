"""The parts of a host's state that are watched for drift."""

from vedette.instruments.drift import packets, people, system
from vedette.instruments.drift.types import Aspect

POLLED = 2.0  # seconds; what the kernel tells nobody is asked for this often

ASPECTS: tuple[Aspect, ...] = (
    Aspect(kind="nftables", read=packets.read),
    Aspect(kind="sshd", read=system.sshd, behind=lambda _: ("/etc/ssh", "/etc/ssh/sshd_config.d", "/usr/sbin/sshd")),
    Aspect(kind="sysctl", read=system.sysctls, every=POLLED),
    Aspect(kind="port", read=system.ports, every=POLLED),
    Aspect(kind="module", read=system.modules, every=POLLED, severity="medium"),
    Aspect(kind="user", read=people.users, behind=lambda _: ("/etc/passwd", "/etc/group", "/etc/shadow")),
    Aspect(kind="sudoers", read=people.sudoers, behind=lambda _: ("/etc/sudoers", "/etc/sudoers.d")),
    Aspect(kind="authorized-keys", read=people.keys, behind=people.behind_keys),
    Aspect(
        kind="cron",
        read=system.cron,
        behind=lambda _: ("/etc/crontab", "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly", "/var/spool/cron/crontabs"),
    ),
    Aspect(kind="unit", read=system.units, behind=system.behind_units),
    Aspect(kind="package", read=system.packages, behind=lambda _: ("/var/lib/dpkg/status",), severity="medium"),
)  # fmt: skip
