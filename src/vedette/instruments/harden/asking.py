"""What is asked of a host, in one go: the script that asks, and how its answer is read. Secrets (shadow, private keys) are only looked at, never read."""

import base64
import binascii
import re
import shlex
from collections.abc import Iterator, Mapping
from importlib import resources

from vedette.core.errors import Invalid
from vedette.instruments.harden.types import Facts, Unreached
from vedette.instruments.hardened.types import ASKED, MANIFEST
from vedette.instruments.live.memory import Made

# Read whole, where they are files; patterns of the shell.
_READ = (
    "/etc/os-release", "/etc/passwd", "/etc/group", "/etc/login.defs", "/etc/default/useradd", "/etc/fstab", "/etc/profile", "/etc/bash.bashrc",
    "/etc/profile.d/*", "/etc/environment", "/etc/issue", "/etc/issue.net", "/etc/motd", "/etc/ssh/sshd_config", "/etc/ssh/sshd_config.d/*",
    "/etc/sysctl.d/*", "/etc/sysctl.conf", "/etc/modprobe.d/*", "/lib/modprobe.d/*", "/etc/security/*.conf", "/etc/security/limits.d/*",
    "/etc/security/pwquality.conf.d/*", "/etc/pam.d/common-*", "/etc/pam.d/su", "/usr/share/pam-configs/vedette-*", "/usr/share/pam-configs/unix",
    "/etc/sudoers", "/etc/sudoers.d/*", "/etc/cron.allow", "/etc/at.allow", "/etc/nftables.conf", "/etc/nftables.d/*",
    "/etc/systemd/*.conf", "/etc/systemd/journald.conf.d/*", "/etc/systemd/coredump.conf.d/*", "/etc/systemd/system/*.d/60-vedette.conf",
    "/etc/apt/apt.conf.d/*", "/etc/audit/rules.d/*", "/etc/nginx/nginx.conf", "/etc/caddy/Caddyfile", "/etc/redis/redis.conf",
    "/etc/postgresql/*/*/postgresql.conf", "/etc/postgresql/*/*/pg_hba.conf", "/etc/postgresql/*/*/conf.d/60-vedette.conf",
    "/etc/mysql/my.cnf", "/etc/mysql/conf.d/*", "/proc/mounts", "/proc/modules", "/proc/sys/kernel/osrelease",
    "/root/.ssh/authorized_keys", MANIFEST, "/home/*/.ssh/authorized_keys",
)  # fmt: skip
# Looked at: mode and owner alone.
_LOOK = (
    "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/passwd-", "/etc/group-", "/etc/shells", "/etc/security/opasswd",
    "/etc/security/opasswd.old", "/etc/hosts", "/etc/nsswitch.conf", "/etc/ld.so.conf", "/boot/grub/grub.cfg", "/root", "/root/.ssh", "/home/*",
    "/var/log", "/var/log/*", "/var/log/journal", "/etc/crontab", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly",
    "/etc/cron.yearly", "/etc/cron.d", "/usr/bin/at", "/etc/ssh/ssh_host_*", "/proc/sys/net/ipv4/conf/*", "/etc/systemd/system/*.wants/*",
    "/lib/systemd/system/vedette-agent.service", "/etc/systemd/system/vedette-agent.service", "/etc/rsyslog.conf", "/proc/net/ip_tables_names",
    *(f"{folder}/{unit}.service" for folder in ("/lib/systemd/system", "/etc/systemd/system")
      for unit in ("nginx", "caddy", "redis-server", "postgresql@", "mariadb", "mysql", "memcached")),
)  # fmt: skip
_NETWORK = ("rp_filter", "send_redirects", "accept_redirects", "secure_redirects", "accept_source_route", "log_martians", "accept_ra", "forwarding", "arp_ignore")  # fmt: skip
_VALUES = (
    "kernel/randomize_va_space", "kernel/yama/ptrace_scope", "kernel/kptr_restrict", "kernel/dmesg_restrict", "kernel/unprivileged_bpf_disabled",
    "kernel/perf_event_paranoid", "kernel/sysrq", "kernel/kexec_load_disabled", "kernel/core_pattern", "kernel/core_uses_pid", "fs/suid_dumpable",
    "fs/protected_*", "vm/unprivileged_userfaultfd", "dev/tty/ldisc_autoload", "vm/mmap_min_addr", "net/core/bpf_jit_harden",
    "net/ipv4/icmp_echo_ignore_broadcasts", "net/ipv4/icmp_ignore_bogus_error_responses", "net/ipv4/tcp_syncookies", "net/ipv4/tcp_rfc1337",
    "net/ipv4/ip_forward",
    *(f"net/{family}/conf/{which}/{name}" for family in ("ipv4", "ipv6") for which in ("all", "default") for name in _NETWORK),
    "net/ipv4/conf/*/rp_filter",
)  # fmt: skip
# What programs say, by the words under which measures and checks know it.
_COMMANDS: Mapping[str, str] = {
    "sshd -T": "sshd -T",
    "nft -j -t list ruleset": "nft -j -t list ruleset",
    "nft list ruleset": "nft list ruleset",
    " ".join(ASKED): " ".join(ASKED),
    "ss -Hltun": "ss -Hltun",
    "ip -6 route show default": "ip -6 route show default",
    "lsblk -Prno NAME,TYPE,FSTYPE,MOUNTPOINT,PKNAME": "lsblk -Prno NAME,TYPE,FSTYPE,MOUNTPOINT,PKNAME",
    "dpkg": "dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\\n'",
    "postgres md5": "runuser -u postgres -- psql -XAtc \"select rolname from pg_authid where rolpassword like 'md5%'\"",
}
_MOST = 64 << 20  # bytes of an answer


def script() -> str:
    """Return the script for sh that asks everything; it changes nothing."""
    rows = [remote("collect.sh")]
    rows += [f"read_files {pattern}" for pattern in (*_READ, *(f"/proc/sys/{each}" for each in _VALUES))]
    rows += [f"look_at {pattern}" for pattern in _LOOK]
    rows += [f"says {shlex.quote(name)} {shlex.quote(command)}" for name, command in _COMMANDS.items()]
    return "\n".join([*rows, "finish", ""])


def remote(name: str) -> str:
    """Return a script of ours that runs on hosts."""
    return resources.files(__package__).joinpath("remote", name).read_text("utf-8")


def read(answer: bytes) -> Facts:
    """Return what a host answered; raises `Unreached` where the answer broke off or is none of ours."""
    if len(answer) > _MOST or not answer.rstrip().endswith(b"finished"):
        raise Unreached("The host's answer broke off before its end, so nothing was changed.")
    try:
        rows = [line.split("\t") for line in answer.decode("ascii").splitlines()]
        return _facts(rows)
    except (ValueError, LookupError, binascii.Error):
        raise Unreached("The host's answer is none that can be read, so nothing was changed.") from None


def _facts(rows: list[list[str]]) -> Facts:
    head = {row[1]: row[2] for row in rows if row[0] == "host"}
    says = {_text(row[1]): _text(row[2]) for row in rows if row[0] == "says"}
    files = dict(_files(rows)) | {"/var/lib/dpkg/status": Made(text=_status(says.pop("dpkg", "")))}
    return Facts(files=files, says=says, login=head["login"], peer=head.get("peer", ""), at=float(head["at"]))


def _files(rows: list[list[str]]) -> Iterator[tuple[str, Made]]:
    for row in rows:
        if row[0] in {"file", "folder"}:
            _, mode, uid, gid, changed, path, *text = row
            told = None if row[0] == "folder" else _text(text[0]) if text else ""
            yield (
                _text(path),
                Made(text=told, mode=int(mode, 8), uid=int(uid), gid=int(gid), changed=float(changed)),
            )


def _status(said: str) -> str:
    """Return packages as dpkg keeps them, for the checks of the audit."""
    rows = (line.split() for line in said.splitlines())
    return "\n\n".join(
        f"Package: {row[0]}\nStatus: install ok installed\nVersion: {row[1]}"
        for row in rows
        if len(row) == 3 and row[2] == "installed"
    )


def _text(coded: str) -> str:
    return base64.b64decode(coded, validate=True).decode("utf-8", "replace")


def address(text: str) -> tuple[str, ...]:
    """Return how ssh is told where a host is: `ann@web-1:2222` as words; raises `Invalid` for what ssh would take for an option."""
    found = re.fullmatch(
        r"(?:([A-Za-z_][\w.-]{0,31})@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]{0,252}|[0-9A-Fa-f:]+)(?::(\d{1,5}))?",
        text,
    )
    if found is None:
        raise Invalid(f"{text[:80]!r} is no host; write web-1, ann@203.0.113.7 or ann@[2001:db8::1]:2222.")
    user, host, port = found.groups()
    return (*(("-l", user) if user else ()), *(("-p", port) if port else ()), host.strip("[]"))
