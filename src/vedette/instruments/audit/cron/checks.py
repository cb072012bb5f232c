"""Who may say what runs later, and as whom."""

from vedette.instruments.audit.asking import (
    bad_ones,
    lines,
    names_or,
    needed,
    permission,
    permitted,
    said,
    text_or,
    there,
)
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live, Missing

_FOLDERS = ("/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly")


def _mode(id: str, path: str, most: int, risk: float, cis: tuple[str, ...]) -> Check:
    return Check(
        id=id, title=f"{path} is root's alone", risk=risk, cis=cis, why="Who may write there runs what he likes as root; who may read it sees when and what.",
        fix=f"chown root:root {path} && chmod {most:04o} {path}", reads=path, look=permitted(path, most),
    )  # fmt: skip


def _allowed(live: Live, name: str) -> list[Verdict]:
    """A list of who may, which is root's (crontab(1), at(1)): with it nobody else does."""
    if not there(live, f"/etc/{name}.allow"):
        return said(False, f"/etc/{name}.allow is not there: every account may")
    return [permission(live, f"/etc/{name}.allow", 0o640)]


def _crontab(live: Live) -> list[Verdict]:
    if not there(live, "/etc/crontab"):
        raise NotApplicable("cron is not on this host.")
    return _allowed(live, "cron")


def _at(live: Live) -> list[Verdict]:
    if not there(live, "/usr/bin/at"):
        raise NotApplicable("at is not on this host.")
    return _allowed(live, "at")


def _jobs(live: Live) -> list[Verdict]:
    """Every file that cron runs as root: those of /etc/cron.*, and the programs that /etc/crontab and /etc/cron.d name."""
    paths = [f"{folder}/{name}" for folder in _FOLDERS for name in names_or(live, folder)]
    for path in [
        p
        for p in ["/etc/crontab", *(f"/etc/cron.d/{n}" for n in names_or(live, "/etc/cron.d"))]
        if there(live, p)
    ]:
        paths.append(path)
        paths += [program for program in _programs(live.text(path)) if there(live, program)]
    if not paths:
        raise NotApplicable("cron is not on this host.")
    bad = []
    for path in dict.fromkeys(paths):
        found = live.status(path)
        if found.kind != "link" and (found.mode & 0o022 or found.uid != 0):
            bad.append((path, f"mode {found.mode:04o}, owner {found.uid}, and root runs it"))
    return bad_ones(bad, f"{len(paths)} files")


def _programs(text: str) -> list[str]:
    """Return the absolute paths of lines of a system crontab that run as root: five times or an @word, a user, a command."""
    found = []
    for line in lines(text):
        cells = line.split()
        at = 1 if cells[0].startswith("@") else 5
        if len(cells) > at + 1 and cells[at] == "root":
            found += [
                cell.strip(";&|()'\"")
                for cell in cells[at + 1 :]
                if cell.startswith("/") and not cell.startswith("/dev/")
            ]
    return found


def _spool(live: Live) -> list[Verdict]:
    folder = "/var/spool/cron/crontabs"
    known = {line.split(":")[0] for line in needed(live, "/etc/passwd", "A list of users").splitlines()}
    try:
        names = live.names(folder)
    except Missing:
        raise NotApplicable("cron is not on this host.") from None
    bad = [(f"{folder}/{name}", "belongs to a user whom nobody knows") for name in names if name not in known]
    bad += [
        (one.subject, one.evidence)
        for one in (
            permission(live, f"{folder}/{n}", 0o600, owner=live.status(f"{folder}/{n}").uid) for n in names
        )
        if not one.fine
    ]
    return bad_ones(bad, f"{len(names)} crontabs")


def _downloads(live: Live) -> list[Verdict]:
    """What malware leaves in crontabs: a download that is piped into a shell, or a program in a folder for everybody."""
    bad = []
    spool = "/var/spool/cron/crontabs"
    paths = [
        "/etc/crontab",
        *(f"/etc/cron.d/{n}" for n in names_or(live, "/etc/cron.d")),
        *(f"{spool}/{n}" for n in names_or(live, spool)),
    ]
    for path in paths:
        for line in lines(text_or(live, path)):
            fetched = ("curl " in line or "wget " in line) and (
                "| sh" in line or "|sh" in line or "| bash" in line or "|bash" in line
            )
            if fetched or " /tmp/" in line or " /dev/shm/" in line or " /var/tmp/" in line:
                bad.append((path, line[:160]))
    return bad_ones(bad, f"{len(paths)} crontabs")


CHECKS: tuple[Check, ...] = (
    _mode("cron-crontab", "/etc/crontab", 0o600, 4, ("2.4.1.2",)),
    _mode("cron-hourly", "/etc/cron.hourly", 0o700, 3, ("2.4.1.3",)),
    _mode("cron-daily", "/etc/cron.daily", 0o700, 3, ("2.4.1.4",)),
    _mode("cron-weekly", "/etc/cron.weekly", 0o700, 3, ("2.4.1.5",)),
    _mode("cron-monthly", "/etc/cron.monthly", 0o700, 3, ("2.4.1.6",)),
    _mode("cron-d", "/etc/cron.d", 0o700, 3, ("2.4.1.7",)),
    Check(id="cron-allowed", title="crontab is for those who are named", risk=3, reads="/etc/cron.allow", cis=("2.4.1.8",), look=_crontab,
          why="A service that was broken into keeps itself alive by a crontab.", fix="echo root > /etc/cron.allow && chmod 640 /etc/cron.allow"),
    Check(id="cron-at-allowed", title="at is for those who are named", risk=2, reads="/etc/at.allow", cis=("2.4.2.1",), look=_at,
          why="A service that was broken into keeps itself alive by at.", fix="echo root > /etc/at.allow && chmod 640 /etc/at.allow"),
    Check(id="cron-jobs", title="What root runs by cron is written by root alone", risk=8, reads="/etc/crontab, /etc/cron.*", look=_jobs,
          why="Who may write such a file is root at the next full hour.", fix="chown root:root FILE && chmod go-w FILE"),
    Check(id="cron-spool", title="Crontabs belong to users there are", risk=4, reads="/var/spool/cron/crontabs", look=_spool,
          why="One of a user who is gone runs again for the next of that number.", fix="rm the crontab, or chmod 600 and chown it."),
    Check(id="cron-downloads", title="No crontab runs what it downloads, or what lies in /tmp", risk=8, reads="crontabs", look=_downloads,
          why="That is how miners and bots come back after they were killed.", fix="See who wrote it and when, take the line out, and look for the rest."),
)  # fmt: skip
