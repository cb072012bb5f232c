"""Users and groups as /etc/passwd and /etc/group tell them."""

import msgspec

from vedette.instruments.audit.asking import needed, settings, text_or
from vedette.instruments.live.types import Live

NO_SHELLS = ("/nologin", "/false", "/sync", "/shutdown", "/halt")


class User(msgspec.Struct, frozen=True):
    """A line of /etc/passwd; `hash_here` says that its password stands there and not in /etc/shadow."""

    name: str
    uid: int
    gid: int
    home: str
    shell: str
    hash_here: bool

    @property
    def may_sign_in(self) -> bool:
        """Tell whether the account has a shell."""
        return not self.shell.endswith(NO_SHELLS)


def users(live: Live) -> list[User]:
    """Return the users there are."""
    rows = [line.split(":") for line in needed(live, "/etc/passwd", "A list of users").splitlines()]
    return [
        User(
            row[0],
            int(row[2]),
            int(row[3]),
            row[5],
            row[6].strip() or "/bin/sh",
            row[1] not in {"x", "*", "!"},
        )
        for row in rows
        if len(row) == 7 and row[0] and row[0][0] not in "+-#"
    ]


def groups(live: Live) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return name, number and members of each group."""
    rows = [line.split(":") for line in needed(live, "/etc/group", "A list of groups").splitlines()]
    return [
        (row[0], int(row[2]), tuple(m for m in row[3].split(",") if m))
        for row in rows
        if len(row) == 4 and row[0]
    ]


def login_defs(live: Live) -> dict[str, str]:
    """Return the settings of /etc/login.defs, by key in lower case."""
    return dict(settings(text_or(live, "/etc/login.defs")))


def first_person(live: Live) -> int:
    """Return the first number that is given to a person."""
    told = login_defs(live).get("uid_min", "1000")
    return int(told) if told.isdigit() else 1000
