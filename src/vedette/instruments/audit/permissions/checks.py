"""Who may read and write the files on which everything else rests."""

from collections.abc import Callable

from vedette.instruments.audit.asking import bad_ones, lines, needed, permitted, text_or
from vedette.instruments.audit.types import Check, Untold, Verdict
from vedette.instruments.live.types import Live, Sweep

# What Debian itself ships with set-id; everything else is told, once, for a person to look at.
KNOWN_SET_ID = frozenset({
    "bsd-write", "chage", "chfn", "chsh", "crontab", "dbus-daemon-launch-helper", "dotlockfile", "expiry", "fusermount", "fusermount3",
    "gpasswd", "maidag", "mailq", "mount", "mount.cifs", "mount.nfs", "newgidmap", "newgrp", "newuidmap", "passwd", "ping", "pkexec",
    "polkit-agent-helper-1", "postdrop", "postqueue", "screen", "snap-confine", "ssh-agent", "ssh-keysign", "su", "sudo", "sudoedit",
    "umount", "unix_chkpwd", "utempter", "wall", "write", "at", "exim4", "pam_extrausers_chkpwd", "lockspool", "traceroute6.iputils",
    "chrome-sandbox", "ntfs-3g", "Xorg.wrap", "camel-lock-helper-1.2", "pppd", "mlocate", "plocate", "locate", "doas", "kismet_capture", "auth_pam_tool",
})  # fmt: skip
_SYSTEM = ("/usr/", "/bin/", "/sbin/", "/lib", "/opt/")


def _mode(
    id: str, path: str, most: int, risk: float, why: str, cis: tuple[str, ...] = (), groups: str = "root"
) -> Check:
    return Check(
        id=id, title=f"{path} is written by root alone" if most & 0o004 else f"{path} is for root alone", risk=risk, why=why, cis=cis,
        fix=f"chown root:{groups} {path} && chmod {most:04o} {path}", reads=path, look=permitted(path, most),
    )  # fmt: skip


def _whole(live: Live, bad: list[tuple[str, str]], fine: str) -> list[Verdict]:
    """What was found is bad however far the walk came; that nothing is there is known at its end alone."""
    if not bad and not live.sweep().whole:
        raise Untold("The file systems are too large to be walked in time.")
    return bad_ones(bad, fine)


def _swept(pick: Callable[[Sweep], list[str]], told: str, fine: str) -> Callable[[Live], list[Verdict]]:
    return lambda live: _whole(live, [(path, told) for path in pick(live.sweep())], fine)


def _unowned(live: Live) -> list[Verdict]:
    users, groups = (
        _ids(needed(live, "/etc/passwd", "A list of users")),
        _ids(needed(live, "/etc/group", "A list of groups")),
    )
    lost = [
        (path, f"belongs to user {uid}, whom nobody knows")
        for uid, path in live.sweep().owners.items()
        if uid not in users
    ]
    lost += [
        (path, f"belongs to group {gid}, which nobody knows")
        for gid, path in live.sweep().groups.items()
        if gid not in groups
    ]
    return _whole(live, lost, "every file has an owner")


def _ids(text: str) -> set[int]:
    rows = (line.split(":") for line in text.splitlines())
    return {int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}


def _set_id(sweep: Sweep) -> list[str]:
    return [
        path
        for path in sweep.set_id
        if path.rpartition("/")[2] not in KNOWN_SET_ID or not path.startswith(_SYSTEM)
    ]


def _preload(live: Live) -> list[Verdict]:
    found = lines(text_or(live, "/etc/ld.so.preload"))
    return bad_ones(
        ((one, "is loaded into every program") for one in found), "nothing is loaded into every program"
    )


def _grub_password(live: Live) -> list[Verdict]:
    text = needed(live, "/boot/grub/grub.cfg", "GRUB")
    fine = "password_pbkdf2" in text and "set superusers" in text
    return [Verdict(fine, "a password guards the menu" if fine else "the menu asks for no password")]


CHECKS: tuple[Check, ...] = (
    _mode("file-passwd", "/etc/passwd", 0o644, 9, "Who may write it makes himself root.", ("7.1.1",)),
    _mode("file-passwd-backup", "/etc/passwd-", 0o644, 5, "It is what a repair would bring back.", ("7.1.2",)),
    _mode("file-group", "/etc/group", 0o644, 9, "Who may write it joins sudo and docker.", ("7.1.3",)),
    _mode("file-group-backup", "/etc/group-", 0o644, 5, "It is what a repair would bring back.", ("7.1.4",)),
    _mode("file-shadow", "/etc/shadow", 0o640, 9, "Who may read it guesses passwords at leisure.", ("7.1.5",), "shadow"),
    _mode("file-shadow-backup", "/etc/shadow-", 0o640, 8, "It holds the same hashes.", ("7.1.6",), "shadow"),
    _mode("file-gshadow", "/etc/gshadow", 0o640, 7, "Who may write it administers groups.", ("7.1.7",), "shadow"),
    _mode("file-gshadow-backup", "/etc/gshadow-", 0o640, 5, "It holds the same hashes.", ("7.1.8",), "shadow"),
    _mode("file-shells", "/etc/shells", 0o644, 3, "Which shells are real ones is asked of it.", ("7.1.9",)),
    _mode("file-opasswd", "/etc/security/opasswd", 0o600, 6, "It holds hashes of former passwords.", ("7.1.10",)),
    _mode("file-hosts", "/etc/hosts", 0o644, 5, "Who may write it sends every program elsewhere."),
    _mode("file-resolv", "/etc/nsswitch.conf", 0o644, 4, "Who may write it says where users and hosts are looked up."),
    _mode("file-profile", "/etc/profile", 0o644, 6, "Everybody who signs in runs it."),
    _mode("file-environment", "/etc/environment", 0o644, 6, "Everybody who signs in takes it over."),
    _mode("file-preload-config", "/etc/ld.so.conf", 0o644, 7, "It says where every program finds its libraries."),
    _mode("file-fstab", "/etc/fstab", 0o644, 6, "Who may write it says what is mounted at the next start."),
    _mode("file-sysctl", "/etc/sysctl.conf", 0o644, 5, "Who may write it undoes what hardens the kernel."),
    _mode("file-motd", "/etc/motd", 0o644, 1, "It is what people read who sign in.", ("1.6.4",)),
    _mode("file-issue", "/etc/issue", 0o644, 1, "It is what people read before they sign in.", ("1.6.5",)),
    _mode("file-issue-net", "/etc/issue.net", 0o644, 1, "It is what people read before they sign in.", ("1.6.6",)),
    _mode("file-root-home", "/root", 0o750, 5, "root's history, keys and notes lie there."),
    _mode("file-root-ssh", "/root/.ssh", 0o700, 7, "Who may write it signs in as root."),
    _mode("file-root-keys", "/root/.ssh/authorized_keys", 0o600, 8, "Who may write it signs in as root."),
    Check(id="file-preload", title="Nothing is loaded into every program", risk=8, reads="/etc/ld.so.preload",
          why="/etc/ld.so.preload is how rootkits hide: nearly nothing else uses it.", fix="See what the library is (`dpkg -S`), then rm /etc/ld.so.preload", look=_preload),
    Check(id="file-boot-config", title="The boot loader's configuration is root's alone", risk=4, reads="/boot/grub/grub.cfg", cis=("1.4.2",),
          why="It may hold a hash, and says with what the kernel starts.", fix="chown root:root /boot/grub/grub.cfg && chmod 0600 /boot/grub/grub.cfg", look=permitted("/boot/grub/grub.cfg", 0o600)),
    Check(id="file-boot-password", title="The boot loader asks for a password", risk=2, reads="/boot/grub/grub.cfg", cis=("1.4.1",),
          why="Who comes to the console, also that of the hoster, would start a shell as root.",
          fix="grub-mkpasswd-pbkdf2, then set superusers and password_pbkdf2 in /etc/grub.d/40_custom, and update-grub.", look=_grub_password),
    Check(id="file-world-writable", title="No file may be written by everybody", risk=6, reads="every local file system", cis=("7.1.11",),
          why="Whoever has any account, also that of a web server, changes them.", fix="chmod o-w FILE",
          look=_swept(lambda sweep: list(sweep.writable), "may be written by everybody", "none")),
    Check(id="file-unsticky", title="Folders for everybody are sticky", risk=5, reads="every local file system", cis=("7.1.11",),
          why="Everybody may otherwise delete and replace what others put there.", fix="chmod +t FOLDER, or o-w",
          look=_swept(lambda sweep: list(sweep.unsticky), "everybody may delete what others put there", "all are")),
    Check(id="file-unowned", title="Every file belongs to somebody", risk=3, reads="every local file system", cis=("7.1.12",),
          why="The next user who gets that number inherits them.", fix="chown them, or delete them.", look=_unowned),
    Check(id="file-set-id", title="Only what Debian ships runs as somebody else", risk=6, reads="every local file system", cis=("7.1.13",),
          why="A copied shell with set-id is the oldest back door.", fix="chmod u-s,g-s FILE, or waive it with the reason.",
          look=_swept(_set_id, "runs with its owner's rights", "what Debian ships alone")),
)  # fmt: skip
