"""Who becomes somebody else, and with what: sudoers with all it includes, and su."""

import re

from vedette.instruments.audit.asking import (
    bad_ones,
    lines,
    names_or,
    needed,
    packages,
    permission,
    said,
    text_or,
)
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_FOLDER = "/etc/sudoers.d"
_PART = re.compile(r"[^.]*[^.~]")  # sudo skips names with a dot, and those that end in a tilde (sudoers(5))


def _files(live: Live) -> list[str]:
    needed(live, "/etc/sudoers", "sudo")
    return [
        "/etc/sudoers",
        *(f"{_FOLDER}/{name}" for name in names_or(live, _FOLDER) if _PART.fullmatch(name)),
    ]


def _rules(live: Live) -> list[tuple[str, str]]:
    """Return each line with the file it stands in; lines that go on after a backslash are one."""
    found = []
    for path in _files(live):
        text = live.text(path).replace("\\\n", " ")
        found += [(path, " ".join(line.split())) for line in lines(text)]
    return found


def _defaults(live: Live) -> str:
    return "\n".join(line for _, line in _rules(live) if line.startswith("Defaults"))


def _nopasswd(live: Live) -> list[Verdict]:
    bad = [
        (path, _shown(line))
        for path, line in _rules(live)
        if "NOPASSWD" in line and not line.startswith(("Defaults", "Cmnd_Alias"))
    ]
    return bad_ones(bad, "a password is asked for")


def _noauth(live: Live) -> list[Verdict]:
    return bad_ones(
        ((path, _shown(line)) for path, line in _rules(live) if "!authenticate" in line),
        "a password is asked for",
    )


def _pty(live: Live) -> list[Verdict]:
    told = _defaults(live)
    fine = "!use_pty" not in told and ("use_pty" in told or _pty_by_default(live))
    return said(fine, "commands have a terminal of their own" if fine else "use_pty is not set")


def _pty_by_default(live: Live) -> bool:
    """sudo does so by itself since 1.9.14."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", packages(live).get("sudo", ""))
    return found is not None and tuple(int(one) for one in found.groups()) >= (1, 9, 14)


def _log(live: Live) -> list[Verdict]:
    told = _defaults(live)
    fine = "logfile" in told or "!syslog" not in told
    return said(fine, "sudo writes a log" if fine else "sudo writes no log")


def _timeout(live: Live) -> list[Verdict]:
    found = re.findall(r"timestamp_timeout\s*=\s*(-?\d+)", _defaults(live))
    bad = [one for one in found if int(one) < 0 or int(one) > 15]
    return said(not bad, f"timestamp_timeout={bad[0]}" if bad else "15 minutes at most")


def _environment(live: Live) -> list[Verdict]:
    told = _defaults(live)
    bad = re.findall(
        r"!env_reset|env_keep\s*\+?=\s*\"?[^\n]*(?:LD_PRELOAD|LD_LIBRARY_PATH|PYTHONPATH|PERL5LIB)", told
    )
    return said(not bad, _shown(bad[0]) if bad else "the environment is cleaned")


def _everybody(live: Live) -> list[Verdict]:
    bad = [(path, _shown(line)) for path, line in _rules(live) if re.match(r"ALL\s+ALL\s*=", line)]
    return bad_ones(bad, "nobody in general")


def _writable_parts(live: Live) -> list[Verdict]:
    found = [permission(live, path, 0o440 | 0o200) for path in _files(live)]
    return bad_ones(((one.subject, one.evidence) for one in found if not one.fine), f"{len(found)} files")


def _installed(live: Live) -> list[Verdict]:
    here = [name for name in ("sudo", "sudo-ldap", "doas", "opendoas", "sudo-rs") if name in packages(live)]
    return said(bool(here), f"{here[0]} is installed" if here else "neither sudo nor doas is installed")


def _su(live: Live) -> list[Verdict]:
    text = needed(live, "/etc/pam.d/su", "su")
    fine = any("pam_wheel.so" in line and line.startswith("auth") for line in lines(text))
    return said(
        fine, "members of a group alone use su" if fine else "everybody may try root's password by su"
    )


def _secure_path(live: Live) -> list[Verdict]:
    told = _defaults(live)
    found = re.search(r'secure_path\s*=\s*"?([^"\n]+)', told)
    if not found:
        return said(False, "secure_path is not set")
    bad = [
        one
        for one in found[1].split(":")
        if not one.startswith("/") or one.startswith(("/tmp", "/home", "/var/tmp"))
    ]
    return said(not bad, f"secure_path holds {bad[0] or 'an empty part'}" if bad else "secure_path is set")


def _shown(line: str) -> str:
    return line[:160]


def _doas(live: Live) -> list[Verdict]:
    text = text_or(live, "/etc/doas.conf")
    if not text:
        raise NotApplicable("doas is not on this host.")
    return bad_ones(
        (("/etc/doas.conf", line[:160]) for line in lines(text) if line.startswith("permit nopass")),
        "a password is asked for",
    )


_READS = "/etc/sudoers, /etc/sudoers.d"
CHECKS: tuple[Check, ...] = (
    Check(id="sudo-installed", title="People become root by their own names", risk=3, reads="/var/lib/dpkg/status", cis=("5.2.1",), look=_installed,
          why="Without sudo, people share root's password, and no log tells who it was.", fix="apt install sudo"),
    Check(id="sudo-nopasswd", title="sudo asks for a password", risk=6, reads=_READS, cis=("5.2.4",), look=_nopasswd,
          why="Who takes over the session of that user is root.", fix="Take NOPASSWD out, or name the one command that needs it and waive it."),
    Check(id="sudo-noauth", title="sudo's question is not switched off", risk=6, reads=_READS, cis=("5.2.5",), look=_noauth,
          why="!authenticate is NOPASSWD under another name.", fix="Take !authenticate out by visudo."),
    Check(id="sudo-pty", title="sudo gives commands a terminal of their own", risk=4, reads=_READS, cis=("5.2.2",), look=_pty,
          why="A command that was started by sudo could otherwise type into the terminal afterwards.", fix="echo 'Defaults use_pty' > /etc/sudoers.d/10-pty"),
    Check(id="sudo-log", title="sudo writes a log", risk=4, reads=_READS, cis=("5.2.3",), look=_log,
          why="It is where one finds who did it.", fix="Take !syslog out by visudo."),
    Check(id="sudo-timeout", title="sudo forgets within a quarter of an hour", risk=3, reads=_READS, cis=("5.2.6",), look=_timeout,
          why="A terminal left open is root's for as long as sudo remembers.", fix="echo 'Defaults timestamp_timeout=15' > /etc/sudoers.d/10-timeout"),
    Check(id="sudo-environment", title="sudo cleans the environment", risk=7, reads=_READS, look=_environment,
          why="LD_PRELOAD makes any command that is allowed run any code.", fix="Take !env_reset and LD_* of env_keep out by visudo."),
    Check(id="sudo-secure-path", title="sudo looks for programs in safe folders", risk=5, reads=_READS, look=_secure_path,
          why="A program of the same name in a folder of the user's would run as root.", fix="Defaults secure_path=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\""),
    Check(id="sudo-everybody", title="Not everybody is allowed everything", risk=9, reads=_READS, look=_everybody,
          why="ALL ALL=(ALL) makes every account root's, also those of services.", fix="Name the group by visudo: %sudo ALL=(ALL:ALL) ALL"),
    Check(id="sudo-files", title="sudo's files are written by root alone", risk=8, reads=_READS, look=_writable_parts,
          why="Who may write them makes himself root.", fix="chown root:root FILE && chmod 0440 FILE"),
    Check(id="sudo-su", title="su is for a group", risk=3, reads="/etc/pam.d/su", cis=("5.2.7",), look=_su,
          why="Everybody who has any account may otherwise guess root's password.", fix="auth required pam_wheel.so use_uid group=sugroup in /etc/pam.d/su"),
    Check(id="sudo-doas", title="doas asks for a password", risk=6, reads="/etc/doas.conf", look=_doas,
          why="Who takes over the session of that user is root.", fix="Take nopass out of /etc/doas.conf."),
)  # fmt: skip
