"""Whether what is installed comes from whom it should, and is up to date."""

import re

from vedette.instruments.audit.asking import (
    absent,
    any_of,
    bad_ones,
    dropped_in,
    lines,
    names_or,
    needed,
    packages,
    said,
    text_or,
    there,
)
from vedette.instruments.audit.types import Check, NotApplicable, Untold, Verdict
from vedette.instruments.live.types import Live

_DAY = 86_400
_MIDDLE = (" half-installed", " half-configured", " unpacked", " triggers-pending", " triggers-awaited")
_INST = re.compile(r"Inst (\S+) (?:\[([^\]]*)\] )?\((\S+) ([^)\[]*)")
# Last day of long-term support, as seconds since 1970 (wiki.debian.org/LTS, ubuntu.com/about/release-cycle).
_ENDS = {("debian", "10"): 1_719_705_600, ("debian", "11"): 1_788_134_400, ("debian", "12"): 1_846_022_400, ("debian", "13"): 1_909_094_400,
         ("ubuntu", "20.04"): 1_748_649_600, ("ubuntu", "22.04"): 1_806_451_200, ("ubuntu", "24.04"): 1_871_510_400}  # fmt: skip


def _sources(live: Live) -> list[tuple[str, str]]:
    """Return (file, entry): lines of sources.list and paragraphs of *.sources, those switched off left out."""
    folder = "/etc/apt/sources.list.d"
    found = [("/etc/apt/sources.list", line) for line in lines(text_or(live, "/etc/apt/sources.list"))]
    for name in names_or(live, folder):
        text = text_or(live, f"{folder}/{name}")
        if name.endswith(".list"):
            found += [(f"{folder}/{name}", line) for line in lines(text)]
        elif name.endswith(".sources"):
            found += [
                (f"{folder}/{name}", block)
                for block in text.split("\n\n")
                if "URIs:" in block and "Enabled: no" not in block
            ]
    if not found:
        raise NotApplicable("apt has no sources.")
    return found


def _trusted(live: Live) -> list[Verdict]:
    bad = [
        (path, " ".join(text.split())[:160])
        for path, text in _sources(live)
        if re.search(r"trusted\s*=\s*yes|Trusted:\s*yes|allow-insecure\s*=\s*yes|Allow-Insecure:\s*yes", text)
    ]
    return bad_ones(bad, "each is signed")


def _signed_by(live: Live) -> list[Verdict]:
    own = ("debian.org", "ubuntu.com", "file:", "cdrom:")
    bad = [
        (path, " ".join(text.split())[:160])
        for path, text in _sources(live)
        if not any(host in text for host in own) and "signed-by" not in text.lower()
    ]
    return bad_ones(bad, "each names its key")


def _security(live: Live) -> list[Verdict]:
    if "VERSION_CODENAME" not in text_or(live, "/etc/os-release"):
        raise Untold("/etc/os-release names no release.")
    found = [path for path, text in _sources(live) if "-security" in text]
    return said(
        bool(found), f"{found[0]} names security updates" if found else "no source of security updates"
    )


def _foreign(live: Live) -> list[Verdict]:
    """A source of another release mixes versions nobody tested together."""
    name = re.search(r"VERSION_CODENAME=\"?(\w+)", text_or(live, "/etc/os-release"))
    if not name:
        raise Untold("/etc/os-release names no release.")
    others = {
        "buster",
        "bullseye",
        "bookworm",
        "trixie",
        "forky",
        "sid",
        "unstable",
        "testing",
        "oldstable",
    } - {name[1]}
    bad = [
        (path, " ".join(text.split())[:160])
        for path, text in _sources(live)
        if "debian.org" in text and others & set(re.split(r"[\s/-]+", text))
    ]
    return bad_ones(bad, f"all of {name[1]}")


def _pending(live: Live, *, security: bool) -> list[Verdict]:
    text = live.ran("apt-get", "-s", "-o", "Debug::NoLocking=1", "dist-upgrade")
    found = [one for one in map(_INST.match, text.splitlines()) if one and one[2]]
    waiting = [f"{one[1]} {one[3]}" for one in found if ("-security" in one[4].lower()) is security]
    if waiting:
        return said(False, f"{len(waiting)} wait: {', '.join(waiting)}")
    if _age(live) > 7 * _DAY:
        raise Untold("The lists of packages are older than a week, so nobody knows.")
    return said(True, "none waits")


def _age(live: Live) -> float:
    """Return seconds since a list was last put into place."""
    folder = "/var/lib/apt/lists"
    if not any(
        name.endswith(("Packages", "Release", "InRelease", ".lz4")) for name in names_or(live, folder)
    ):
        raise Untold("apt has no lists of packages; run apt update.")
    return live.now - live.status(folder).changed


def _fresh(live: Live) -> list[Verdict]:
    age = _age(live)
    return said(age <= 7 * _DAY, f"fetched {age / _DAY:.0f} days ago")


def _apt(live: Live) -> str:
    return dropped_in(live, "/etc/apt/apt.conf", "/etc/apt/apt.conf.d", "")


def _setting(text: str, name: str) -> str:
    """Return the last value of an option written `Name "value";`."""
    found = re.findall(rf'(?m)^[ \t]*{re.escape(name)}\s+"?([^";]+)"?\s*;', text)
    return found[-1].strip() if found else ""


def _on(value: str) -> bool:
    return value.lower() not in {"", "0", "no", "false", "off"}


def _unattended(live: Live) -> list[Verdict]:
    text = _apt(live)
    lists, upgrade = (
        _setting(text, "APT::Periodic::Update-Package-Lists"),
        _setting(text, "APT::Periodic::Unattended-Upgrade"),
    )
    fine = _on(lists) and _on(upgrade) and "unattended-upgrades" in packages(live)
    return said(fine, f"Update-Package-Lists {lists or 'not set'}, Unattended-Upgrade {upgrade or 'not set'}")


def _unsigned(live: Live) -> list[Verdict]:
    names = (
        "APT::Get::AllowUnauthenticated",
        "Acquire::AllowInsecureRepositories",
        "Acquire::AllowDowngradeToInsecureRepositories",
        "Acquire::AllowWeakRepositories",
    )
    bad = [(name, "is switched on") for name in names if _on(_setting(_apt(live), name))]
    return bad_ones(bad, "what is not signed is refused")


def _verified(live: Live) -> list[Verdict]:
    bad = [
        (name, "is switched off")
        for name in ("Acquire::https::Verify-Peer", "Acquire::https::Verify-Host")
        if _setting(_apt(live), name).lower() in {"false", "0", "no"}
    ]
    return bad_ones(bad, "servers prove who they are")


def _keys(live: Live) -> list[Verdict]:
    folders = ("/etc/apt/trusted.gpg.d", "/etc/apt/keyrings", "/usr/share/keyrings")
    bad = []
    for folder in folders:
        for name in names_or(live, folder):
            found = live.status(f"{folder}/{name}")
            if found.kind == "file" and (found.mode & 0o022 or found.uid != 0):
                bad.append((f"{folder}/{name}", f"mode {found.mode:04o}, owner {found.uid}"))
    return bad_ones(bad, "written by root alone")


def _old_keyring(live: Live) -> list[Verdict]:
    here = there(live, "/etc/apt/trusted.gpg") and live.status("/etc/apt/trusted.gpg").size > 0
    return said(
        not here,
        "/etc/apt/trusted.gpg vouches for every source" if here else "keys vouch for their own source",
    )


def _reboot(live: Live) -> list[Verdict]:
    here = there(live, "/run/reboot-required") or there(live, "/var/run/reboot-required")
    names = " ".join(lines(text_or(live, "/run/reboot-required.pkgs"))[:5])
    return said(not here, f"a reboot waits for {names or 'an update'}" if here else "none waits")


def _half(live: Live) -> list[Verdict]:
    """Pairs of Package and Status lines: what is neither installed nor gone was left in the middle."""
    bad, name = [], ""
    for line in needed(live, "/var/lib/dpkg/status", "dpkg").splitlines():
        if line.startswith("Package: "):
            name = line[9:]
        elif line.startswith("Status: ") and line.endswith(_MIDDLE):
            bad.append((name, f"it is {line.split()[-1]}"))
    return bad_ones(bad, "each is whole")


def _supported(live: Live) -> list[Verdict]:
    text = text_or(live, "/etc/os-release")
    told = {key: re.search(rf'(?m)^{key}="?([^"\n]+)', text) for key in ("ID", "VERSION_ID")}
    name = tuple(found[1] if found else "" for found in told.values())
    ends = _ENDS.get((name[0], name[1]))
    if ends is None:
        raise Untold(f"It is not known how long {' '.join(name).strip() or 'this system'} is supported.")
    return said(
        live.now < ends,
        f"{name[0]} {name[1]} has updates" if live.now < ends else f"{name[0]} {name[1]} has no more updates",
    )


CHECKS: tuple[Check, ...] = (
    Check(id="apt-trusted", title="No source is trusted without a signature", risk=9, reads="/etc/apt/sources.list*", look=_trusted,
          why="Whoever sits on the way installs what he likes as root.", fix="Take [trusted=yes] out, and name the key by signed-by."),
    Check(id="apt-signed-by", title="Foreign sources name their own key", risk=4, reads="/etc/apt/sources.list*", look=_signed_by,
          why="A key that vouches for every source may replace Debian's packages too.", fix="[signed-by=/etc/apt/keyrings/NAME.gpg]"),
    Check(id="apt-security", title="Security updates come", risk=8, reads="/etc/apt/sources.list*", cis=("1.2.1.2",), look=_security,
          why="Without that source known holes stay open.", fix="deb http://security.debian.org/debian-security bookworm-security main in /etc/apt/sources.list"),
    Check(id="apt-release", title="All sources are of this release", risk=4, reads="/etc/apt/sources.list*", look=_foreign,
          why="What is taken from another release gets no security updates of this one.", fix="Use backports, and take the other release out."),
    Check(id="apt-pending-security", title="No security update waits", risk=8, reads="apt-get -s dist-upgrade", cis=("1.2.2.1",),
          why="The hole is public from the day of its update.", fix="apt update && apt upgrade", look=lambda live: _pending(live, security=True)),
    Check(id="apt-pending", title="No update waits", risk=2, reads="apt-get -s dist-upgrade", cis=("1.2.2.1",),
          why="Updates that pile up are not made on the day one of them matters.", fix="apt update && apt upgrade", look=lambda live: _pending(live, security=False)),
    Check(id="apt-fresh", title="Lists of packages are of this week", risk=4, reads="/var/lib/apt/lists", look=_fresh,
          why="Who does not ask hears of no update.", fix="apt update; look at systemctl status apt-daily.timer"),
    Check(id="apt-unattended-installed", title="unattended-upgrades is installed", risk=4, reads="/var/lib/dpkg/status", look=any_of("unattended-upgrades"),
          why="A hole that is attacked on a Saturday is not mended by somebody on Monday.", fix="apt install unattended-upgrades"),
    Check(id="apt-unattended", title="Security updates are made by themselves", risk=5, reads="/etc/apt/apt.conf.d", look=_unattended,
          why="A hole that is attacked on a Saturday is not mended by somebody on Monday.", fix="dpkg-reconfigure -plow unattended-upgrades"),
    Check(id="apt-unsigned", title="What is not signed is refused", risk=8, reads="/etc/apt/apt.conf.d", look=_unsigned,
          why="Whoever sits on the way installs what he likes as root.", fix="Take the option out of /etc/apt/apt.conf.d"),
    Check(id="apt-verified", title="Servers of packages prove who they are", risk=5, reads="/etc/apt/apt.conf.d", look=_verified,
          why="Without it https is as good as http.", fix="Take Verify-Peer and Verify-Host out of /etc/apt/apt.conf.d"),
    Check(id="apt-keys", title="Keys of sources are written by root alone", risk=8, reads="/etc/apt/trusted.gpg.d, keyrings", cis=("1.2.1.1",), look=_keys,
          why="Who adds a key there signs packages for this host.", fix="chown root:root FILE && chmod 0644 FILE"),
    Check(id="apt-old-keyring", title="No key vouches for every source", risk=3, reads="/etc/apt/trusted.gpg", look=_old_keyring,
          why="A small source's key could replace Debian's packages too.", fix="Move the key into /etc/apt/keyrings and name it by signed-by."),
    Check(id="apt-reboot", title="No reboot waits", risk=5, reads="/run/reboot-required", look=_reboot,
          why="A kernel or library that was mended is in use after the restart alone.", fix="Reboot; needrestart tells which services wait."),
    Check(id="apt-half", title="Each package is whole", risk=3, reads="/var/lib/dpkg/status", look=_half,
          why="A package that is half installed gets no more updates.", fix="dpkg --configure -a && apt -f install"),
    Check(id="apt-supported", title="The release has security updates", risk=9, reads="/etc/os-release", look=_supported,
          why="Holes that are found from now on stay open.", fix="Upgrade to the next release."),
    Check(id="apt-compilers", title="There is no compiler", risk=1, reads="/var/lib/dpkg/status", look=absent("build-essential"),
          why="Exploits come as source, to be built for the kernel at hand.", fix="apt purge build-essential; build elsewhere."),
)  # fmt: skip
