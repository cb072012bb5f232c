"""With which options file systems are mounted where everybody may write."""

from vedette.instruments.audit.asking import needed, said
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_WHY = {
    "nodev": "Nobody should make a device file there that reads the disk past all permissions.",
    "nosuid": "A program with set-id that somebody puts there would run as root.",
    "noexec": "What an attacker drops there first is a program; it would not start.",
}
_RISK = {"nodev": 3.0, "nosuid": 5.0, "noexec": 3.0}


def _options(live: Live, point: str) -> set[str] | None:
    """Return the options of a mount, the last one there; None where nothing is mounted."""
    found = None
    for line in needed(live, "/proc/mounts", "A table of mounts").splitlines():
        cells = line.split()
        if len(cells) > 3 and cells[1].replace("\\040", " ") == point:
            found = set(cells[3].split(","))
    return found


def _has(point: str, option: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        found = _options(live, point)
        if found is None:
            raise NotApplicable(f"Nothing is mounted at {point}.")
        return said(
            option in found,
            f"{point} is mounted with {option}"
            if option in found
            else f"{point} is mounted without {option}",
            point,
        )

    return look


def _apart(point: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        there = _options(live, point) is not None
        return said(
            there,
            f"{point} is a file system of its own" if there else f"{point} is part of a larger file system",
        )

    return look


def _hidden(live: Live) -> list[Verdict]:
    found = {one for one in _options(live, "/proc") or set() if one.startswith("hidepid=")}
    fine = found & {
        "hidepid=1",
        "hidepid=2",
        "hidepid=4",
        "hidepid=noaccess",
        "hidepid=invisible",
        "hidepid=ptraceable",
    }
    return said(bool(fine), next(iter(fine), "every user sees the processes of all"))


def _option(point: str, option: str, cis: tuple[str, ...] = ()) -> Check:
    name = point.strip("/").replace("/", "-")
    return Check(
        id=f"mount-{name}-{option}", title=f"{point} is mounted {option}", why=_WHY[option], risk=_RISK[option], cis=cis,
        fix=f"Add {option} to the options of {point} in /etc/fstab (or systemctl edit its .mount unit), then mount -o remount,{option} {point}",
        reads="/proc/mounts", look=_has(point, option),
    )  # fmt: skip


def _partition(point: str, risk: float, cis: tuple[str, ...]) -> Check:
    return Check(
        id=f"mount-{point.strip('/').replace('/', '-')}-apart", title=f"{point} is a file system of its own", risk=risk, cis=cis,
        why="Who fills it stops the whole host, and mount options cannot keep programs out of it.",
        fix=f"Give {point} a partition, a volume or a tmpfs in /etc/fstab.", reads="/proc/mounts", look=_apart(point),
    )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    _partition("/tmp", 3, ("1.1.2.1.1",)),
    _option("/tmp", "nodev", ("1.1.2.1.2",)),
    _option("/tmp", "nosuid", ("1.1.2.1.3",)),
    _option("/tmp", "noexec", ("1.1.2.1.4",)),
    _option("/dev/shm", "nodev", ("1.1.2.2.2",)),
    _option("/dev/shm", "nosuid", ("1.1.2.2.3",)),
    _option("/dev/shm", "noexec", ("1.1.2.2.4",)),
    _partition("/home", 1, ("1.1.2.3.1",)),
    _option("/home", "nodev", ("1.1.2.3.2",)),
    _option("/home", "nosuid", ("1.1.2.3.3",)),
    _partition("/var", 2, ("1.1.2.4.1",)),
    _option("/var", "nodev", ("1.1.2.4.2",)),
    _option("/var", "nosuid", ("1.1.2.4.3",)),
    _option("/var/tmp", "nodev", ("1.1.2.5.2",)),
    _option("/var/tmp", "nosuid", ("1.1.2.5.3",)),
    _option("/var/tmp", "noexec", ("1.1.2.5.4",)),
    _partition("/var/log", 2, ("1.1.2.6.1",)),
    _option("/var/log", "nodev", ("1.1.2.6.2",)),
    _option("/var/log", "nosuid", ("1.1.2.6.3",)),
    _option("/var/log", "noexec", ("1.1.2.6.4",)),
    Check(id="mount-proc-hidepid", title="Users see their own processes alone", risk=2, reads="/proc/mounts",
          why="Command lines hold passwords, and names of processes tell what to attack.",
          fix="Mount /proc with hidepid=invisible,gid=<group of the monitor> in /etc/fstab.", look=_hidden),
)  # fmt: skip
