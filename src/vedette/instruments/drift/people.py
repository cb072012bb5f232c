"""Users, groups, sudoers and keys, as lines a person reads: no hash, no key, only what tells it from another."""

import base64
import binascii
import hashlib

from vedette.instruments.drift.types import State
from vedette.instruments.live.types import Live, Missing, Unreadable

_FILES = ("authorized_keys", "authorized_keys2")
_MOST = 500


def users(live: Live) -> State:
    """Return every user and group: numbers, home and shell, members, and the state of the password."""
    found = {}
    for row in _rows(live, "/etc/passwd"):
        if len(row) == 7:
            found[f"user {row[0]}"] = f"number {row[2]}, group {row[3]}, home {row[5]}, shell {row[6]}"
    for row in _rows(live, "/etc/group"):
        if len(row) == 4:
            found[f"group {row[0]}"] = (
                f"number {row[2]}, members {', '.join(sorted(row[3].split(',')))}".rstrip(", ")
            )
    for one in _passwords(live):
        found[f"password of {one[0]}"] = one[1]
    return found


def _passwords(live: Live) -> list[tuple[str, str]]:
    """A password that is set anew is told by its day: the hash is not kept, so twice on a day is once."""
    try:
        known = live.passwords()
    except (Missing, Unreadable):
        return []
    return [(one.user, f"{one.state} {one.scheme}".strip() + (f", set on day {one.changed}" if one.changed else "")) for one in known]  # fmt: skip


def sudoers(live: Live) -> State:
    """Return sudo's files, without comments."""
    paths = ["/etc/sudoers", *(f"/etc/sudoers.d/{name}" for name in _names(live, "/etc/sudoers.d"))]
    return {path: text for path in paths if (text := _said(live, path)) is not None}


def keys(live: Live) -> State:
    """Return every key that lets somebody in, by user: its kind, fingerprint (as ssh-keygen -l shows it) and comment."""
    found = {}
    for user, path in _key_files(live):
        for line in (_said(live, path) or "").splitlines()[:_MOST]:
            told = _key(line)
            found[f"{user}: {told[0]}"] = told[1]
    return found


def behind_keys(live: Live) -> tuple[str, ...]:
    """Return the folders in which keys lie, or would."""
    return ("/etc/passwd", *dict.fromkeys(path.rpartition("/")[0] for _, path in _key_files(live)))


def _key_files(live: Live) -> list[tuple[str, str]]:
    rows = [row for row in _rows(live, "/etc/passwd") if len(row) == 7 and row[5].startswith("/")]
    homes = dict.fromkeys(
        (row[0], row[5].rstrip("/")) for row in rows if not row[6].endswith(("nologin", "false"))
    )
    return [(user, f"{home}/.ssh/{name}") for user, home in list(homes)[:_MOST] for name in _FILES]


def _key(line: str) -> tuple[str, str]:
    """Read `options kind key comment`; options may hold spaces in quotes, so the kind is looked for."""
    words = line.split()
    at = next(
        (n for n, w in enumerate(words) if w.startswith(("ssh-", "ecdsa-", "sk-")) and n + 1 < len(words)),
        None,
    )
    if at is None:
        return "unknown line", line[:40]
    try:
        raw = base64.b64decode(words[at + 1], validate=True)
    except (binascii.Error, ValueError):
        return f"{words[at]} that is none", ""
    print_ = base64.b64encode(hashlib.sha256(raw).digest()).decode().rstrip("=")
    return f"{words[at]} SHA256:{print_}", " ".join([*words[:at], *words[at + 2 :]])


def _rows(live: Live, path: str) -> list[list[str]]:
    try:
        return [line.split(":") for line in live.text(path).splitlines()]
    except Missing:
        return []


def _names(live: Live, path: str) -> tuple[str, ...]:
    try:
        return live.names(path)
    except Missing:
        return ()


def _said(live: Live, path: str) -> str | None:
    """Return what a file says, without comments and empty lines; None where it is not there or is no file."""
    try:
        lines = (line.strip() for line in live.text(path).splitlines())
    except (Missing, Unreadable):
        return None
    return "\n".join(
        line for line in lines if line and (not line.startswith("#") or line.startswith(("#include", "#!")))
    )
