from tests.support.hardening.hosts import Pair, host, made, pair

from vedette.instruments.live.memory import MemoryLive

CLUSTER = "/etc/postgresql/15/main"
HBA = "local all postgres peer\nhost all all 127.0.0.1/32 scram-sha-256\n"
REDIS, MONGO = "/etc/redis/redis.conf", "/etc/mongod.conf"
USERS = {"/etc/passwd": "root:x:0:0::/root:/bin/sh\nmysql:x:105:113::/nonexistent:/bin/false\n"}


def conf(text: str) -> MemoryLive:
    return host({f"{CLUSTER}/postgresql.conf": text})


def hba(line: str, mode: int = 0o640) -> MemoryLive:
    return host({f"{CLUSTER}/pg_hba.conf": made(HBA + line, mode)})


def mysql(line: str) -> MemoryLive:
    return host(
        {
            **USERS,
            "/etc/mysql/my.cnf": "[client]\nport=3306\n",
            "/etc/mysql/mariadb.conf.d/50-server.cnf": f"[mysqld]\n{line}\n",
        }
    )


def redis(good: str, bad: str) -> Pair:
    return pair(REDIS, good, bad)


EXAMPLES: dict[str, Pair] = {
    "db-postgres-listens": (conf("listen_addresses = 'localhost'\t# here\n"), conf("listen_addresses = '*'\n")),
    "db-postgres-trust": (hba(""), hba("host all all 10.0.0.0 255.0.0.0 trust\n")),
    "db-postgres-plain": (hba("local all all md5\n"), hba("hostssl all all 10.0.0.0/8 md5\n")),
    "db-postgres-everybody": (hba("hostssl all all 0.0.0.0/0 scram-sha-256\n"), hba("host all all 0.0.0.0/0 scram-sha-256\n")),
    "db-postgres-hash": (conf("# nothing\n"), conf("password_encryption = md5\n")),
    "db-postgres-files": (hba("", 0o640), hba("", 0o644)),
    "db-mysql-listens": (mysql("bind-address = 127.0.0.1"), mysql("bind_address=0.0.0.0")),
    "db-mysql-grants": (mysql("bind-address = 127.0.0.1"), mysql("skip-grant-tables")),
    "db-mysql-infile": (mysql("local-infile = 0"), mysql("local-infile = 1")),
    "db-mysql-files": (mysql("secure_file_priv = /var/lib/mysql-files"), mysql('secure-file-priv = ""')),
    "db-redis-listens": redis("bind 127.0.0.1 -::1\n", "# bind 127.0.0.1\nport 6379\n"),
    "db-redis-protected": redis("protected-mode yes\n", "protected-mode no\n"),
    "db-redis-password": redis("bind 0.0.0.0\nrequirepass s3cret\n", "bind 0.0.0.0\n"),
    "db-redis-commands": redis("enable-module-command no\n", "enable-module-command yes\n"),
    "db-mongo-listens": pair(MONGO, "net:\n  bindIp: 127.0.0.1\n", "net:\n  bindIp: 127.0.0.1,0.0.0.0\n"),
    "db-mongo-asks": pair(MONGO, "security:\n  authorization: enabled\n", "net:\n  port: 27017\n"),
    "db-memcached-listens": pair("/etc/memcached.conf", "-l 127.0.0.1\n", "-m 64\n"),
    "db-elasticsearch-asks": pair("/etc/elasticsearch/elasticsearch.yml", "cluster.name: x\n", "xpack.security.enabled: false\n"),
    "db-histories": (host({"/etc/passwd": "anna:x:1000:1000::/home/anna:/bin/sh\n", "/home/anna/.psql_history": made(mode=0o600)}), host({"/etc/passwd": "anna:x:1000:1000::/home/anna:/bin/sh\n", "/home/anna/.psql_history": made(mode=0o644)})),
}  # fmt: skip
