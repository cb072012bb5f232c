"""What is different between two states of a host, in a few lines each. Decisions only."""

import difflib
import hashlib
import re

from vedette.instruments.drift.types import Difference, State
from vedette.instruments.probe.masking import DOTS, is_secret_name

LINES = 6
_WIDTH = 200
_KEPT = 32_768  # characters of a subject
_LONGEST = 400  # lines of a subject that are compared line by line
_VALUE = re.compile(r"([A-Za-z][\w.-]{2,60})(\s?[=:]\s?)(\"[^\"]{0,200}\"|'[^']{0,200}'|[^\s\"']{1,200})")
_USERINFO = re.compile(r"//[^/\s@]{1,200}@")


def differences(before: State, after: State) -> list[Difference]:
    """Return every subject that is new, gone or otherwise, by name."""
    subjects = sorted(set(before) | set(after))
    return [
        _difference(one, before.get(one), after.get(one))
        for one in subjects
        if before.get(one) != after.get(one)
    ]


def bounded(text: str) -> str:
    """Return a text as it is kept: of a very long one the beginning, and a digest that tells of every change in it."""
    if len(text) <= _KEPT:
        return text
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return f"{text[:_KEPT]}\n{len(text)} characters in all, {digest}"


def _difference(subject: str, before: str | None, after: str | None) -> Difference:
    if before is None or after is None:
        return Difference(plain(subject), _few((before or "").splitlines()), _few((after or "").splitlines()))
    old, new = _compared(before), _compared(after)
    went: list[str] = []
    came: list[str] = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            went += old[a:b]
            came += new[c:d]
    return Difference(plain(subject), _few(went), _few(came))


def _compared(text: str) -> list[str]:
    """Return the lines that are compared one by one; the last one tells of the rest."""
    lines = text.splitlines()
    return lines if len(lines) <= _LONGEST else [*lines[: _LONGEST - 1], lines[-1]]


def _few(lines: list[str]) -> str:
    shown = [plain(masked(line)) for line in lines[:LINES]]
    return "\n".join([*shown, f"and {len(lines) - LINES} more lines"] if len(lines) > LINES else shown)


def masked(line: str) -> str:
    """Return a line with values of what is named like a secret as dots: cron and units hold passwords."""
    shown = _VALUE.sub(_dotted, line[:2000])
    return _USERINFO.sub(f"//{DOTS}@", shown)


def _dotted(found: re.Match[str]) -> str:
    """NOPASSWD: and PASSWD: are words of sudoers, and what follows is a command."""
    tag = found[1] in {"NOPASSWD", "PASSWD"} and found[2].strip() == ":"
    return found[0] if tag or not is_secret_name(found[1]) else f"{found[1]}{found[2]}{DOTS}"


def plain(text: str) -> str:
    """Return a line as it may be shown."""
    shown = "".join(c if c.isprintable() else " " if c == "\t" else "�" for c in text.strip())
    return shown if len(shown) <= _WIDTH else shown[: _WIDTH - 1] + "…"
