from tests.support.hardening.hosts import Pair, folder, host, installed, made, modes, packages

from vedette.instruments.live.memory import MemoryLive

JOURNALD = "/etc/systemd/journald.conf"


def journald(text: str, **files: str) -> MemoryLive:
    return host({**installed("systemd"), JOURNALD: text, **{f"/var/log/{name}/x": "" for name in files}})


def rsyslog(text: str) -> MemoryLive:
    return host({**installed("rsyslog"), "/etc/rsyslog.conf": text})


EXAMPLES: dict[str, Pair] = {
    "log-kept": (journald("[Journal]\n#Storage=auto\n", journal=""), journald("[Journal]\nStorage=volatile\n")),
    "log-bounded": (journald("[Journal]\n"), journald("[Journal]\nRateLimitBurst=0\n")),
    "log-auth": (rsyslog("auth,authpriv.* /var/log/auth.log\n"), rsyslog("cron.* /var/log/cron.log\n")),
    "log-modes": (host({"/var/log/auth.log": made(mode=0o640)}), host({"/var/log/auth.log": made(mode=0o644)})),
    "log-folder": (host({"/var/log": folder(0o755)}), host({"/var/log": folder(0o777)})),
    "log-rotated": (host({**installed("logrotate"), "/etc/logrotate.conf": ""}), host(installed())),
    "log-who": (host({"/var/log/wtmp": "", "/var/log/btmp": ""}), host({"/var/log/wtmp": ""})),
    "log-rsyslog-mode": (rsyslog("$FileCreateMode 0640\n"), rsyslog("$FileCreateMode 0644\n")),
    "log-strangers": (rsyslog('module(load="imuxsock")\n'), rsyslog('module(load="imudp")\n')),
    "log-auditd": packages(("auditd",), ()),
    "log-audit-rules": (host({**installed("auditd"), "/etc/audit/rules.d/x.rules": "-w /etc/passwd -p wa\n"}), host({**installed("auditd"), "/etc/audit/audit.rules": "-D\n"})),
    "log-audit-config": modes("/etc/audit/auditd.conf", 0o640, 0o644),
}  # fmt: skip
