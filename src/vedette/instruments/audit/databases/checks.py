"""Where databases listen, and whom they let in without asking: read from their own files."""

import re
from collections.abc import Mapping

from vedette.instruments.audit.asking import (
    bad_ones,
    lines,
    names_or,
    needed,
    said,
    settings,
    text_or,
    there,
)
from vedette.instruments.audit.types import Check, NotApplicable, Verdict
from vedette.instruments.live.types import Live

_LOCAL = ("127.", "::1", "localhost", "/", "-::1")
_REDIS = "/etc/redis/redis.conf"


def _postgres(live: Live, name: str) -> list[tuple[str, str]]:
    """Return the file of that name of every cluster, as Debian keeps them: /etc/postgresql/VERSION/CLUSTER."""
    top = "/etc/postgresql"
    paths = [f"{top}/{v}/{c}/{name}" for v in names_or(live, top) for c in names_or(live, f"{top}/{v}")]
    found = [(path, needed(live, path, "PostgreSQL")) for path in paths]
    if not found:
        raise NotApplicable("PostgreSQL is not on this host.")
    return found


def _pg_settings(live: Live) -> list[tuple[str, Mapping[str, str]]]:
    return [
        (path, {k: v.split("#")[0].strip().strip("'") for k, v in settings(text).items()})
        for path, text in _postgres(live, "postgresql.conf")
    ]


def _is_local(address: str) -> bool:
    return address.strip().startswith(_LOCAL)


def _pg_listens(live: Live) -> list[Verdict]:
    bad = []
    for path, told in _pg_settings(live):
        addresses = [one for one in told.get("listen_addresses", "localhost").split(",") if one.strip()]
        bad += [(path, f"listen_addresses = {one.strip()}") for one in addresses if not _is_local(one)]
    return bad_ones(bad, "it listens on this host alone")


def _pg_rules(live: Live) -> list[tuple[str, list[str]]]:
    """Return the lines of pg_hba.conf: type, database, user, address (none for local), method."""
    return [(path, line.split()) for path, text in _postgres(live, "pg_hba.conf") for line in lines(text)]


def _method(cells: list[str]) -> str:
    """Return the method: after the address, or after address and mask where they are apart."""
    if cells[0] == "local":
        return cells[3] if len(cells) > 3 else ""
    at = 5 if len(cells) > 5 and re.fullmatch(r"[\d.]+|[0-9a-f:]+", cells[4]) else 4
    return cells[at] if len(cells) > at else ""


def _pg_trust(live: Live) -> list[Verdict]:
    bad = [(path, " ".join(cells)) for path, cells in _pg_rules(live) if _method(cells) == "trust"]
    return bad_ones(bad, "a password or the system vouches for each")


def _pg_plain(live: Live) -> list[Verdict]:
    bad = [
        (path, " ".join(cells))
        for path, cells in _pg_rules(live)
        if _method(cells) in {"password", "md5", "ident"} and cells[0] != "local"
    ]
    return bad_ones(bad, "scram-sha-256 or better")


def _pg_everybody(live: Live) -> list[Verdict]:
    bad = [(path, " ".join(cells)) for path, cells in _pg_rules(live) if len(cells) > 3 and cells[0].startswith("host") and cells[0] != "hostssl"
           and (cells[3] in {"0.0.0.0/0", "::/0", "all"})]  # fmt: skip
    return bad_ones(bad, "no rule is for every address without TLS")


def _pg_hash(live: Live) -> list[Verdict]:
    bad = [
        (path, f"password_encryption = {told['password_encryption']}")
        for path, told in _pg_settings(live)
        if told.get("password_encryption", "scram-sha-256") not in {"scram-sha-256", "on"}
    ]
    return bad_ones(bad, "scram-sha-256")


def _pg_modes(live: Live) -> list[Verdict]:
    bad = []
    for path, _ in _postgres(live, "pg_hba.conf"):
        found = live.status(path)
        if found.mode & 0o037:
            bad.append((path, f"mode {found.mode:04o}"))
    return bad_ones(bad, "not for everybody")


def _mysql(live: Live) -> Mapping[str, str]:
    """Return the settings of the server's groups; the last of a key counts."""
    files = ["/etc/mysql/my.cnf"]
    for folder in ("/etc/mysql/conf.d", "/etc/mysql/mysql.conf.d", "/etc/mysql/mariadb.conf.d"):
        files += [f"{folder}/{name}" for name in names_or(live, folder) if name.endswith(".cnf")]
    if "\nmysql:" not in text_or(live, "/etc/passwd") or not any(text_or(live, one) for one in files):
        raise NotApplicable("MySQL is not on this host.")
    found: dict[str, str] = {}
    for path in files:
        found |= _groups(text_or(live, path))
    return found


def _groups(text: str) -> dict[str, str]:
    found, ours = {}, False
    for line in lines(text):
        if line.startswith("["):
            ours = line.strip("[]") in {"mysqld", "server", "mariadb", "mariadbd"} or line.startswith(
                ("[mysqld-", "[mariadb-")
            )
        elif ours and not line.startswith(("!", ";")):
            key, _, value = line.partition("=")
            found[key.strip().lower().replace("_", "-")] = value.split("#")[0].strip().strip("'\"")
    return found


def _my_listens(live: Live) -> list[Verdict]:
    told = _mysql(live)
    if "skip-networking" in told and told["skip-networking"].lower() not in {"0", "off"}:
        return said(True, "it has no port")
    address = told.get("bind-address", "*")
    return said(_is_local(address), f"bind-address = {address}")


def _my_grants(live: Live) -> list[Verdict]:
    told = _mysql(live)
    found = "skip-grant-tables" in told and told["skip-grant-tables"].lower() not in {"0", "off"}
    return said(not found, "skip-grant-tables lets everybody in" if found else "it asks who it is")


def _my_files(live: Live) -> list[Verdict]:
    told = _mysql(live).get("local-infile", "")
    return said(told.lower() in {"0", "off"}, f"local-infile = {told or 'not set'}")


def _my_secure(live: Live) -> list[Verdict]:
    told = _mysql(live)
    value = told.get("secure-file-priv")
    return said(
        value is None or value != "",
        "secure-file-priv is empty: SQL reads and writes any file" if value == "" else "bounded",
    )


def _redis(live: Live) -> dict[str, list[str]]:
    text = needed(live, _REDIS, "Redis")
    found: dict[str, list[str]] = {}
    for line in lines(text):
        key, _, value = line.partition(" ")
        found.setdefault(key.lower(), []).append(value.strip().strip('"'))
    return found


def _redis_listens(live: Live) -> list[Verdict]:
    told = _redis(live)
    if told.get("port", ["6379"])[-1] == "0":
        return said(True, "it has no port")
    addresses = told.get("bind", ["*"])[-1].split()
    bad = [one for one in addresses if not _is_local(one)]
    return said(not bad, f"bind {' '.join(addresses)}")


def _redis_protected(live: Live) -> list[Verdict]:
    value = _redis(live).get("protected-mode", ["yes"])[-1]
    return said(value == "yes", f"protected-mode {value}")


def _redis_password(live: Live) -> list[Verdict]:
    told = _redis(live)
    local = all(_is_local(one) for one in told.get("bind", ["*"])[-1].split())
    asked = "requirepass" in told or "aclfile" in told or "user" in told
    return said(
        asked or local,
        "a password is asked for"
        if asked
        else "this host alone reaches it"
        if local
        else "no password is asked for",
    )


def _redis_dangerous(live: Live) -> list[Verdict]:
    told = _redis(live)
    bad = [
        key
        for key in ("enable-protected-configs", "enable-debug-command", "enable-module-command")
        if told.get(key, ["no"])[-1] not in {"no", "local"}
    ]
    return said(not bad, f"{bad[0]} yes" if bad else "commands that write files are off")


def _mongo(live: Live) -> list[Verdict]:
    text = needed(live, "/etc/mongod.conf", "MongoDB")
    found = re.search(r"(?m)^[ \t]*bindIp(All)?:\s*(.+)$", text)
    addresses = found[2].strip().strip("[]\"'").split(",") if found else ["127.0.0.1"]
    bad = [one for one in addresses if not _is_local(one.strip())]
    return said(not bad, f"bindIp {', '.join(addresses)}")


def _mongo_asks(live: Live) -> list[Verdict]:
    fine = bool(
        re.search(r"(?m)^[ \t]*authorization:\s*[\"']?enabled", needed(live, "/etc/mongod.conf", "MongoDB"))
    )
    return said(fine, "authorization is enabled" if fine else "authorization is not enabled")


def _memcached(live: Live) -> list[Verdict]:
    found = [
        line.split()[-1]
        for line in lines(needed(live, "/etc/memcached.conf", "memcached"))
        if line.startswith("-l")
    ]
    bad = [one for one in found if not _is_local(one)]
    return said(bool(found) and not bad, f"-l {', '.join(found) or '(every address)'}")


def _elastic(live: Live) -> list[Verdict]:
    text = needed(live, "/etc/elasticsearch/elasticsearch.yml", "Elasticsearch")
    off = re.search(r"(?m)^[ \t]*xpack\.security\.enabled:\s*false", text)
    return said(not off, "xpack.security.enabled: false" if off else "it asks who it is")


def _histories(live: Live) -> list[Verdict]:
    bad = []
    for line in needed(live, "/etc/passwd", "A list of users").splitlines():
        home = line.split(":")[5] if line.count(":") == 6 else ""
        for name in (
            (".psql_history", ".mysql_history", ".rediscli_history", ".dbshell")
            if home.startswith(("/root", "/home"))
            else ()
        ):
            path = f"{home}/{name}"
            if there(live, path) and live.status(path).mode & 0o077:
                bad.append((path, f"mode {live.status(path).mode:04o}"))
    return bad_ones(bad, "none, or their owners' alone")


_HBA = "/etc/postgresql/*/*/pg_hba.conf"
_CONF = "/etc/postgresql/*/*/postgresql.conf"
_MY = "/etc/mysql"
CHECKS: tuple[Check, ...] = (
    Check(id="db-postgres-listens", title="PostgreSQL listens on this host alone", risk=7, reads=_CONF, look=_pg_listens,
          why="Passwords of a database that is reached from anywhere are guessed all day.", fix="listen_addresses = 'localhost', or the address of a private network and a waiver"),
    Check(id="db-postgres-trust", title="PostgreSQL trusts nobody without asking", risk=9, reads=_HBA, look=_pg_trust,
          why="trust lets in as anybody, also as postgres.", fix="scram-sha-256 or peer instead of trust, then systemctl reload postgresql"),
    Check(id="db-postgres-plain", title="PostgreSQL asks for passwords by SCRAM", risk=5, reads=_HBA, look=_pg_plain,
          why="password sends it in clear; md5 is replayed by who has the hash.", fix="scram-sha-256 instead of md5; set the passwords anew"),
    Check(id="db-postgres-everybody", title="PostgreSQL lets nobody in from everywhere without TLS", risk=7, reads=_HBA, look=_pg_everybody,
          why="What is asked and answered is read on the way.", fix="hostssl, and the network that needs it, instead of host … 0.0.0.0/0"),
    Check(id="db-postgres-hash", title="PostgreSQL keeps passwords by SCRAM", risk=4, reads=_CONF, look=_pg_hash,
          why="md5 hashes are tried by the billion a second, and are as good as the password.", fix="password_encryption = 'scram-sha-256'; set the passwords anew"),
    Check(id="db-postgres-files", title="PostgreSQL's rules are not for everybody", risk=3, reads=_HBA, look=_pg_modes,
          why="They tell whom to be, and from where.", fix="chown postgres:postgres FILE && chmod 0640 FILE"),
    Check(id="db-mysql-listens", title="MySQL listens on this host alone", risk=7, reads=_MY, look=_my_listens,
          why="Passwords of a database that is reached from anywhere are guessed all day.", fix="bind-address = 127.0.0.1"),
    Check(id="db-mysql-grants", title="MySQL asks who it is", risk=10, reads=_MY, look=_my_grants,
          why="skip-grant-tables is left behind after a password was forgotten.", fix="Take skip-grant-tables out and restart."),
    Check(id="db-mysql-infile", title="MySQL takes no files from clients", risk=3, reads=_MY, look=_my_files,
          why="LOAD DATA LOCAL lets a server read files of the application.", fix="local-infile = 0 below [mysqld]"),
    Check(id="db-mysql-files", title="SQL does not read and write any file", risk=5, reads=_MY, look=_my_secure,
          why="One injection in an application writes a web shell.", fix="secure-file-priv = /var/lib/mysql-files, or NULL"),
    Check(id="db-redis-listens", title="Redis listens on this host alone", risk=8, reads=_REDIS, look=_redis_listens,
          why="Who reaches Redis writes files: keys for SSH, lines for cron.", fix="bind 127.0.0.1 -::1"),
    Check(id="db-redis-protected", title="Redis is in protected mode", risk=7, reads=_REDIS, look=_redis_protected,
          why="Without it and without a password everybody is let in.", fix="protected-mode yes"),
    Check(id="db-redis-password", title="Redis asks for a password where others reach it", risk=8, reads=_REDIS, look=_redis_password,
          why="Who reaches Redis writes files: keys for SSH, lines for cron.", fix="requirepass, or users by ACL"),
    Check(id="db-redis-commands", title="Redis runs no dangerous commands", risk=5, reads=_REDIS, look=_redis_dangerous,
          why="MODULE LOAD runs any code; CONFIG SET dir writes any file.", fix="enable-module-command no, enable-protected-configs no, enable-debug-command no"),
    Check(id="db-mongo-listens", title="MongoDB listens on this host alone", risk=8, reads="/etc/mongod.conf", look=_mongo,
          why="Open ones are emptied and held to ransom within hours.", fix="net.bindIp: 127.0.0.1"),
    Check(id="db-mongo-asks", title="MongoDB asks who it is", risk=9, reads="/etc/mongod.conf", look=_mongo_asks,
          why="Without authorization whoever reaches it is administrator.", fix="security.authorization: enabled"),
    Check(id="db-memcached-listens", title="memcached listens on this host alone", risk=7, reads="/etc/memcached.conf", look=_memcached,
          why="It asks for no password, and amplifies attacks by fifty thousand.", fix="-l 127.0.0.1"),
    Check(id="db-elasticsearch-asks", title="Elasticsearch asks who it is", risk=8, reads="/etc/elasticsearch/elasticsearch.yml", look=_elastic,
          why="Open ones are emptied and held to ransom within hours.", fix="xpack.security.enabled: true"),
    Check(id="db-histories", title="Histories of database shells are their owners' alone", risk=3, reads="~/.psql_history, ~/.mysql_history", look=_histories,
          why="CREATE USER … PASSWORD stands in them.", fix="chmod 600 ~/.*_history"),
)  # fmt: skip
