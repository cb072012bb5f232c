"""Databases: who is let in, how passwords are kept, TLS. What an application may notice is told, and done only when that is wanted."""

import re
from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Note, Put, Service, Wanted, Yielded

_LOOPBACK = ("127.0.0.1/32", "::1/128", "localhost", "samehost", "127.0.0.0/8")
_REDIS = "/etc/redis/redis.conf"
_REDIS_OFF = ("enable-protected-configs", "enable-debug-command", "enable-module-command")
_MYSQL = "/etc/mysql/conf.d/60-vedette.cnf"
_MD5 = "postgres md5"


def pg_hba(text: str) -> str:
    """Return pg_hba.conf with least privilege: nobody is trusted, passwords by SCRAM, and TLS from other hosts."""
    return "".join(_rule(line) for line in text.splitlines(keepends=True))


def _rule(line: str) -> str:
    cells = line.split()
    if len(cells) < 4 or cells[0].startswith("#") or cells[0] not in {"local", "host", "hostssl"}:
        return line
    method = "peer" if cells[0] == "local" else "scram-sha-256"
    line = re.sub(r"\b(trust)\b(?=\s*(#.*)?$)", method, line.rstrip("\n")) + "\n"
    line = re.sub(r"\b(md5|password)\b(?=\s*(#.*)?$)", "scram-sha-256", line)
    return re.sub(r"^host\b", "hostssl", line) if cells[0] == "host" and cells[3] not in _LOOPBACK else line


def _postgres(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    for path in clusters(facts):
        yield Put(path=f"{path}/conf.d/60-vedette.conf", owner="postgres", group="postgres", mode=0o640,
                  text="# Written by Vedette.\npassword_encryption = 'scram-sha-256'\nssl_min_protocol_version = 'TLSv1.2'\nlog_connections = on\n")  # fmt: skip
        hba = facts.files.get(f"{path}/pg_hba.conf")
        if hba is None or hba.text is None or pg_hba(hba.text) == hba.text:
            continue
        if wanted.databases and not facts.says.get(_MD5, "").strip():
            yield Put(path=f"{path}/pg_hba.conf", text=pg_hba(hba.text), owner="", group="", mode=0o640)
        else:
            yield from _lines_told(f"{path}/pg_hba.conf", hba.text, facts)


def _lines_told(path: str, text: str, facts: Facts) -> Iterator[Note]:
    old = facts.says.get(_MD5, "").split()
    why = f" (first set the passwords of {', '.join(old)} anew: they are kept as MD5)" if old else ""
    for before, after in zip(text.splitlines(), pg_hba(text).splitlines(), strict=True):
        if before != after:
            yield Note(
                text=f"{path}: `{' '.join(before.split())}` should be `{' '.join(after.split())}`{why}; --databases writes it."
            )


def clusters(facts: Facts) -> list[str]:
    """Return the folders of PostgreSQL's clusters as Debian keeps them: /etc/postgresql/VERSION/CLUSTER."""
    return sorted(
        {
            path.rpartition("/")[0]
            for path in facts.files
            if re.fullmatch(r"/etc/postgresql/[^/]+/[^/]+/postgresql\.conf", path)
        }
    )


def _mysql(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    if "\nmysql:" not in facts.text("/etc/passwd") or "/etc/mysql/my.cnf" not in facts.files:
        return
    tls = "require-secure-transport = ON\n" if wanted.databases else ""
    yield Put(
        path=_MYSQL,
        text=f"# Written by Vedette. In force when the service starts the next time.\n[mysqld]\nlocal-infile = 0\nskip-symbolic-links\n{tls}",
    )
    if not wanted.databases:
        yield Note(
            text="MySQL takes connections without TLS: --databases writes require-secure-transport = ON."
        )


def _redis(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    found = facts.files.get(_REDIS)
    if found is None or found.text is None:
        return
    text = found.text
    for name in (*_REDIS_OFF, "protected-mode"):
        text = re.sub(rf"(?m)^{name}[ \t]+\S+", f"{name} {'yes' if name == 'protected-mode' else 'no'}", text)
    if not re.search(r"(?m)^(requirepass|aclfile|user)\b", text) and (
        outside := re.search(r"(?m)^bind[ \t]+(?!127\.|-?::1)(.+)$", text)
    ):
        if wanted.databases:
            text = text.replace(outside[0], "bind 127.0.0.1 -::1", 1)
        else:
            yield Note(
                text=f"Redis listens on {outside[1].strip()} and asks for no password: set requirepass, or --databases binds it to this host."
            )
    yield Put(path=_REDIS, text=text, mode=found.mode & 0o640, owner="", group="")


MEASURES: tuple[Measure, ...] = (
    Measure(id="db-postgres", title="PostgreSQL trusts nobody, keeps passwords by SCRAM and speaks TLS", checks=("db-postgres-hash",), steps=_postgres,
            reload=Service.POSTGRES),
    Measure(id="db-mysql", title="MySQL reads no files of clients", checks=("db-mysql-infile",), steps=_mysql),
    Measure(id="db-redis", title="Redis is protected", checks=("db-redis-protected", "db-redis-commands"), steps=_redis),
)  # fmt: skip
