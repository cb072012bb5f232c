"""Whether the clock is right: logs, certificates and one-time passwords rest on it."""

from vedette.instruments.audit.asking import dropped_in, lines, needed, packages, said, settings, text_or
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_DAEMONS = {
    "systemd-timesyncd": "systemd-timesyncd",
    "chrony": "chronyd",
    "ntpsec": "ntpd",
    "ntp": "ntpd",
    "openntpd": "ntpd",
}


def _here(live: Live) -> list[str]:
    return [name for name in _DAEMONS if name in packages(live)]


def _daemon(live: Live) -> list[Verdict]:
    here = _here(live)
    return said(bool(here), f"{here[0]} is installed" if here else "nothing sets the clock")


def _one(live: Live) -> list[Verdict]:
    here = _here(live)
    if not here:
        raise NotApplicable("Nothing sets the clock.")
    return said(len(here) == 1, f"{' and '.join(here)} set the clock")


def _set(live: Live) -> list[Verdict]:
    text = live.ran("timedatectl", "show", "--property=NTPSynchronized", "--value")
    return said(text.strip() == "yes", f"synchronised: {text.strip() or 'unknown'}")


def _sources(live: Live) -> list[Verdict]:
    """chrony asks those of its files; timesyncd has Debian's pool built in."""
    if "chrony" in _here(live):
        text = dropped_in(live, "/etc/chrony/chrony.conf", "/etc/chrony/conf.d") + text_or(
            live, "/etc/chrony/sources.d/debian.sources"
        )
        found = [
            line
            for line in lines(text)
            if line.startswith(("server ", "pool ", "peer ", "refclock ", "sourcedir "))
        ]
        return said(bool(found), found[0] if found else "chrony asks nobody")
    needed(live, "/etc/systemd/timesyncd.conf", "timesyncd")
    told = settings(dropped_in(live, "/etc/systemd/timesyncd.conf", "/etc/systemd/timesyncd.conf.d"))
    asked = told.get("ntp", "") or told.get("fallbackntp", "0.debian.pool.ntp.org")
    return said(bool(asked), f"it asks {asked}" if asked else "FallbackNTP is empty: it asks nobody")


CHECKS: tuple[Check, ...] = (
    Check(id="clock-daemon", title="Something sets the clock", risk=4, reads="/var/lib/dpkg/status", look=_daemon,
          why="Logs that tell a wrong time prove nothing, and certificates fail.", fix="apt install systemd-timesyncd"),
    Check(id="clock-one-daemon", title="One program sets the clock", risk=2, reads="/var/lib/dpkg/status", cis=("2.3.1.1",), look=_one,
          why="Two of them pull in different directions.", fix="apt purge all but one of systemd-timesyncd, chrony, ntpsec."),
    Check(id="clock-set", title="The clock is synchronised", risk=4, reads="timedatectl", look=_set,
          why="Logs that tell a wrong time prove nothing, and certificates fail.", fix="timedatectl set-ntp true; look at timedatectl timesync-status"),
    Check(id="clock-sources", title="Somebody is asked for the time", risk=2, reads="/etc/chrony, /etc/systemd/timesyncd.conf", cis=("2.3.2.1",), look=_sources,
          why="A daemon without a source does nothing.", fix="NTP=0.debian.pool.ntp.org in /etc/systemd/timesyncd.conf"),
)  # fmt: skip
