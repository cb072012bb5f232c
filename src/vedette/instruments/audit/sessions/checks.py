"""What everybody's session begins with: umask, dumps, time-outs, and what is told before signing in."""

import re

from vedette.instruments.audit.asking import (
    bad_ones,
    dropped_in,
    lines,
    names_or,
    needed,
    packages,
    said,
    settings,
    text_or,
)
from vedette.instruments.audit.types import Check, Look, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_START = ("/etc/profile", "/etc/bash.bashrc")


def _profile(live: Live) -> str:
    parts = [
        *_START,
        *(f"/etc/profile.d/{name}" for name in names_or(live, "/etc/profile.d") if name.endswith(".sh")),
    ]
    return "\n".join(line for path in parts for line in lines(text_or(live, path)))


def _no_dumps(live: Live) -> list[Verdict]:
    """`* hard core 0` in limits.conf, or systemd-coredump that keeps none."""
    text = dropped_in(live, "/etc/security/limits.conf", "/etc/security/limits.d")
    limited = any(line.split() == ["*", "hard", "core", "0"] for line in lines(text))
    return said(limited, "* hard core 0" if limited else "programs may leave dumps")


def _kept_dumps(live: Live) -> list[Verdict]:
    if "systemd-coredump" not in packages(live):
        raise NotApplicable("systemd-coredump is not installed.")
    told = settings(dropped_in(live, "/etc/systemd/coredump.conf", "/etc/systemd/coredump.conf.d"))
    return said(told.get("storage") == "none", f"Storage={told.get('storage', 'external (default)')}")


def _timeout(live: Live) -> list[Verdict]:
    found = [int(one) for one in re.findall(r"\bTMOUT=(\d{1,9})", _profile(live))]
    return said(bool(found) and 0 < found[-1] <= 3600, f"TMOUT={found[-1]}" if found else "TMOUT is not set")


def _umask(live: Live) -> list[Verdict]:
    found = re.findall(r"(?m)^umask\s+(0?[0-7]{3})\b", _profile(live))
    bad = [one for one in found if int(one, 8) & 0o022 != 0o022]
    return bad_ones(
        ((f"umask {one}", "others may write what is made") for one in bad),
        f"umask {found[-1]}" if found else "no start file widens it",
    )


def _path(live: Live) -> list[Verdict]:
    text = "\n".join(
        [
            _profile(live),
            text_or(live, "/etc/environment"),
            text_or(live, "/root/.bashrc"),
            text_or(live, "/root/.profile"),
        ]
    )
    bad = [
        value
        for value in re.findall(r"(?m)^[ \t]*(?:export\s+)?PATH=\"?([^\"\n]+)", text)
        if re.search(r"(^|:)(\.|/tmp|/var/tmp|/dev/shm)?(:|$)", value)
    ]
    return bad_ones(
        ((value[:120], "it holds a folder that others may write, or the one at hand") for value in bad),
        "safe folders alone",
    )


def _banner(path: str) -> Look:
    def look(live: Live) -> list[Verdict]:
        text = needed(live, path, f"A text in {path}")
        bad = re.findall(r"\\[mrsv]", text)
        name = re.search(r"(?m)^ID=\"?(\w+)", text_or(live, "/etc/os-release"))
        if name and re.search(rf"\b{re.escape(name[1])}\b", text, re.IGNORECASE) and path != "/etc/motd":
            bad.append(name[1])
        return said(
            not bad, f"{path} tells {', '.join(bad)}" if bad else f"{path} does not tell what runs here"
        )

    return look


CHECKS: tuple[Check, ...] = (
    Check(id="session-dumps", title="Programs leave no dumps", risk=3, reads="/etc/security/limits.conf", cis=("1.5.3",), look=_no_dumps,
          why="A dump holds keys, passwords and customers' data.", fix="echo '* hard core 0' > /etc/security/limits.d/60-core.conf"),
    Check(id="session-kept-dumps", title="systemd keeps no dumps", risk=3, reads="/etc/systemd/coredump.conf", cis=("1.5.3",), look=_kept_dumps,
          why="A dump holds keys, passwords and customers' data.", fix="Storage=none in /etc/systemd/coredump.conf"),
    Check(id="session-timeout", title="A shell that nobody uses ends", risk=2, reads="/etc/profile, /etc/profile.d", cis=("5.4.3.2",), look=_timeout,
          why="A terminal left open is anybody's.", fix="echo 'readonly TMOUT=900; export TMOUT' > /etc/profile.d/60-tmout.sh"),
    Check(id="session-umask", title="No start file lets others write what people make", risk=4, reads="/etc/profile, /etc/profile.d", cis=("5.4.3.3",), look=_umask,
          why="Scripts that everybody may change are run by somebody mightier.", fix="umask 027 in /etc/profile"),
    Check(id="session-path", title="Programs are looked for in safe folders", risk=6, reads="/etc/profile, /etc/environment, /root/.bashrc", cis=("5.4.2.5",), look=_path,
          why="A program named ls in /tmp would run as whoever looks there.", fix="Take the folder out of PATH."),
    Check(id="session-issue", title="The console does not tell what runs here", risk=1, reads="/etc/issue", cis=("1.6.2",), look=_banner("/etc/issue"),
          why="Attackers choose their exploit by it.", fix="echo 'Authorised use only.' > /etc/issue"),
    Check(id="session-issue-net", title="Nor does the network", risk=1, reads="/etc/issue.net", cis=("1.6.3",), look=_banner("/etc/issue.net"),
          why="Attackers choose their exploit by it.", fix="echo 'Authorised use only.' > /etc/issue.net"),
    Check(id="session-motd", title="Nor does the message of the day", risk=1, reads="/etc/motd", cis=("1.6.1",), look=_banner("/etc/motd"),
          why="Who got in with a small account learns what to try next.", fix="Take \\\\m \\\\r \\\\s \\\\v out of /etc/motd"),
)  # fmt: skip
