"""A Debian 12 as it is installed, as facts; and what it would be once a plan was carried out."""

from collections.abc import Mapping
from functools import singledispatch

import msgspec
from tests.support.hardening.hosts import installed

from vedette.instruments.harden.types import Enabled, Facts, HardenPlan, Mode, Packages, Put, Run, Step, Value
from vedette.instruments.live.memory import Made

PASSWD = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000:Ann:/home/ann:/bin/bash\nmysql:x:107:112::/nonexistent:/bin/false\npostgres:x:108:113::/var/lib/postgresql:/bin/bash\n"
GROUP = "root:x:0:\nshadow:x:42:\nann:x:1000:\npostgres:x:113:\n"
SSHD = "port 22\npermitrootlogin yes\npasswordauthentication yes\nx11forwarding yes\nciphers chacha20-poly1305@openssh.com,aes128-cbc\nhostkey /etc/ssh/ssh_host_ed25519_key\n"
VALUES = {
    "kernel.randomize_va_space": "2", "kernel.kptr_restrict": "0", "kernel.dmesg_restrict": "0", "kernel.sysrq": "438", "kernel.core_pattern": "core",
    "kernel.unprivileged_bpf_disabled": "0", "fs.suid_dumpable": "2", "net.ipv4.ip_forward": "0", "net.ipv4.tcp_syncookies": "1",
    **{f"net.ipv4.conf.{which}.{name}": "1" for which in ("all", "default") for name in ("send_redirects", "accept_redirects", "secure_redirects")},
    **{f"net.ipv4.conf.{which}.{name}": "0" for which in ("all", "default") for name in ("accept_source_route", "log_martians", "rp_filter", "arp_ignore")},
    **{f"net.ipv6.conf.{which}.accept_ra": "1" for which in ("all", "default")},
}  # fmt: skip
FILES: Mapping[str, Made | str] = {
    "/etc/os-release": "ID=debian\nVERSION_ID=12\nVERSION_CODENAME=bookworm\n",
    "/etc/passwd": PASSWD,
    "/etc/group": GROUP,
    "/etc/shadow": Made(text="", mode=0o640, gid=42),
    "/etc/login.defs": "MAIL_DIR /var/mail\nUMASK\t\t022\nPASS_MAX_DAYS\t99999\nPASS_MIN_DAYS\t0\nPASS_WARN_AGE\t7\nENCRYPT_METHOD SHA512\nUMASK 022\n",
    "/etc/default/useradd": "SHELL=/bin/sh\n# INACTIVE=-1\n",
    "/etc/fstab": "UUID=1 / ext4 errors=remount-ro 0 1\n",
    "/etc/issue": "Debian GNU/Linux 12 \\n \\l\n",
    "/etc/issue.net": "Debian GNU/Linux 12\n",
    "/etc/motd": "Debian\n",
    "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nPasswordAuthentication yes\n",
    "/etc/ssh/ssh_host_ed25519_key": Made(text="", mode=0o600),
    "/home/ann": Made(text=None, mode=0o755, uid=1000, gid=1000),
    "/home/ann/.ssh/authorized_keys": Made(text="ssh-ed25519 AAAA ann\n", mode=0o600, uid=1000, gid=1000),
    "/etc/pam.d/su": "auth       sufficient pam_rootok.so\n@include common-auth\n",
    "/etc/pam.d/common-auth": "auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n",
    "/etc/pam.d/common-password": "password [success=1 default=ignore] pam_unix.so obscure yescrypt\n",
    "/usr/share/pam-configs/unix": "Name: Unix\nAuth:\n\t[success=end default=ignore] pam_unix.so nullok try_first_pass\n",
    "/etc/sudoers": Made(text="Defaults secure_path=\"/usr/sbin:/usr/bin\"\nroot ALL=(ALL:ALL) ALL\n", mode=0o440),
    "/etc/crontab": "17 * * * * root run-parts /etc/cron.hourly\n",
    "/etc/cron.d": Made(text=None, mode=0o755),
    "/etc/nftables.conf": "#!/usr/sbin/nft -f\n\nflush ruleset\n\ntable inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter;\n\t}\n}\n",
    "/etc/systemd/journald.conf": "[Journal]\n",
    "/lib/systemd/system/nginx.service": "",
    "/etc/nginx/nginx.conf": "http {\n\t# server_tokens off;\n\tssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; # Dropping SSLv3\n}\n",
    "/proc/mounts": "/dev/sda1 / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw,nosuid,nodev 0 0\n",
    "/proc/modules": "nf_tables 1 0 - Live 0x0\n",
    "/proc/sys/kernel/osrelease": "6.1.0-1-amd64\n",
    "/proc/sys/net/ipv4/conf/eth0/rp_filter": "0\n",
    "/var/log/auth.log": Made(text="", mode=0o644),
    **{f"/proc/sys/{name.replace('.', '/')}": f"{value}\n" for name, value in VALUES.items()},
    **installed("openssh-server 1:9.2", "systemd 252", "nftables", "libpam-runtime", "login", "nginx", "telnet"),
}  # fmt: skip
SAYS = {"sshd -T": SSHD, "ss -Hltun": "tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*\ntcp LISTEN 0 511 *:443 *:*\ntcp LISTEN 0 5 0.0.0.0:8080 0.0.0.0:*\ntcp LISTEN 0 5 127.0.0.1:25 0.0.0.0:*\n", "lsblk -Prno NAME,TYPE,FSTYPE,MOUNTPOINT,PKNAME": ""}  # fmt: skip


def debian(
    files: Mapping[str, Made | str] = {}, says: Mapping[str, str] = {}, *, login: str = "root"
) -> Facts:
    merged = {**FILES, **files}
    made = {path: Made(text=each) if isinstance(each, str) else each for path, each in merged.items()}
    return Facts(files=made, says={**SAYS, **says}, login=login, peer="203.0.113.5", at=1_764_000_000.0)


def without(facts: Facts, *paths: str) -> Facts:
    return msgspec.structs.replace(facts, files={p: f for p, f in facts.files.items() if p not in paths})


def carried_out(facts: Facts, plan: HardenPlan) -> Facts:
    """Return the host as a plan leaves it; sshd and nft say what their files say."""
    for planned in plan.changes:
        for step in planned.steps:
            facts = _done(step, facts)
    ours = facts.text("/etc/ssh/sshd_config.d/00-vedette.conf").lower()
    told = f"{ours}\nport 22\nhostkey /etc/ssh/ssh_host_ed25519_key\n"
    return msgspec.structs.replace(facts, says={**facts.says, "sshd -T": told})


@singledispatch
def _done(step: Step, facts: Facts) -> Facts:
    raise TypeError(step)


@_done.register
def _put(step: Put, facts: Facts) -> Facts:
    owner = {"": 0, "root": 0, "postgres": 108}[step.owner]
    group = {"": 0, "root": 0, "postgres": 113}[step.group]
    return _with(facts, step.path, Made(text=step.text, mode=step.mode, uid=owner, gid=group))


@_done.register
def _mode(step: Mode, facts: Facts) -> Facts:
    found = facts.files[step.path]
    owned = msgspec.structs.replace(found, mode=found.mode & step.most)
    return _with(facts, step.path, msgspec.structs.replace(owned, uid=0) if step.owner else owned)


@_done.register
def _value(step: Value, facts: Facts) -> Facts:
    return _with(facts, "/proc/sys/" + step.name.replace(".", "/"), Made(text=f"{step.value}\n"))


@_done.register
def _packages(step: Packages, facts: Facts) -> Facts:
    status = facts.text("/var/lib/dpkg/status")
    if step.there:
        status += "".join(
            f"\n\nPackage: {name}\nStatus: install ok installed\nVersion: 1" for name in step.names
        )
    else:
        status = "\n\n".join(
            b for b in status.split("\n\n") if not any(b.startswith(f"Package: {n}\n") for n in step.names)
        )
    return _with(facts, "/var/lib/dpkg/status", Made(text=status))


@_done.register
def _enabled(step: Enabled, facts: Facts) -> Facts:
    return _with(facts, step.link, Made())


@_done.register
def _run(step: Run, facts: Facts) -> Facts:
    if "groupadd" in step.command:
        return _with(facts, "/etc/group", Made(text=facts.text("/etc/group") + "sugroup:x:900:\n"))
    auth = "auth required pam_faillock.so preauth\nauth [success=3 default=ignore] pam_unix.so\nauth [default=die] pam_faillock.so authfail\nauth sufficient pam_faillock.so authsucc\n"
    password = "password requisite pam_pwquality.so\npassword requisite pam_pwhistory.so\npassword pam_unix.so yescrypt\n"
    return _with(
        _with(facts, "/etc/pam.d/common-auth", Made(text=auth)),
        "/etc/pam.d/common-password",
        Made(text=password),
    )


def _with(facts: Facts, path: str, made: Made) -> Facts:
    return msgspec.structs.replace(facts, files={**facts.files, path: made})
