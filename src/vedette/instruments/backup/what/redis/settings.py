"""Where a Redis is and how it is asked."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.backup import program
from vedette.instruments.backup.program import Done
from vedette.instruments.backup.types import Failed, Secret, Tools
from vedette.instruments.backup.what import staged
from vedette.wire.backup import Failure


class Redis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Redis at a host and port or a socket. `password_file` holds the password in its first line; `user` is that of an ACL.

    `file` is what Redis reads when it starts: there a snapshot is put back.
    """

    host: str = "127.0.0.1"
    port: int = 6379
    socket: str = ""
    user: str = ""
    password_file: str = ""
    tls: bool = False
    authority: str = ""  # a file with certificates (PEM) that are trusted
    file: str = "/var/lib/redis/dump.rdb"
    may_be_empty: bool = False

    @property
    def place(self) -> str:
        """Return where it is, for a person."""
        return self.socket or f"{self.host}:{self.port}"


def asked(settings: Redis, tools: Tools, *words: str, seconds: float | None = None) -> Done:
    """Ask it by its own client; its password stands in no command line."""
    where = ("-s", settings.socket) if settings.socket else ("-h", settings.host, "-p", str(settings.port))
    user = ("--user", settings.user) if settings.user else ()
    tls = ("--tls", *(("--cacert", settings.authority) if settings.authority else ())) if settings.tls else ()
    return program.run(
        ["redis-cli", "-e", "--no-auth-warning", *where, *user, *tls, *words], tools=tools, secrets=_secrets(settings), seconds=seconds,
    )  # fmt: skip


def answered(settings: Redis, tools: Tools, *words: str) -> str:
    """Return what it answers; raises `Failed(SOURCE_MISSING)` where it does not or refuses."""
    done = asked(settings, tools, *words, seconds=30.0)
    if done.code:
        raise Failed(
            Failure.SOURCE_MISSING, f"Redis at {settings.place} does not answer: {done.said[:200]}", done.said
        )
    return done.out


def keyspace(text: str) -> tuple[int, int]:
    """Return how many keys there are in all databases, and how many of them expire (`INFO keyspace`)."""
    keys = expires = 0
    for line in text.splitlines():
        name, _, figures = line.strip().partition(":")
        if name.startswith("db") and name[2:].isdigit():
            found = dict(pair.split("=", 1) for pair in figures.split(",") if "=" in pair)
            keys, expires = keys + int(found.get("keys", 0)), expires + int(found.get("expires", 0))
    return keys, expires


def _secrets(settings: Redis) -> Mapping[str, Secret]:
    return (
        {"REDISCLI_AUTH": Secret(staged.secret_in(settings.password_file))} if settings.password_file else {}
    )
