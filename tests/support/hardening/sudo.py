from tests.support.hardening.hosts import Pair, host, installed, made, packages, pair

from vedette.instruments.live.memory import MemoryLive

BASE = "Defaults env_reset\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n"


def part(text: str, mode: int = 0o440) -> MemoryLive:
    return host(
        {
            "/etc/sudoers": made(BASE, 0o440),
            "/etc/sudoers.d/90-own": made(text, mode),
            **installed("sudo 1.9.13p3-1"),
        }
    )


EXAMPLES: dict[str, Pair] = {
    "sudo-installed": packages(("sudo",), ()),
    "sudo-nopasswd": (part("anna ALL=(root) PASSWD: ALL\n"), part("anna ALL=(ALL) \\\n  NOPASSWD: ALL\n")),
    "sudo-noauth": (part("# Defaults !authenticate\n"), part("Defaults:anna !authenticate\n")),
    "sudo-pty": (part("Defaults use_pty\n"), part("")),
    "sudo-log": (part("Defaults logfile=/var/log/sudo.log\n"), part("Defaults !syslog\n")),
    "sudo-timeout": (part("Defaults timestamp_timeout=5\n"), part("Defaults timestamp_timeout=-1\n")),
    "sudo-environment": (part('Defaults env_keep += "LANG"\n'), part('Defaults env_keep += "LANG LD_PRELOAD"\n')),
    "sudo-secure-path": (part('Defaults secure_path="/usr/sbin:/usr/bin"\n'), part('Defaults secure_path="/usr/bin:/tmp"\n')),
    "sudo-everybody": (part("anna ALL=(ALL) ALL\n"), part("ALL ALL=(ALL) ALL\n")),
    "sudo-files": (part("", 0o440), part("", 0o460)),
    "sudo-su": pair("/etc/pam.d/su", "auth required pam_wheel.so use_uid group=wheel\n", "# auth required pam_wheel.so\nauth sufficient pam_rootok.so\n"),
    "sudo-doas": pair("/etc/doas.conf", "permit persist :wheel\n", "permit nopass :wheel\n"),
}  # fmt: skip
