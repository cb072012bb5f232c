"""What sshd would do with a connection: `sshd -T`, so that included files and defaults count."""

from collections.abc import Callable, Mapping

from vedette.instruments.audit.asking import number, said
from vedette.instruments.audit.types import Check, Look, NotApplicable, Untold, Verdict
from vedette.instruments.live.types import Live, Missing, Unreadable


def options(live: Live) -> Mapping[str, list[str]]:
    """Return sshd's options in lower case, each with its values."""
    try:
        text = _told(live)
    except Missing:
        raise NotApplicable("sshd is not installed.") from None
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        name, _, value = line.strip().partition(" ")
        found.setdefault(name.lower(), []).append(value.strip())
    return found


def _told(live: Live) -> str:
    """Without a host key, or before its first start, sshd fails to test (-T); newer ones print without testing (-G)."""
    try:
        return live.ran("sshd", "-T")
    except Unreadable as error:
        try:
            return live.ran("sshd", "-G")
        except (Unreadable, Missing):
            raise error from None


def value(live: Live, name: str) -> str:
    """Return the value of an option; raises `Untold` when this sshd does not know it."""
    found = options(live).get(name)
    if not found:
        raise Untold(f"sshd -T does not tell {name}.")
    return found[0]


def option(name: str, *good: str) -> Look:
    """Return the look that an option has one of these values."""

    def look(live: Live) -> list[Verdict]:
        found = value(live, name)
        return said(found.lower() in good, f"{name} {found}")

    return look


def between(name: str, least: int, most: int) -> Look:
    """Return the look that an option is a number within these bounds."""

    def look(live: Live) -> list[Verdict]:
        found = value(live, name)
        told = number(found)
        return said(told is not None and least <= told <= most, f"{name} {found}")

    return look


def without(name: str, weak: Callable[[str], bool]) -> Look:
    """Return the look that a comma list of algorithms holds none that is weak."""

    def look(live: Live) -> list[Verdict]:
        bad = [one for one in value(live, name).split(",") if weak(one.strip().lower())]
        return said(not bad, f"{name} allows {', '.join(bad)}" if bad else f"{name} holds no weak one")

    return look


def check(
    id: str,
    title: str,
    risk: float,
    line: str,
    why: str,
    look: Look,
    cis: tuple[str, ...] = (),
) -> Check:
    """Return a check of an option that `line` in a file of /etc/ssh/sshd_config.d mends."""
    fix = f"echo '{line}' > /etc/ssh/sshd_config.d/10-{id}.conf && sshd -t && systemctl reload ssh"
    return Check(id=id, title=title, why=why, fix=fix, risk=risk, reads="sshd -T", look=look, cis=cis)
