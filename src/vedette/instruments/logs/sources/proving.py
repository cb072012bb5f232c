"""Whether an entry of the journal is of the program it names. Pure.

Whoever may log chooses `SYSLOG_IDENTIFIER`, and with it whose parser reads the line: `logger -t sshd` of a web server's user could
have anybody banned. What the journal itself says of the sender (systemd.journal-fields(7): `_UID`, `_TRANSPORT`, `_EXE`) tells.
Programs with the set-uid bit have the `_UID` of who called them (tried with su), so their place counts.
"""

from pathlib import PurePosixPath

from vedette.instruments.logs import framing

_ROOTS = frozenset({
    "sshd", "sshd-session", "sshd-auth", "login", "auditd", "audispd", "systemd-logind", "systemd-sysusers", "useradd",
    "adduser", "usermod", "userdel", "groupadd", "groupmod", "groupdel", "chpasswd",
})  # fmt: skip
_CALLED = frozenset({
    "su", "sudo", "sudo-rs", "runuser", "passwd", "gpasswd", "chage", "chsh", "chfn", "unix_chkpwd", "pkexec", "doas", "polkit-agent-helper-1", "ulogd",
})  # fmt: skip
_FROM = {"kernel": frozenset({"kernel"}), "audit": frozenset({"audit"})}  # the only ways these come
_PLACES = ("/usr/", "/bin/", "/sbin/", "/run/wrappers/")  # root alone puts programs there


def refusal(name: str, message: bytes, *, uid: str, transport: str, exe: str) -> str:
    """Return why an entry is not of the program whose identifier it has, or nothing. PAM's modules speak in any root's name."""
    program = framing.program(name)
    if program in _FROM:
        return "" if transport in _FROM[program] else f"not from the {program}"
    path = PurePosixPath(exe)
    if uid == "0" or (program in _CALLED and path.name == program and exe.startswith(_PLACES)):
        return ""
    secured = program in _ROOTS | _CALLED or message.lstrip().startswith(b"pam_")
    return f"not from root but user {uid or 'unknown'}" if secured else ""
