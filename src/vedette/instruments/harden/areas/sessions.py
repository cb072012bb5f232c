"""What every session begins with: umask, an end for shells that nobody uses, no dumps, and banners that tell nothing."""

import re
from collections.abc import Iterator

from vedette.instruments.harden.reading import with_line
from vedette.instruments.harden.types import Facts, Measure, Put, Wanted, Yielded

_BANNER = "Authorised use of this private system only. Access is monitored and recorded.\n"


_START = """\
# Written by Vedette.
umask 027
if [ -n "${BASH_VERSION:-}" ] && [ -z "${TMOUT:-}" ]; then
    typeset -xr TMOUT=900
fi
"""


def _start(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """Login shells read profile.d, the others of bash read bash.bashrc."""
    yield Put(path="/etc/profile.d/60-vedette.sh", text=_START)
    found = facts.files.get("/etc/bash.bashrc")
    if found is not None and found.text and not re.search(r"(?m)^[ \t]*umask\b", found.text):
        yield Put(path="/etc/bash.bashrc", text=with_line(found.text, "umask 027"), mode=found.mode)


def _dumps(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    yield Put(path="/etc/security/limits.d/60-vedette.conf", text="# Written by Vedette.\n* hard core 0\n")
    yield Put(
        path="/etc/systemd/coredump.conf.d/60-vedette.conf",
        text="# Written by Vedette.\n[Coredump]\nStorage=none\nProcessSizeMax=0\n",
    )


def _banners(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    """What people wrote stays, unless it tells what runs here."""
    for path in ("/etc/issue", "/etc/issue.net", "/etc/motd"):
        if _tells(facts.text(path), facts):
            yield Put(path=path, text=_BANNER)


def _tells(text: str, facts: Facts) -> bool:
    name = re.search(r"(?m)^ID=\"?(\w+)", facts.text("/etc/os-release"))
    named = name is not None and re.search(rf"\b{re.escape(name[1])}\b", text, re.IGNORECASE)
    return not text.strip() or bool(named) or re.search(r"\\[mrsv]", text) is not None


MEASURES: tuple[Measure, ...] = (
    Measure(id="session-start", title="Sessions begin with a narrow umask, and end when nobody uses them", checks=("session-timeout", "session-umask"), steps=_start),
    Measure(id="session-dumps", title="Programs leave no dumps", checks=("session-dumps", "session-kept-dumps"), steps=_dumps),
    Measure(id="session-banners", title="Banners tell nobody what runs here", checks=("session-issue", "session-issue-net", "session-motd"), steps=_banners),
)  # fmt: skip
