"""PostgreSQL asked by its own psql: the answers as they come, a line each."""

import os
import pwd
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.core import ids
from vedette.instruments.backup import program, streams
from vedette.instruments.backup.types import Failed, Tools
from vedette.wire.backup import Failure

_HOMES = Path("/usr/lib/postgresql")  # Debian's: a folder for each version
_REFUSED = 2  # exit status of psql for a connection that does not come about
_ERROR = re.compile(r"(?:ERROR|FATAL|error):\s+(.*)")


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is reached: `host` is a name or the folder of its socket, `role` who signs in there.

    `user` is the operating system's user that asks (empty: we), `passfile` a file like `~/.pgpass`, `programs` the folder of the
    server's own programs.
    """

    host: str
    port: int
    role: str
    user: str = ""
    passfile: str = ""
    programs: Path

    @property
    def place(self) -> str:
        """Return where it is, for a sentence."""
        return f"{self.host}:{self.port}"

    def program(self, name: str) -> str:
        """Return where a program of its version is; raises `Failed(NO_TOOL)`."""
        path = self.programs / name
        if not os.access(path, os.X_OK):
            raise Failed(
                Failure.NO_TOOL,
                f"{path} is not there: apt-get install postgresql-{self.programs.parent.name}.",
            )
        return str(path)

    def env(self, database: str) -> Mapping[str, str]:
        """Return the environment in which programs find it: names stand there, where none is taken for an option."""
        found = {
            "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": self.role, "PGDATABASE": database,
            "PGAPPNAME": "vedette backup", "PGCONNECT_TIMEOUT": "10", "PGCLIENTENCODING": "UTF8",
        }  # fmt: skip
        return {**found, "PGPASSFILE": self.passfile} if self.passfile else found


def programs_of(major: int, named: str = "") -> Path:
    """Return the folder of the programs of a version, of the oldest that is newer, or the one that was named.

    Dumps need a program that is no older than the server. Raises `Failed(NO_TOOL)`.
    """
    if named:
        return Path(named)
    found = sorted(
        (int(path.name), path / "bin")
        for path in _HOMES.glob("*")
        if path.name.isdecimal() and (path / "bin" / "pg_dump").exists()
    )
    fits = next((path for version, path in found if version >= major), None)
    if fits is None:
        raise Failed(
            Failure.NO_TOOL,
            f"There are no programs of PostgreSQL {major}: apt-get install postgresql-{major}, or name their folder (programs).",
        )
    return fits


def newest_programs(named: str = "") -> Path:
    """Return the folder of the newest version that is installed; raises `Failed(NO_TOOL)`."""
    if named:
        return Path(named)
    versions = [int(path.name) for path in _HOMES.glob("*") if path.name.isdecimal()]
    return programs_of(max(versions, default=0))


def owner_of(path: Path) -> str:
    """Return whose a file is, for root to become them; empty for whoever may not, and where there is none."""
    try:
        uid = path.stat().st_uid
    except OSError:
        return ""
    return pwd.getpwuid(uid).pw_name if os.geteuid() == 0 and uid else ""


def script(reach: Reach, database: str, text: str, tools: Tools, on_line: streams.Line | None = None) -> str:
    """Run statements one after another, the first error ends them; return what they answered.

    Raises `Failed`: SOURCE_MISSING where nobody answers, PARTIAL for what may not be read, ENGINE for any other error.
    """
    return _run(reach, database, ["-f", "-"], tools, text=text, on_line=on_line)


def whole(reach: Reach, database: str, text: str, tools: Tools) -> None:
    """Run statements that others wrote, all or none: psql's own commands (`\\!` runs a program) are none of them. Raises as `script`."""
    tag = f"v{ids.new_key()}"  # nobody can close what they cannot guess
    script(reach, database, f"DO ${tag}a$ BEGIN EXECUTE ${tag}$\n{text}\n${tag}$; END ${tag}a$;\n", tools)


def answer(reach: Reach, database: str, query: str, tools: Tools) -> str:
    """Return the first value of a query that others wrote: psql's own commands are errors of SQL there. Raises as `script`."""
    return _run(reach, database, ["-c", f" {query}"], tools).partition("\n")[0]


def _run(
    reach: Reach, database: str, words: Sequence[str], tools: Tools, *, text: str = "", on_line: streams.Line | None = None
) -> str:  # fmt: skip
    done = program.run(
        [reach.program("psql"), "-XAtqw", "-v", "ON_ERROR_STOP=1", *words],
        tools=tools, env=reach.env(database), stdin=text.encode(), on_line=on_line, user=reach.user,
    )  # fmt: skip
    if done.code == _REFUSED:
        raise Failed(
            Failure.SOURCE_MISSING,
            f"PostgreSQL at {reach.place} does not answer: {error_of(done.err)}",
            done.said,
        )
    if done.code != 0:
        raise Failed(
            failure_of(done.err), f"PostgreSQL at {reach.place} refused: {error_of(done.err)}", done.said
        )
    return done.out


def ask(reach: Reach, database: str, query: str, tools: Tools) -> list[dict[str, object]]:
    """Return the rows of one query, each column as JSON has it; raises as `script` does."""
    text = script(reach, database, f"SELECT coalesce(json_agg(q), '[]') FROM ({query}) q;\n", tools)  # noqa: S608 - queries of our own
    return msgspec.json.decode(text, type=list[dict[str, object]])


def value(reach: Reach, database: str, query: str, tools: Tools) -> str:
    """Return the first value of a query as text; raises as `script` does."""
    return script(reach, database, query.rstrip("; \n") + ";\n", tools).partition("\n")[0]


def error_of(said: str) -> str:
    """Return the first error that a program of PostgreSQL told, else the first it said."""
    found = _ERROR.search(said)
    text = (
        found[1] if found else next((line for line in said.splitlines() if line.strip()), "it said nothing")
    )
    return text.strip()[:300].rstrip(".") + "."


def failure_of(said: str) -> Failure:
    """Return which failure an error of a program of PostgreSQL means."""
    if "permission denied" in said or "row-level security" in said:
        return Failure.PARTIAL
    return Failure.TARGET_FULL if "No space left" in said else Failure.ENGINE
