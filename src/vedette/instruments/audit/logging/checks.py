"""Whether what happens is written down, kept, and kept from strangers."""

from vedette.instruments.audit.asking import (
    any_of,
    bad_ones,
    dropped_in,
    lines,
    names_or,
    needed,
    packages,
    permitted,
    said,
    settings,
    text_or,
    there,
)
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live

# Written by programs of a group of their own, or read by everybody on purpose (wtmp and lastlog of `last`).
_OPEN = ("wtmp", "lastlog", "faillog", "README", "btmp")


def _journald(live: Live) -> dict[str, str]:
    if "systemd" not in packages(live):
        raise NotApplicable("systemd is not installed.")
    return dict(settings(dropped_in(live, "/etc/systemd/journald.conf", "/etc/systemd/journald.conf.d")))


def _kept(live: Live) -> list[Verdict]:
    storage = _journald(live).get("storage", "auto")
    fine = storage == "persistent" or (storage == "auto" and there(live, "/var/log/journal"))
    if not fine and "rsyslog" in packages(live):
        return said(True, "rsyslog writes to /var/log")
    return said(fine, f"Storage={storage}{'' if fine else ', and /var/log/journal is not there'}")


def _whole_lines(live: Live) -> list[Verdict]:
    """A rate limit of 0 switches it off; the default of 10,000 in 30 s keeps a flood from hiding the rest."""
    told = _journald(live)
    off = told.get("ratelimitburst") == "0" or told.get("ratelimitintervalsec") in {"0", "0s"}
    return said(not off, "a program may fill the journal" if off else "a flood is bounded")


def _auth(live: Live) -> list[Verdict]:
    if "rsyslog" not in packages(live):
        raise NotApplicable("rsyslog is not installed; the journal holds it.")
    text = dropped_in(live, "/etc/rsyslog.conf", "/etc/rsyslog.d")
    found = any(line.startswith(("auth,authpriv", "authpriv", "auth.", "*.*")) for line in lines(text))
    return said(found, "sign-ins are written" if found else "no line is about auth")


def _modes(live: Live) -> list[Verdict]:
    bad = []
    for name in names_or(live, "/var/log"):
        path = f"/var/log/{name}"
        found = live.status(path)
        if found.kind == "file" and not name.startswith(_OPEN) and found.mode & 0o022 & ~0o020:
            bad.append((path, f"mode {found.mode:04o}: everybody may write it"))
        elif (
            found.kind == "file"
            and name.startswith(("auth", "secure", "syslog", "messages", "mail", "kern"))
            and found.mode & 0o004
        ):
            bad.append((path, f"mode {found.mode:04o}: everybody may read it"))
    return bad_ones(bad, "strangers neither read nor write them")


def _rotated(live: Live) -> list[Verdict]:
    here = there(live, "/etc/logrotate.conf") and "logrotate" in packages(live)
    return said(here, "logrotate is installed" if here else "nothing rotates what programs write to /var/log")


def _lastlog(live: Live) -> list[Verdict]:
    bad = [path for path in ("/var/log/wtmp", "/var/log/btmp") if not there(live, path)]
    return bad_ones(
        ((path, "is not there: nobody writes who signed in") for path in bad), "who signed in is written"
    )


def _audit_rules(live: Live) -> list[Verdict]:
    if "auditd" not in packages(live):
        raise NotApplicable("auditd is not installed.")
    found = lines(text_or(live, "/etc/audit/audit.rules")) + lines(
        dropped_in(live, "/dev/null/none", "/etc/audit/rules.d", ".rules")
    )
    rules = [line for line in found if line.startswith(("-w", "-a"))]
    return said(bool(rules), f"{len(rules)} rules" if rules else "auditd has no rules")


def _remote_in(live: Live) -> list[Verdict]:
    if "rsyslog" not in packages(live):
        raise NotApplicable("rsyslog is not installed.")
    text = dropped_in(live, "/etc/rsyslog.conf", "/etc/rsyslog.d")
    bad = [
        line
        for line in lines(text)
        if "imudp" in line or "imtcp" in line or line.startswith(("$UDPServerRun", "$InputTCPServerRun"))
    ]
    return said(not bad, bad[0][:100] if bad else "it takes lines of this host alone")


def _file_mode(live: Live) -> list[Verdict]:
    if "rsyslog" not in packages(live):
        raise NotApplicable("rsyslog is not installed.")
    told = settings(needed(live, "/etc/rsyslog.conf", "rsyslog")).get("$filecreatemode", "0644")
    return said(not int(told, 8) & 0o137, f"$FileCreateMode {told}")


CHECKS: tuple[Check, ...] = (
    Check(id="log-kept", title="The journal outlives a reboot", risk=5, reads="/etc/systemd/journald.conf", look=_kept,
          why="Attackers reboot, and what they did is gone.", fix="mkdir /var/log/journal && systemctl restart systemd-journald"),
    Check(id="log-bounded", title="One program cannot fill the journal", risk=3, reads="/etc/systemd/journald.conf", look=_whole_lines,
          why="Who fills it pushes out what he did.", fix="Take RateLimitBurst=0 out of /etc/systemd/journald.conf"),
    Check(id="log-auth", title="Sign-ins are written", risk=5, reads="/etc/rsyslog.conf", look=_auth,
          why="Without them no attack on passwords is seen.", fix="auth,authpriv.* /var/log/auth.log in /etc/rsyslog.d/50-default.conf"),
    Check(id="log-modes", title="Logs are not for everybody", risk=4, reads="/var/log", look=_modes,
          why="They hold names, addresses and, by accident, passwords; and who may write them erases himself.", fix="chmod o-rwx FILE"),
    Check(id="log-folder", title="/var/log is written by root and its loggers alone", risk=5, reads="/var/log", look=permitted("/var/log", 0o775),
          why="Who may write the folder replaces logs.", fix="chown root:root /var/log && chmod 0755 /var/log"),
    Check(id="log-rotated", title="Logs are rotated", risk=3, reads="/etc/logrotate.conf", look=_rotated,
          why="A full disk stops the host, and the log with it.", fix="apt install logrotate"),
    Check(id="log-who", title="Who signed in is written", risk=3, reads="/var/log/wtmp, /var/log/btmp", look=_lastlog,
          why="`last` and `lastb` tell who was here; attackers delete these files.", fix="install -m 664 -g utmp /dev/null /var/log/wtmp; install -m 660 -g utmp /dev/null /var/log/btmp"),
    Check(id="log-rsyslog-mode", title="rsyslog makes files that are not for everybody", risk=3, reads="/etc/rsyslog.conf", look=_file_mode,
          why="Logs hold names, addresses and, by accident, passwords.", fix="$FileCreateMode 0640 in /etc/rsyslog.conf"),
    Check(id="log-strangers", title="The log takes lines of this host alone", risk=4, reads="/etc/rsyslog.conf", look=_remote_in,
          why="Strangers would fill it, or write into it what never happened.", fix="Take imudp and imtcp out of /etc/rsyslog.conf"),
    Check(id="log-auditd", title="auditd is installed", risk=2, reads="/var/lib/dpkg/status", look=any_of("auditd"),
          why="It writes which program did what, also when the program would not.", fix="apt install auditd"),
    Check(id="log-audit-rules", title="auditd has rules", risk=2, reads="/etc/audit", look=_audit_rules,
          why="Without rules it writes nearly nothing.", fix="cp /usr/share/doc/auditd/examples/rules/30-stig.rules /etc/audit/rules.d/ && augenrules --load"),
    Check(id="log-audit-config", title="auditd's configuration is root's alone", risk=3, reads="/etc/audit/auditd.conf", look=permitted("/etc/audit/auditd.conf", 0o640),
          why="Who may write it makes it silent.", fix="chown root:root /etc/audit/auditd.conf && chmod 0640 /etc/audit/auditd.conf"),
)  # fmt: skip
