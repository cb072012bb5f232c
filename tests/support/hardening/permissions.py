from tests.support.hardening.hosts import Pair, folder, host, made, modes, pair

PLAIN = {
    "file-passwd": "/etc/passwd", "file-passwd-backup": "/etc/passwd-", "file-group": "/etc/group", "file-group-backup": "/etc/group-",
    "file-shells": "/etc/shells", "file-hosts": "/etc/hosts", "file-resolv": "/etc/nsswitch.conf", "file-profile": "/etc/profile",
    "file-environment": "/etc/environment", "file-preload-config": "/etc/ld.so.conf", "file-fstab": "/etc/fstab", "file-sysctl": "/etc/sysctl.conf",
    "file-motd": "/etc/motd", "file-issue": "/etc/issue", "file-issue-net": "/etc/issue.net",
}  # fmt: skip
SECRET = {"file-shadow": "/etc/shadow", "file-shadow-backup": "/etc/shadow-", "file-gshadow": "/etc/gshadow", "file-gshadow-backup": "/etc/gshadow-"}  # fmt: skip
USERS = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\n", "/etc/group": "root:x:0:\n"}
GRUB = "/boot/grub/grub.cfg"
EXAMPLES: dict[str, Pair] = {
    **{check: modes(path, 0o644, 0o666) for check, path in PLAIN.items()},
    **{check: modes(path, 0o640, 0o644) for check, path in SECRET.items()},
    "file-opasswd": modes("/etc/security/opasswd", 0o600, 0o640),
    "file-root-home": (host({"/root": folder(0o700)}), host({"/root": folder(0o755)})),
    "file-root-ssh": (host({"/root/.ssh": folder(0o700)}), host({"/root/.ssh": folder(0o770)})),
    "file-root-keys": (host({"/root/.ssh/authorized_keys": made(mode=0o600)}), host({"/root/.ssh/authorized_keys": made(mode=0o600, uid=1000)})),
    "file-preload": pair("/etc/ld.so.preload", "# nothing\n", "/usr/local/lib/libhide.so\n"),
    "file-boot-config": modes(GRUB, 0o600, 0o644),
    "file-boot-password": pair(GRUB, 'set superusers="root"\npassword_pbkdf2 root grub.pbkdf2.sha512.1\n', "menuentry 'Debian'\n"),
    "file-world-writable": modes("/srv/app/settings.py", 0o644, 0o666),
    "file-unsticky": (host({"/srv/shared": folder(0o1777)}), host({"/srv/shared": folder(0o777)})),
    "file-unowned": (host({**USERS, "/srv/a": made()}), host({**USERS, "/srv/a": made(uid=4242)})),
    "file-set-id": (host({"/usr/bin/passwd": made(mode=0o4755)}), host({"/tmp/passwd": made(mode=0o4755)})),
}  # fmt: skip
