"""Whether an entry of the journal is of the program it names. Pure.

Whoever may log chooses `SYSLOG_IDENTIFIER`, and with it whose parser reads the line: `logger -t sshd` of a web server's user could
have anybody banned. What the journal itself says of the sender (systemd.journal-fields(7): `_UID`, `_TRANSPORT`, `_EXE`) tells.
Programs with the set-uid bit have the `_UID` of who called them (tried with su), so their place counts. Servers of the web, of mail
and of databases run as users of their own: their unit (`_SYSTEMD_UNIT`, the kernel's word) or their program's place tells.
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
_PHP = ("php", "apache2", "httpd", "nginx", "unit", "frankenphp")  # what runs it
_UNITS = {
    **dict.fromkeys(("nginx", "openresty"), ("nginx", "openresty")),
    **dict.fromkeys(("apache2", "apache", "httpd"), ("apache2", "httpd")),
    **dict.fromkeys(("postgres", "postgresql"), ("postgres",)),
    **dict.fromkeys(("mysqld", "mysql", "mariadbd", "mariadb"), ("mysql", "mariadb")),
    **dict.fromkeys(("redis-server", "redis", "valkey-server"), ("redis", "valkey")),
    **dict.fromkeys(("dovecot", "imap-login", "pop3-login"), ("dovecot",)),
    **dict.fromkeys(("gitea", "forgejo"), ("gitea", "forgejo")),
    **dict.fromkeys(("wordpress", "wp", "nextcloud"), _PHP),
    **dict.fromkeys(("django", "gunicorn", "uwsgi"), ("python", "gunicorn", "uwsgi", "django")),
    **{name: (name,) for name in ("postfix", "haproxy", "traefik", "caddy", "vsftpd")},
}  # how units and programs begin that may speak in a server's name
_FOLDERS = {"postfix": "/postfix/", "dovecot": "/dovecot/"}  # where the parts of one lie
_FROM = {"kernel": frozenset({"kernel"}), "audit": frozenset({"audit"})}  # the only ways these come
_PLACES = ("/usr/", "/bin/", "/sbin/", "/run/wrappers/")  # root alone puts programs there


def refusal(name: str, message: bytes, *, uid: str, transport: str, exe: str, unit: str = "") -> str:
    """Return why an entry is not of the program whose identifier it has, or nothing. PAM's modules speak in any root's name."""
    program = framing.program(name)
    if program in _FROM:
        return "" if transport in _FROM[program] else f"not from the {program}"
    path = PurePosixPath(exe)
    if uid == "0" or (program in _CALLED and path.name == program and exe.startswith(_PLACES)):
        return ""
    secured = program in _ROOTS | _CALLED or message.lstrip().startswith(b"pam_")
    if secured:
        return f"not from root but user {uid or 'unknown'}"
    return _of_server(program, path, unit)


def _of_server(program: str, path: PurePosixPath, unit: str) -> str:
    """Return why an entry is not of the server whose identifier it has; of one that is no server's nothing is said."""
    begins = _UNITS.get(program)
    if begins is None or unit.startswith(begins):
        return ""
    placed = str(path).startswith(_PLACES)
    if placed and (path.name.startswith(begins) or _FOLDERS.get(program, "\0") in str(path)):
        return ""
    return f"not from {program} but {unit or path.name or 'nobody known'}"
