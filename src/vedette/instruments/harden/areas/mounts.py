"""Options of file systems where everybody may write."""

from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Note, Put, Service, Wanted, Yielded

_FSTAB = "/etc/fstab"
_OPTIONS = "rw,nosuid,nodev,noexec,relatime"
_LINES = {
    "/dev/shm": f"tmpfs /dev/shm tmpfs {_OPTIONS} 0 0",
    "/tmp": f"tmpfs /tmp tmpfs {_OPTIONS},mode=1777,size=25% 0 0",
}
_APART = ("/home", "/var", "/var/tmp", "/var/log", "/var/log/audit")


def _mounts(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    found = facts.files.get(_FSTAB)
    if found is None:
        return
    rows = (found.text or "").splitlines()
    known = {row.split()[1] for row in rows if len(row.split()) > 3 and not row.lstrip().startswith("#")}
    added = [line for point, line in _LINES.items() if point not in known]
    yield Put(path=_FSTAB, text="\n".join([*rows, *added, ""]), mode=found.mode)
    if "/tmp" not in _mounted(facts):
        yield Note(
            text="/tmp becomes a file system of its own, in memory: at once if nothing lies in it, else with the next boot."
        )


def _apart(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    missing = [point for point in _APART if point not in _mounted(facts)]
    if missing:
        yield Note(
            text=f"{', '.join(missing)} {'are' if len(missing) > 1 else 'is'} part of a larger file system: only a volume or a partition mends that."
        )


def _mounted(facts: Facts) -> set[str]:
    return {row.split()[1] for row in facts.text("/proc/mounts").splitlines() if len(row.split()) > 3}


MEASURES: tuple[Measure, ...] = (
    Measure(id="mounts", title="No programs, devices or set-id where everybody may write", steps=_mounts, reload=Service.SHM,
            checks=("mount-dev-shm-nodev", "mount-dev-shm-nosuid", "mount-dev-shm-noexec")),
    Measure(id="mounts-apart", title="Parts that fill up are told", checks=(), steps=_apart),
)  # fmt: skip
