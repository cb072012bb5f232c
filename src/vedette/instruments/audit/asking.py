"""What many checks ask in the same words: a kernel value, a package, permissions, a setting in a file."""

import functools
import re
from collections.abc import Iterable, Mapping

from vedette.instruments.audit.types import Check, Look, NotApplicable, Untold, Verdict
from vedette.instruments.live.types import Live, Missing


def said(fine: bool, evidence: str, subject: str = "") -> list[Verdict]:
    """Return one verdict as a check's answer."""
    return [Verdict(fine, evidence, subject)]


def bad_ones(bad: Iterable[tuple[str, str]], fine: str) -> list[Verdict]:
    """Return a verdict for each (subject, evidence) that is bad, or the one that says all is fine."""
    return [Verdict(False, evidence, subject) for subject, evidence in bad] or said(True, fine)


def text_or(live: Live, path: str, default: str = "") -> str:
    """Return a file's text, or the default where there is none; what cannot be read is raised."""
    try:
        return live.text(path)
    except Missing:
        return default


def names_or(live: Live, path: str) -> tuple[str, ...]:
    """Return the names in a folder; none where there is none."""
    try:
        return live.names(path)
    except Missing:
        return ()


def needed(live: Live, path: str, what: str) -> str:
    """Return a file's text; where it is missing the host does not have `what`."""
    try:
        return live.text(path)
    except Missing:
        raise NotApplicable(f"{what} is not on this host ({path} is not there).") from None


def lines(text: str, comment: str = "#") -> list[str]:
    """Return the lines that say something, without what surrounds them."""
    stripped = (line.strip() for line in text.splitlines())
    return [line for line in stripped if line and not line.startswith(comment)]


def sysctl_value(live: Live, name: str) -> str:
    """Return a kernel value as it is now; where the kernel has none, it does not apply."""
    path = "/proc/sys/" + name.replace(".", "/")
    return " ".join(needed(live, path, f"The kernel value {name}").split())


def kernel_value(name: str, *good: str) -> Look:
    """Return the look that a kernel value is one of those given."""

    def look(live: Live) -> list[Verdict]:
        value = sysctl_value(live, name)
        return said(value in good, f"{name} = {value}")

    return look


def sysctl(id: str, name: str, good: tuple[str, ...], title: str, why: str, risk: float, cis: tuple[str, ...] = ()) -> Check:  # fmt: skip
    """Return the check of a kernel value: read from /proc/sys, mended in /etc/sysctl.d."""
    fix = f"echo '{name} = {good[0]}' > /etc/sysctl.d/60-{id}.conf && sysctl --system"
    return Check(id=id, title=title, why=why, fix=fix, risk=risk, cis=cis, reads="/proc/sys/" + name.replace(".", "/"), look=kernel_value(name, *good))  # fmt: skip


@functools.lru_cache(maxsize=2)
def _packages(text: str) -> Mapping[str, str]:
    """Read dpkg's status file: a paragraph for each package, of which those count that are installed."""
    found = {}
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Status", "").endswith(" installed"):
            found[fields.get("Package", "")] = fields.get("Version", "")
    return found


def packages(live: Live) -> Mapping[str, str]:
    """Return the versions of the packages that are installed, by name."""
    return _packages(needed(live, "/var/lib/dpkg/status", "dpkg"))


def absent(*names: str) -> Look:
    """Return the look that none of these packages is installed."""

    def look(live: Live) -> list[Verdict]:
        here = packages(live)
        return bad_ones(((name, f"{name} {here[name]} is installed") for name in names if name in here), "not installed")  # fmt: skip

    return look


def any_of(*names: str) -> Look:
    """Return the look that one of these packages is installed."""

    def look(live: Live) -> list[Verdict]:
        here = [name for name in names if name in packages(live)]
        return said(
            bool(here), f"{here[0]} is installed" if here else f"none of {', '.join(names)} is installed"
        )

    return look


def permitted(path: str, most: int, *, owner: int = 0, groups: tuple[int, ...] = ()) -> Look:
    """Return the look that a path has at most these permission bits, that owner, and (where named) one of these groups."""

    def look(live: Live) -> list[Verdict]:
        return said(*_permission(live, path, most, owner, groups))

    return look


def permission(live: Live, path: str, most: int, *, owner: int = 0) -> Verdict:
    """Return whether a path has at most these permission bits and that owner."""
    fine, evidence = _permission(live, path, most, owner, ())
    return Verdict(fine, evidence, path)


def _permission(live: Live, path: str, most: int, owner: int, groups: tuple[int, ...]) -> tuple[bool, str]:
    try:
        found = live.status(path)
    except Missing:
        raise NotApplicable(f"{path} is not on this host.") from None
    if found.kind == "link":
        raise Untold(f"{path} is a link, and what it names was not looked at.")
    fine = not found.mode & ~most and found.uid == owner and (not groups or found.gid in groups)
    return fine, f"{path} has mode {found.mode:04o}, owner {found.uid}, group {found.gid}"


def settings(text: str) -> Mapping[str, str]:
    """Read `key value` and `key = value` lines; the last of a key counts."""
    pairs = (re.split(r"\s*=\s*|\s+", line, maxsplit=1) for line in lines(text))
    return {pair[0].lower(): pair[1].strip() if len(pair) > 1 else "" for pair in pairs}


def number(text: str) -> int | None:
    """Return a whole number, or None for what is none."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def dropped_in(live: Live, main: str, folder: str, ending: str = ".conf") -> str:
    """Return the text of a file and of those in its folder, in the order in which the last one wins."""
    names = [name for name in names_or(live, folder) if name.endswith(ending)]
    return "\n".join([text_or(live, main), *(live.text(f"{folder}/{name}") for name in names)])


def there(live: Live, path: str) -> bool:
    """Tell whether a path is there; what cannot be looked at is raised."""
    try:
        live.status(path)
    except Missing:
        return False
    return True
