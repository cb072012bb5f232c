"""MySQL and MariaDB asked by their own client: statements in, a line of JSON for each row out."""

from pathlib import Path
from typing import Literal

import msgspec

from vedette.instruments.backup import program, streams
from vedette.instruments.backup.types import Failed, Tools
from vedette.wire.backup import Failure

SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_NO_SERVER = (
    "(2002)",
    "(2003)",
    "(2005)",
    "ERROR 2002",
    "ERROR 2003",
    "ERROR 2005",
    "ERROR 1045",
    "ERROR 1698",
)
_ERRORS = ("ERROR", "rror")  # of the client and the server, of the dumper

# In binary mode the client's own commands (`\\!` runs a program) are errors: what is imported may come from anybody.
_WORDS = (
    "--batch",
    "--raw",
    "--skip-column-names",
    "--unbuffered",
    "--binary-mode",
    "--default-character-set=utf8mb4",
)


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which databases (none named: all) of which server. Without `host` it is asked at its socket.

    Passwords stand in `defaults_file`, a file with a section `[client]` as all its programs read it.
    """

    databases: tuple[str, ...] = ()
    host: str = ""
    port: int = 3306
    socket: str = "/run/mysqld/mysqld.sock"
    user: str = "root"
    defaults_file: str = ""
    flavour: Literal["", "mariadb", "mysql"] = ""


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """How a server is reached: the words that every program of it takes first, its place for a sentence, who runs them."""

    words: tuple[str, ...]
    place: str
    client: str = "mariadb"
    dumper: str = "mariadb-dump"
    user: str = ""


def access_of(settings: Settings, tools: Tools) -> Access:
    """Return how the server of a plan is reached; raises `Failed(NO_TOOL)`."""
    first = f"--defaults-extra-file={settings.defaults_file}" if settings.defaults_file else "--no-defaults"
    host = ("-h", settings.host, "-P", str(settings.port)) if settings.host else ("-S", settings.socket)
    place = f"{settings.host}:{settings.port}" if settings.host else settings.socket
    client, dumper = programs(settings, tools)
    return Access(words=(first, *host, "-u", settings.user), place=place, client=client, dumper=dumper)


def programs(settings: Settings, tools: Tools) -> tuple[str, str]:
    """Return the client and the dumper that are installed; raises `Failed(NO_TOOL)`."""
    pairs = {"mariadb": ("mariadb", "mariadb-dump"), "mysql": ("mysql", "mysqldump")}
    if settings.flavour:
        return pairs[settings.flavour]
    try:
        program.find("mariadb-dump", tools)
    except Failed:
        program.find("mysqldump", tools)
        return pairs["mysql"]
    return pairs["mariadb"]


def script(
    access: Access,
    text: str | Path,
    tools: Tools,
    on_line: streams.Line | None = None,
    *,
    forced: bool = False,
) -> str:
    """Run statements, the first error ends them unless `forced`; return what they answered, columns apart by tabs.

    Raises `Failed`: SOURCE_MISSING where nobody answers, ENGINE for a statement that fails.
    """
    done = program.run(
        [access.client, *access.words, *_WORDS, *(["--force"] if forced else [])], tools=tools,
        stdin=text if isinstance(text, Path) else text.encode(), on_line=on_line, user=access.user,
    )  # fmt: skip
    if done.code == 0 or (forced and not any(sign in done.err for sign in _NO_SERVER)):
        return done.out
    if any(sign in done.err for sign in _NO_SERVER):
        raise Failed(
            Failure.SOURCE_MISSING,
            f"MySQL at {access.place} does not answer: {error_of(done.err)}",
            done.said,
        )
    raise Failed(Failure.ENGINE, f"MySQL at {access.place} refused: {error_of(done.err)}", done.said)


def error_of(said: str) -> str:
    """Return the first error that a program told, else the first line; the client repeats a refused statement before it."""
    lines = said.splitlines()
    found = next((line for sign in _ERRORS for line in lines if sign in line), "") or next(
        iter(lines), "it said nothing"
    )
    return found.strip()[:300].rstrip(".") + "."


def ident(name: str) -> str:
    """Return a name as SQL takes it."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """Return a text as SQL takes it, in whatever mode the server is."""
    return f"_utf8mb4 0x{text.encode().hex()}" if text else "''"
