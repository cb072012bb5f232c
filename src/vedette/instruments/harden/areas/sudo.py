"""Who becomes root, and how that is written down."""

from collections.abc import Iterator

from vedette.instruments.harden.reading import group_ids, with_line
from vedette.instruments.harden.types import Facts, Measure, Mode, Put, Run, Wanted, Yielded

_TEXT = """\
# Written by Vedette.
Defaults use_pty
Defaults logfile="/var/log/sudo.log"
Defaults timestamp_timeout=15
Defaults env_reset
"""
_GROUP = "sugroup"  # nobody is in it: people use sudo
_LINE = f"auth required pam_wheel.so use_uid group={_GROUP}"


def _sudo(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield Put(path="/etc/sudoers.d/60-vedette", text=_TEXT, mode=0o440)
    yield Mode(path="/etc/sudoers", most=0o440)
    for name in facts.names("/etc/sudoers.d"):
        yield Mode(path=f"/etc/sudoers.d/{name}", most=0o440)


def _su(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    found = facts.files.get("/etc/pam.d/su")
    if found is None or found.text is None:
        return
    if _GROUP not in group_ids(facts):
        yield Run(
            command=f"groupadd --force --system {_GROUP}",
            touches=("/etc/group", "/etc/gshadow", "/etc/group-", "/etc/gshadow-"),
            told=f"the group {_GROUP} is made",
        )
    if not any("pam_wheel.so" in line and line.startswith("auth") for line in found.text.splitlines()):
        yield Put(path="/etc/pam.d/su", text=_after_rootok(found.text), mode=found.mode)


def _after_rootok(text: str) -> str:
    """root goes on without being asked; who comes after that line is asked."""
    line = next(
        (each for each in text.splitlines() if "pam_rootok.so" in each and not each.startswith("#")), ""
    )
    return text.replace(line, f"{line}\n{_LINE}", 1) if line else with_line(text, _LINE, first=True)


MEASURES: tuple[Measure, ...] = (
    Measure(id="sudo", title="sudo has a terminal of its own, a log, and forgets", checks=("sudo-pty", "sudo-log", "sudo-timeout", "sudo-environment", "sudo-files"),
            steps=_sudo, proof="! command -v visudo >/dev/null || visudo -c"),
    Measure(id="sudo-su", title="Nobody becomes root by su", checks=("sudo-su",), steps=_su),
)  # fmt: skip
