"""Which logs there are on a host whose configuration names none."""

from pathlib import Path

from vedette.agent.config import Source

# Followed where they are there: what is written through syslog.
_SYSLOG = (
    "auth.log",
    "secure",
    "mail.log",
    "maillog",
    "kern.log",
    "vsftpd.log",
    "haproxy.log",
    "modsec_audit.log",
)
# Followed where their folder is there, so that a log which comes later is followed, too.
_FOLDERS = {
    "var/log/nginx": "*.log",
    "var/log/caddy": "*.log",
    "var/log/apache2": "*.log",
    "var/log/httpd": "*_log",
    "var/log/traefik": "*.log",
    "var/log/mysql": "*.log",
    "var/log/mariadb": "*.log",
    "var/log/postgresql": "*.log",
    "var/log/redis": "*.log",
    "var/log/gitea": "*.log",
    "var/lib/gitea/log": "*.log",
    "var/www/nextcloud/data": "nextcloud.log",
}
_SIGN_INS = ("auth.log", "secure")
_JOURNALS = ("run/log/journal", "var/log/journal")


def discovered(root: Path = Path("/")) -> tuple[Source, ...]:
    """Return the logs of a host: files of syslog, folders of servers, and the journal where no file has the sign-ins.

    What syslog writes stands in the journal, too; both would count every failure twice.
    """
    logs = root / "var/log"
    files = [Source(path=str(logs / name)) for name in _SYSLOG if (logs / name).is_file()]
    folders = [
        Source(path=str(root / folder / pattern))
        for folder, pattern in _FOLDERS.items()
        if (root / folder).is_dir()
    ]
    has_file = any((logs / name).is_file() for name in _SIGN_INS)
    has_journal = any((root / folder).is_dir() and any((root / folder).iterdir()) for folder in _JOURNALS)
    return (*files, *folders, *([Source()] if has_journal and not has_file else []))
