"""Users, roles and what they may do, which belong to no database: written as statements, one user after another.

Without them views and procedures of a restored database do not run (their definers are gone), and nobody can sign in. Users of the
system are left out: a new server has its own.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.core.names import written
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.mysql.client import Access, ident, literal, script
from vedette.wire.backup import Check

FILE = "users.sql"
_SYSTEM = (
    "root",
    "mariadb.sys",
    "mysql.sys",
    "mysql.session",
    "mysql.infoschema",
    "debian-sys-maint",
    "PUBLIC",
    "",
)
_LISTED = "SELECT JSON_ARRAY(user, host, {role}) FROM mysql.user WHERE user NOT IN ({system}) ORDER BY 1;\n"
_PLUGINS = """\
SELECT CONCAT('INSTALL PLUGIN `', plugin_name, '` SONAME ', QUOTE(plugin_library)) FROM information_schema.plugins
 WHERE plugin_type = 'AUTHENTICATION' AND plugin_status = 'ACTIVE' AND plugin_library IS NOT NULL ORDER BY 1;
"""
_HEAD, _END = "-- user ", ";\n"


class User(msgspec.Struct, frozen=True, array_like=True):
    """Somebody a server knows: a name and from where they come; roles of MariaDB come from nowhere."""

    name: str
    host: str
    role: bool = False

    @property
    def text(self) -> str:
        """Return them as SQL names them."""
        return ident(self.name) if self.role else f"{ident(self.name)}@{ident(self.host)}"


def listed(access: Access, version: str, tools: Tools) -> tuple[User, ...]:
    """Return the users of a server without its own, roles first; raises `Failed` where that may not be read."""
    role = "is_role = 'Y'" if "MariaDB" in version else "FALSE"
    text = script(access, _LISTED.format(role=role, system=", ".join(map(literal, _SYSTEM))), tools)
    found = (msgspec.json.decode(line, type=User, strict=False) for line in text.splitlines())
    return tuple(sorted(found, key=lambda user: (not user.role, user.name, user.host)))


def save(access: Access, version: str, staging: Path, tools: Tools) -> tuple[User, ...] | None:
    """Write the users below a folder and return them; None where this user may not read them."""
    try:
        users = listed(access, version, tools)
        plugins = script(access, _PLUGINS, tools).splitlines()
        made = [(user, _told(access, user, tools)) for user in users]
    except Failed:
        return None
    blocks = [
        "".join(f"{line}{_END}" for line in plugins),
        *(_block(user, lines[:1]) for user, lines in made),
        *(_block(user, lines[1:]) for user, lines in made),
    ]
    (staging / FILE).write_text("".join(blocks), encoding="utf-8")
    return users


def statements(text: str, of: Sequence[User]) -> Iterator[str]:
    """Yield the statements that make some users, and the plugins by which they sign in."""
    wanted = True
    for line in text.splitlines(keepends=True):
        if line.startswith(_HEAD):
            wanted = msgspec.json.decode(line.removeprefix(_HEAD), type=User) in of
        elif wanted:
            yield line


def bring_in(access: Access, file: Path, version: str, wanted: Sequence[User], tools: Tools) -> Check:
    """Make the users that are missing; those that are there keep their passwords and rights."""
    if not file.is_file():
        return Check(name="Users", passed=False, text=f"{file.name} did not come back.")
    began = monotonic()
    there = listed(access, version, tools)
    missing = [user for user in wanted if user not in there]
    script(access, "".join(statements(file.read_text(encoding="utf-8"), missing)), tools, forced=True)
    lost = [user for user in wanted if user not in listed(access, version, tools)]
    names = ", ".join(written(user.text) for user in lost[:5])
    text = f"{names} could not be made." if lost else f"{len(missing)} were missing and are there again."
    return Check(name="Users", passed=not lost, text=text, seconds=monotonic() - began)


def _told(access: Access, user: User, tools: Tools) -> list[str]:
    """Return the statements of a user: the one that makes them first, then what they may do."""
    role = f"SELECT {literal(f'CREATE ROLE {user.text}')};\n"
    made = role if user.role else f"SHOW CREATE USER {user.text};\n"
    return script(access, f"{made}SHOW GRANTS FOR {user.text};\n", tools).splitlines()


def _block(user: User, lines: Sequence[str]) -> str:
    head = f"{_HEAD}{msgspec.json.encode(user).decode()}\n"
    return head + "".join(f"{line}{_END}" for line in lines)
