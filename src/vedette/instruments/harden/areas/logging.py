"""What happens is written down, and kept."""

from collections.abc import Iterator

from vedette.instruments.harden.reading import installed, with_settings
from vedette.instruments.harden.types import Facts, Measure, Mode, Put, Service, Wanted, Yielded

# systemd opens these anew at every boot; of a path, it obeys the first file by name, and Debian's is var.conf.
_SIGNED_IN = "# Written by Vedette.\n" + "".join(
    f"f /var/log/{name} 0640 root utmp -\n" for name in ("btmp", "lastlog", "wtmp")
)
_RSYSLOG = "# Written by Vedette.\n$FileCreateMode 0640\n"
_WATCHED = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d", "/etc/ssh/sshd_config",
            "/etc/ssh/sshd_config.d", "/etc/pam.d", "/etc/crontab", "/etc/cron.d", "/etc/systemd/system", "/etc/nftables.conf")  # fmt: skip


def _journal(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """Our file counts; the main one is made to agree with it, for people and auditors read that one."""
    here = installed(facts)
    if "systemd" not in here:
        return
    meant = {
        "Storage": "persistent",
        "Compress": "yes",
        "ForwardToSyslog": "yes" if "rsyslog" in here else "no",
    }
    rows = [f"{name}={value}" for name, value in meant.items()]
    text = "\n".join(["# Written by Vedette.", "[Journal]", *rows, ""])
    yield Put(path="/etc/systemd/journald.conf.d/60-vedette.conf", text=text)
    yield from with_settings(facts, "/etc/systemd/journald.conf", meant, "=")


def _syslog(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """Also where rsyslog is not yet: its logs begin closed."""
    yield Put(path="/etc/rsyslog.d/60-vedette.conf", text=_RSYSLOG)


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
        if not name.startswith("README"):
            yield Mode(path=f"/var/log/{name}", most=0o2755 if _is_folder(facts, name) else 0o640, owner="")


def _at_boot(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    if "systemd" in installed(facts):
        yield Put(path="/etc/tmpfiles.d/60-vedette.conf", text=_SIGNED_IN)


def _is_folder(facts: Facts, name: str) -> bool:
    found = facts.files.get(f"/var/log/{name}")
    return found is not None and found.text is None


MEASURES: tuple[Measure, ...] = (
    Measure(id="log-journal", title="The journal outlives a reboot", checks=("log-kept", "log-bounded"), steps=_journal, reload=Service.JOURNAL),
    Measure(id="log-syslog", title="Logs of rsyslog are not for everybody", checks=(), steps=_syslog),
    Measure(id="log-modes", title="Logs are not for everybody", checks=("log-modes",), steps=_modes),
    Measure(id="log-at-boot", title="Who signed in is not for everybody, also after a boot", checks=(), steps=_at_boot),
    Measure(id="log-audit", title="auditd watches who changes accounts, sudo, sshd and what runs later", checks=("log-audit-rules",), level=2,
            steps=_audit, reload=Service.AUDIT),
)  # fmt: skip
