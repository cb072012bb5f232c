"""Real databases on loopback, from Debian's packages: PostgreSQL, MariaDB and Redis, each with a user that checks sign in as."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Iterator

from tests.support.daemons import folder_of, program, running
from tests.support.ports import free_port

PASSWORD = "planted-password"

_HBA = """\
local all all trust
hostssl all tls all scram-sha-256
hostnossl all tls all reject
host all scram 127.0.0.1/32 scram-sha-256
host all monitor 127.0.0.1/32 scram-sha-256
host replication monitor 127.0.0.1/32 scram-sha-256
host all digest 127.0.0.1/32 md5
host all clear 127.0.0.1/32 password
"""
_ROLES = f"""\
CREATE ROLE scram LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE tls LOGIN PASSWORD '{PASSWORD}';
CREATE ROLE clear LOGIN PASSWORD '{PASSWORD}';
SET password_encryption = md5;
CREATE ROLE digest LOGIN PASSWORD '{PASSWORD}';
CREATE DATABASE shop OWNER scram;
RESET password_encryption;
CREATE ROLE monitor LOGIN REPLICATION PASSWORD '{PASSWORD}' IN ROLE pg_monitor;
"""


@contextlib.contextmanager
def postgres(*words: str) -> Iterator[int]:
    """PostgreSQL with a user for each way to sign in, named like it, and a database `shop`; `words` are settings (`a=b`)."""
    port, owner = free_port(), "nobody"
    with folder_of(owner) as folder:
        who = (
            {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}
            if os.getuid() == 0
            else {}
        )
        data = folder / "data"
        subprocess.run(
            [program("initdb"), "-D", data, "-U", "root", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "-N"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **who,
        )  # fmt: skip
        (data / "pg_hba.conf").write_text(_HBA)
        command = [
            program("postgres"), "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F", "-c", "ssl=on",
            "-c", f"ssl_cert_file={folder}/good.pem", "-c", f"ssl_key_file={folder}/good.pem", "-c", "shared_buffers=8MB",
            "-c", "shared_preload_libraries=pg_stat_statements", *(part for word in words for part in ("-c", word)),
        ]  # fmt: skip
        with running(list(map(str, command)), folder, [port], owner=owner):
            client = [
                program("psql"),
                "-h",
                str(folder),
                "-p",
                str(port),
                "-U",
                "root",
                "-d",
                "postgres",
                "-qX",
            ]
            for statement in _ROLES.split("\n"):
                subprocess.run([*client, "-c", statement], check=True)
            subprocess.run([*client, "-d", "shop", "-c", "CREATE EXTENSION pg_stat_statements"], check=True)
            yield port


@contextlib.contextmanager
def standby(primary: int) -> Iterator[int]:
    """A standby of a PostgreSQL on loopback, called `second`."""
    port, owner = free_port(), "nobody"
    with folder_of(owner) as folder:
        who = (
            {"user": owner, "group": pwd.getpwnam(owner).pw_gid, "extra_groups": []}
            if os.getuid() == 0
            else {}
        )
        where = f"host=127.0.0.1 port={primary} user=monitor password={PASSWORD} application_name=second"
        subprocess.run(
            [program("pg_basebackup"), "-d", where, "-D", folder / "data", "-R", "-X", "stream", "-c", "fast", "-N"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **who,
        )  # fmt: skip
        command = [
            program("postgres"), "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F",
            "-c", "shared_buffers=8MB", "-c", "wal_retrieve_retry_interval=200ms",
        ]  # fmt: skip
        with running(list(map(str, command)), folder, [port], owner=owner):
            yield port


_USERS = f"""\
CREATE DATABASE shop;
CREATE USER checks@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON shop.* TO checks@'%';
CREATE USER monitor@'%' IDENTIFIED BY '{PASSWORD}';
GRANT PROCESS, REPLICATION CLIENT, SLAVE MONITOR, REPLICATION SLAVE, REPLICATION SLAVE ADMIN ON *.* TO monitor@'%';
GRANT SELECT ON performance_schema.* TO monitor@'%';
CREATE USER tls@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL;
INSTALL SONAME 'auth_ed25519';
CREATE USER other@'%' IDENTIFIED VIA ed25519 USING PASSWORD('{PASSWORD}');
CREATE TABLE shop.orders (id INT, note VARCHAR(20)) ENGINE=InnoDB;
INSERT INTO shop.orders VALUES (1, NULL), (2, 'grün');
"""  # noqa: S608 - a password of the tests' own


@contextlib.contextmanager
def mariadb(*words: str) -> Iterator[int]:
    """MariaDB with users `checks`, `monitor`, `tls` and `other`, and a database `shop` with two orders."""
    port = free_port()
    with folder_of("") as folder:
        first = folder / "first.sql"
        first.write_text(_USERS, encoding="utf-8")
        me = pwd.getpwuid(os.getuid()).pw_name
        common = [
            "--no-defaults",
            f"--datadir={folder}/data",
            f"--user={me}",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-use-native-aio=0",  # what the kernel has of it is shared by all servers
        ]
        subprocess.run(
            [program("mariadb-install-db"), *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
            check=True, stdout=subprocess.DEVNULL, cwd=folder,
        )  # fmt: skip
        tls = [f"--ssl-ca={folder}/root.pem", f"--ssl-cert={folder}/good.pem", f"--ssl-key={folder}/good.pem"]
        command = [
            program("mariadbd"), *common, *tls, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/s.sock",
            f"--pid-file={folder}/pid", f"--init-file={first}", "--character-set-server=utf8mb4", "--innodb-buffer-pool-size=8M",
            "--performance-schema=ON", *words,
        ]  # fmt: skip
        with running(command, folder, [port]):
            yield port


@contextlib.contextmanager
def redis(*words: str, tls: bool = False) -> Iterator[int]:
    """Redis with words of its configuration; in TLS only with `tls`."""
    port = free_port()
    with folder_of("") as folder:
        secure = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
        secure += ["--tls-cert-file", f"{folder}/good.pem", "--tls-key-file", f"{folder}/good.pem", "--tls-ca-cert-file", f"{folder}/root.pem"]  # fmt: skip
        listens = secure if tls else ["--port", str(port)]
        command = [
            program("redis-server"),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(folder),
            *listens,
            *words,
        ]
        with running(command, folder, [port]):
            yield port
