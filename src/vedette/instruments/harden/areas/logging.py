"""What happens is written down, and kept."""

from collections.abc import Iterator

from vedette.instruments.harden.reading import installed
from vedette.instruments.harden.types import Facts, Measure, Mode, Put, Service, Wanted, Yielded

_JOURNAL = """\
# Written by Vedette.
[Journal]
Storage=persistent
Compress=yes
ForwardToSyslog={syslog}
"""
_WATCHED = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh/sshd_config",
            "/etc/ssh/sshd_config.d", "/etc/pam.d", "/etc/crontab", "/etc/cron.d", "/etc/systemd/system", "/etc/nftables.conf")  # fmt: skip
_OPEN = ("wtmp", "lastlog", "faillog", "README", "btmp")
_SECRET = ("auth", "secure", "syslog", "messages", "mail", "kern", "sudo")


def _journal(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    here = installed(facts)
    if "systemd" in here:
        text = _JOURNAL.format(syslog="yes" if "rsyslog" in here else "no")
        yield Put(path="/etc/systemd/journald.conf.d/60-vedette.conf", text=text)


def _audit(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    rows = [f"-w {path} -p wa -k vedette" for path in _WATCHED]
    calls = "-a always,exit -F arch=b64 -S {} -F auid>=1000 -F auid!=unset -k {}"
    rows += [
        calls.format("execve -C uid!=euid -F euid=0", "vedette-root"),
        calls.format("init_module,finit_module,delete_module", "vedette-modules"),
    ]
    yield Put(
        path="/etc/audit/rules.d/60-vedette.rules",
        text="\n".join(["## Written by Vedette.", *rows, ""]),
        mode=0o640,
    )


def _modes(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    for name in facts.names("/var/log"):
        if name.startswith(_SECRET):
            yield Mode(path=f"/var/log/{name}", most=0o640, owner="")
        elif not name.startswith(_OPEN):
            yield Mode(path=f"/var/log/{name}", most=0o755 if _is_folder(facts, name) else 0o644, owner="")


def _is_folder(facts: Facts, name: str) -> bool:
    found = facts.files.get(f"/var/log/{name}")
    return found is not None and found.text is None


MEASURES: tuple[Measure, ...] = (
    Measure(id="log-journal", title="The journal outlives a reboot", checks=("log-kept", "log-bounded"), steps=_journal, reload=Service.JOURNAL),
    Measure(id="log-modes", title="Logs are not for everybody", checks=("log-modes",), steps=_modes),
    Measure(id="log-audit", title="auditd watches who changes accounts, sudo, sshd and what runs later", checks=("log-audit-rules",), level=2,
            steps=_audit, reload=Service.AUDIT),
)  # fmt: skip
