"""Whose files are, and who may write or read them."""

from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Mode, Put, Wanted, Yielded

_FILES = {
    "/etc/passwd": 0o644, "/etc/passwd-": 0o644, "/etc/group": 0o644, "/etc/group-": 0o644, "/etc/shells": 0o644,
    "/etc/security/opasswd": 0o600, "/etc/security/opasswd.old": 0o600, "/etc/hosts": 0o644, "/etc/nsswitch.conf": 0o644,
    "/etc/profile": 0o644, "/etc/environment": 0o644, "/etc/ld.so.conf": 0o644, "/etc/fstab": 0o644, "/etc/sysctl.conf": 0o644,
    "/etc/motd": 0o644, "/etc/issue": 0o644, "/etc/issue.net": 0o644, "/root": 0o700, "/root/.ssh": 0o700,
    "/root/.ssh/authorized_keys": 0o600, "/boot/grub/grub.cfg": 0o600, "/var/log": 0o755,
}  # fmt: skip
_SECRET = ("/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-")
_CRON = ("cron.hourly", "cron.daily", "cron.weekly", "cron.monthly", "cron.d", "cron.yearly")


def _files(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield from (Mode(path=path, most=most) for path, most in _FILES.items())
    yield from (Mode(path=path, most=0o640, group="shadow") for path in _SECRET)


def _cron(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield Mode(path="/etc/crontab", most=0o600)
    yield from (Mode(path=f"/etc/{name}", most=0o700) for name in _CRON)
    if "/etc/crontab" in facts.files:
        yield Put(path="/etc/cron.allow", text="root\n", mode=0o640)
    yield Put(path="/etc/at.allow", text="root\n", mode=0o640)  # also where `at` is not yet


MEASURES: tuple[Measure, ...] = (
    Measure(id="files", title="Files of the system are root's", steps=_files,
            checks=("file-passwd", "file-passwd-backup", "file-group", "file-group-backup", "file-shadow", "file-shadow-backup", "file-gshadow",
                    "file-gshadow-backup", "file-shells", "file-opasswd", "file-hosts", "file-resolv", "file-profile", "file-environment",
                    "file-preload-config", "file-fstab", "file-sysctl", "file-motd", "file-issue", "file-issue-net", "file-root-home",
                    "file-root-ssh", "file-root-keys", "file-boot-config", "log-folder")),
    Measure(id="files-cron", title="root alone says what runs later", steps=_cron,
            checks=("cron-crontab", "cron-hourly", "cron-daily", "cron-weekly", "cron-monthly", "cron-d", "cron-allowed", "cron-at-allowed")),
)  # fmt: skip
