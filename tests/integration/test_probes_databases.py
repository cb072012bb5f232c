"""PostgreSQL, MariaDB and Redis as they are; fakes for what Debian's do not do: MySQL's caching_sha2_password, and bad manners."""

import hashlib
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from tests.support import databases
from tests.support.databases import PASSWORD
from tests.support.looking import Script, look, look_at, then_hangs_up, then_listens, trusting

from vedette.instruments.probe.mysql import wire
from vedette.instruments.probe.postgres import wire as pg
from vedette.instruments.probe.types import Result

pytestmark = pytest.mark.xdist_group("kinds")
AS: dict[str, Any] = {"user": "scram", "password": PASSWORD}


@pytest.fixture(scope="module")
def redis() -> Iterator[int]:
    with databases.redis("--requirepass", PASSWORD) as port:
        yield port


@pytest.mark.parametrize("way", ["scram", "digest"])
def test_postgres_is_asked(postgres: int, way: str) -> None:
    query = "SELECT 7 AS orders, NULL AS nothing, 'grün' AS \"a b\""
    found = look(
        f"postgres://shop.test:{postgres}/shop", "[BODY][0].orders < 10", '[BODY][0]["a b"] == grün', "[CONNECTED]",
        "[HEADER].in_hot_standby == off", user=way, password=PASSWORD, query=query,
    )  # fmt: skip
    assert found.ok, found.sentence
    assert re.search(r"is PostgreSQL \d+\.\d+ and answered the query with 1 row in", found.sentence)
    assert None not in {found.phases.connect, found.phases.first_byte, found.phases.transfer}
    assert found.evidence.body == '[{"orders":"7","nothing":null,"a b":"grün"}]'


def test_postgres_in_tls(postgres: int) -> None:
    url = f"postgresql://shop.test:{postgres}/postgres"
    secure = look(
        url, "[CERTIFICATE_EXPIRATION] > 24h", user="tls", password=PASSWORD, tls=True, **trusting()
    )
    assert secure.ok, secure.sentence
    assert look(url, user="tls", password=PASSWORD, tls=True).code == "tls-untrusted"
    assert look(url, user="clear", password=PASSWORD, tls=True, **trusting()).ok
    clear = look(url, user="clear", password=PASSWORD)
    assert (clear.code, "set tls" in clear.sentence) == ("login-refused", True)
    assert look(url, user="tls", password=PASSWORD).code == "login-refused"


def test_what_postgres_refuses(postgres: int) -> None:
    url = f"postgres://shop.test:{postgres}/shop"
    wrong = look(url, user="scram", password="planted-wrong")
    assert (wrong.code, "planted-wrong" in repr(wrong)) == ("login-refused", False), wrong.sentence
    assert look(f"postgres://shop.test:{postgres}/nowhere", **AS).code == "not-found"
    assert look(url, query="SELECT * FROM nothing", **AS).code == "not-found"
    for query in (
        "CREATE TABLE t (a int)",
        "SELECT 1; SELECT 2",
        "SELEC",
        "COPY (SELECT 1) TO STDOUT",
        "SELECT nextval('s')",
    ):
        assert look(url, query=query, **AS).code in {"query-failed", "not-found"}, query
    writes = "DO $$ BEGIN SET LOCAL transaction_read_only = off; CREATE TABLE sneaked (a int); END $$"
    for query in (writes, "SET TRANSACTION READ WRITE"):
        assert look(url, query=query, **AS).code == "query-failed", query
    many = look(url, "len([BODY]) == 100", query="SELECT generate_series(1, 5000) AS n", **AS)
    assert (many.ok, "100 rows or more" in many.sentence) == (True, True), many.sentence
    slow = look(url, deadline=0.3, query="SELECT pg_sleep(30)", **AS)
    assert slow.code in {"query-failed", "timeout-in-transfer"}
    assert look(f"postgres://shop.test:{postgres}", query="", **AS).code == "bad-target"


def test_mariadb_is_asked(mariadb: int) -> None:
    found = look(
        f"mysql://shop.test:{mariadb}/shop", "len([BODY]) == 2", "[BODY][1].note == grün", user="checks", password=PASSWORD,
        query="SELECT id, note FROM orders ORDER BY id",
    )  # fmt: skip
    assert found.ok, found.sentence
    assert re.search(r"is MariaDB \d+\.\d+\.\d+ and answered the query with 2 rows in", found.sentence)
    assert found.evidence.body.startswith('[{"id":"1","note":null}')


def test_mariadb_in_tls(mariadb: int) -> None:
    url = f"mariadb://shop.test:{mariadb}"
    secure = look(
        url, "[CERTIFICATE_EXPIRATION] > 24h", user="tls", password=PASSWORD, tls=True, **trusting()
    )
    assert secure.ok, secure.sentence
    assert look(url, user="tls", password=PASSWORD, tls=True).code == "tls-untrusted"
    assert look(url, user="tls", password=PASSWORD).code == "login-refused"


def test_what_mariadb_refuses(mariadb: int) -> None:
    url, who = f"mysql://shop.test:{mariadb}/shop", {"user": "checks", "password": PASSWORD}
    wrong = look(url, user="checks", password="planted-wrong")
    assert (wrong.code, "planted-wrong" in repr(wrong)) == ("login-refused", False), wrong.sentence
    other = look(url, user="other", password=PASSWORD)
    assert (other.code, "client_ed25519" in other.sentence) == ("login-refused", True), other.sentence
    assert look(url, query="SELECT * FROM nothing", **who).code == "not-found"
    for query in ("SELECT 1; SELECT 2", "SELECT", "WITH a AS (SELECT 1) SELECT nothing FROM a"):
        assert look(url, query=query, **who).code == "query-failed", query
    for query in (
        "DROP TABLE orders",
        "DELETE FROM orders",
        "/*! DROP TABLE orders */",
        "CALL x()",
        "SELECTED",
    ):
        assert look(url, query=query, **who).code == "bad-target", query
    into = look(url, query="SELECT id FROM orders WHERE id = 1 FOR UPDATE", **who)
    assert into.code in {"", "query-failed"}
    assert look(url, "[BODY][0].n == 2", query="SELECT COUNT(*) AS n FROM orders", **who).ok, (
        "nothing was deleted"
    )
    assert look(url, deadline=0.3, query="SELECT SLEEP(30)", **who).code in {
        "",
        "query-failed",
        "timeout-in-transfer",
    }


def mysql(auth: Script, version: bytes = b"8.0.36") -> Script:
    """Play MySQL 8 up to its greeting, which asks for caching_sha2_password with the nonce 'n' * 20."""
    body = (
        b"\x0a"
        + version
        + b"\0"
        + bytes(4)
        + b"n" * 8
        + b"\0"
        + b"\xff\xf7\x2d\x02\x00\xff\xdf\x15"
        + bytes(10)
    )
    greeting = body + b"n" * 12 + b"\0caching_sha2_password\0"

    def script(connection: socket.socket, request: bytes) -> None:
        connection.sendall(wire.packet(greeting, 0))
        auth(connection, connection.recv(4096))

    return script


def knows(connection: socket.socket, response: bytes) -> None:
    """Check the proof as MySQL's documentation says, be quick about it, and answer queries with OK."""
    once = hashlib.sha256(PASSWORD.encode()).digest()
    mixed = hashlib.sha256(hashlib.sha256(once).digest() + b"n" * 20).digest()
    right = bytes(a ^ b for a, b in zip(once, mixed, strict=True))
    if right not in response:
        connection.sendall(wire.packet(b"\xff\x15\x04#28000Access denied", 2))
        return
    connection.sendall(wire.packet(b"\x01\x03", 2) + wire.packet(b"\0\0\0\2\0\0\0", 3))
    while connection.recv(4096):
        connection.sendall(wire.packet(b"\0\0\0\2\0\0\0", 1))


def test_caching_sha2_password_by_a_fake() -> None:
    who = {"user": "checks", "password": PASSWORD}
    good = look_at("mysql", mysql(knows), **who)
    assert (good.ok, "is MySQL 8.0.36" in good.sentence) == (True, True), good.sentence
    assert look_at("mysql", mysql(knows), user="checks", password="wrong").code == "login-refused"
    full = look_at("mysql", mysql(lambda c, _: then_listens(wire.packet(b"\x01\x04", 2))(c, b"")), **who)
    assert (full.code, "set tls" in full.sentence) == ("login-refused", True), full.sentence


def test_redis_is_asked(redis: int) -> None:
    found = look(
        f"redis://shop.test:{redis}/3",
        "[HEADER].role == master",
        "[BODY] contains used_memory",
        password=PASSWORD,
    )
    assert found.ok, found.sentence
    assert re.search(r"answers PING and is Redis \d+\.\d+\.\d+ \(master\) in", found.sentence)
    assert look(f"redis://shop.test:{redis}").code == "login-refused"
    wrong = look(f"redis://shop.test:{redis}", password="planted-wrong")
    assert (wrong.code, "planted-wrong" in repr(wrong)) == ("login-refused", False), wrong.sentence
    assert look(f"redis://shop.test:{redis}/999", password=PASSWORD).code == "query-failed"


def test_redis_in_tls_and_a_replica_without_its_master(redis: int) -> None:
    with databases.redis("--replicaof", "127.0.0.1", "1", tls=True) as port:
        lost = look(f"rediss://shop.test:{port}", **trusting())
        assert (lost.code, "lost its master" in lost.sentence) == ("not-serving", True), lost.sentence
        assert look(f"rediss://shop.test:{port}").code == "tls-untrusted"


PG_READY = pg.message(b"R", bytes(4)) + 2 * pg.message(b"Z", b"I")  # signed in, and in a transaction
PG_COLUMN = pg.message(b"T", b"\0\x01a\0" + bytes(18))
PG_ROW = pg.message(b"D", b"\0\x01\0\0\0\x011")
PG_WORDY = pg.message(b"E", b"C42501\0M" + b"a" * 295 + PASSWORD.encode() + b"\0\0")
MY_READY = wire.packet(b"\x0a8.0\0" + bytes(12) + b"\0\0\xff" + bytes(40), 0) + wire.packet(b"\0\0\0", 2)


NAUGHTY: dict[str, tuple[str, bytes, str]] = {
    "postgres, more rows": ("postgres", PG_READY + PG_COLUMN + PG_ROW * 101 + pg.message(b"Z", b"I"), "bad-answer"),
    "postgres, described twice": ("postgres", PG_READY + PG_COLUMN * 2 + pg.message(b"Z", b"I"), "bad-answer"),
    "postgres, parameters": ("postgres", b"".join(pg.message(b"S", b"p%d\0a\0" % n) for n in range(200)), "bad-answer"),
    "postgres, without end": ("postgres", pg.message(b"N", bytes(1_000_000)) * 6, "body-too-large"),
    "postgres, columns cut": ("postgres", PG_READY + pg.message(b"T", b"\xff\xff" + b"a\0" + bytes(18)), "bad-answer"),
    "postgres, a secret at the cut": ("postgres", PG_WORDY, "query-failed"),
    "postgres, is http": ("postgres", b"HTTP/1.1 400 Bad Request\r\n\r\n", "bad-answer"),
    "postgres, starting": ("postgres", b"E\0\0\0\x16SFATAL\0C57P03\0M..\0\0", "not-serving"),
    "postgres, kerberos": ("postgres", b"R\0\0\0\x08\0\0\0\x07", "login-refused"),
    "postgres, other sasl": ("postgres", b"R\0\0\0\x0d\0\0\0\x0aXYZ\0\0", "login-refused"),
    "postgres, bad scram": ("postgres", b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0R\0\0\0\x0d\0\0\0\x0br=abc", "bad-answer"),
    "postgres, huge": ("postgres", b"R\xff\xff\xff\xff", "bad-answer"),
    "mysql, busy": ("mysql", wire.packet(b"\xff\x10\x04Too many connections", 0), "not-serving"),
    "mysql, is http": ("mysql", b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(2_000_000), "bad-answer"),
    "mysql, cut": ("mysql", wire.packet(b"\x0a8.0\0", 0), "bad-answer"),
    "mysql, empty": ("mysql", wire.packet(b"", 0), "bad-answer"),
    "redis, is http": ("redis", b"HTTP/1.1 400 Bad Request\r\n\r\n", "bad-answer"),
    "redis, loading": ("redis", b"-LOADING Redis is loading the dataset in memory\r\n", "not-serving"),
    "redis, full": ("redis", b"-ERR max number of clients reached\r\n", "not-serving"),
    "redis, huge": ("redis", b"+PONG\r\n$999999999\r\n", "bad-answer"),
    "redis, no number": ("redis", b"+PONG\r\n$" + b"9" * 5_000 + b"\r\n", "bad-answer"),
    "mysql, rows for SET": ("mysql", MY_READY + wire.packet(b"\xfe", 1), "bad-answer"),
    "mysql, rows for START": ("mysql", MY_READY + wire.packet(b"\0\0\0", 1) + wire.packet(b"\x02", 1), "bad-answer"),
    "mysql, hangs up at SET": ("mysql", MY_READY + wire.packet(b"", 1), "bad-answer"),
    "redis, secretive": ("redis", b"+PONG\r\n-NOPERM no INFO for you\r\n", ""),
}  # fmt: skip


def naughty(name: str, say: Any = then_listens) -> Result:
    scheme, said, _ = NAUGHTY[name]
    return look_at(scheme, say(said), **({} if scheme == "redis" else AS))


@pytest.mark.parametrize("name", NAUGHTY)
def test_databases_that_do_not_behave(name: str) -> None:
    result = naughty(name)
    assert result.code == NAUGHTY[name][2], result.sentence
    assert (len(result.sentence) < 400, PASSWORD[:4] in result.sentence) == (True, False)


def test_many_columns_are_read_in_one_go() -> None:
    column = b"\0" + bytes(18)
    assert len(pg.columns(b"\xff\xff" + column * 65_535)) == 65_535


@pytest.mark.parametrize("scheme", ["postgres", "mysql", "redis"])
def test_databases_that_hang_up(scheme: str) -> None:
    assert look_at(scheme, then_hangs_up(b""), **({} if scheme == "redis" else AS)).code == "closed-early"
