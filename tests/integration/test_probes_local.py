"""Files and sockets of this machine: SQLite as it is, fakes of Docker's engine, and folders that are nobody's business."""

import asyncio
import contextlib
import json
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support import pki
from tests.support.looking import look, look_at, then_hangs_up, trusting
from tests.support.naughty import Naughty, read_request

from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Request, Standpoint

pytestmark = pytest.mark.xdist_group("kinds")
CONTAINERS = [
    {"Names": ["/shop"], "Image": "shop:1", "State": "running", "Status": "Up 3 hours (healthy)"},
    {"Names": ["/cart", "/shop/cart"], "Image": "cart:1", "State": "running", "Status": "Up 3 hours (unhealthy)"},
    {"Names": ["/old"], "Image": "old:1", "State": "exited", "Status": "Exited (137) 2 days ago"},
]  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    with contextlib.closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, note TEXT)")
        made.executemany("INSERT INTO orders (note) VALUES (?)", [("n" * 500,) for _ in range(300)])
    return path


def test_a_file_is_whole_and_asked(shop: Path) -> None:
    here = (str(shop.parent),)
    before = (shop.stat().st_mtime_ns, sorted(shop.parent.iterdir()))
    query = "SELECT COUNT(*) AS orders, NULL AS none, x'ff' AS raw FROM orders"
    found = look(
        f"sqlite://{shop}", "[BODY][0].orders == 300", "[BODY][0].raw == ff", folders=here, query=query
    )
    assert found.ok, found.sentence
    assert "is whole, 1 row;" in found.sentence
    assert look(f"sqlite://{shop}", folders=here, check=False).ok
    assert (shop.stat().st_mtime_ns, sorted(shop.parent.iterdir())) == before, "nothing was touched"


def test_a_damaged_file(shop: Path, tmp_path: Path) -> None:
    here = (str(tmp_path),)
    data = bytearray(shop.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    shop.write_bytes(data)
    assert look(f"sqlite://{shop}", folders=here).code == "damaged"
    (tmp_path / "text").write_text("no database at all" * 100)
    assert look(f"sqlite://{tmp_path}/text", folders=here).code == "damaged"
    assert look(f"sqlite://{tmp_path}/none.db", folders=here).code == "not-found"
    assert look(f"sqlite://{tmp_path}", folders=here).code == "not-found"


@pytest.mark.parametrize(
    "query",
    ["DELETE FROM orders", "ATTACH '/etc/passwd' AS p", "PRAGMA writable_schema = 1", "SELECT 1; SELECT 2", "VACUUM INTO '/tmp/x.db'",
     "SELECT load_extension('x')", "CREATE TEMP TABLE t (a)", "SELECT nothing FROM orders", "SELECT zeroblob(1000000000)"],
)  # fmt: skip
def test_what_does_more_than_read_is_refused(shop: Path, query: str) -> None:
    result = look(f"sqlite://{shop}", folders=(str(shop.parent),), query=query)
    assert result.code == "query-failed", result.sentence


@pytest.mark.parametrize(
    "query",
    [
        "SELECT length(zeroblob(100000))",
        "SELECT note FROM orders WHERE note LIKE '" + "%n" * 200 + "'",
        "SELECT " + ", ".join(["1"] * 300),
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n LIMIT 100) SELECT printf('%.*c', 20000, 'x') FROM n",
    ],
    ids=["length", "pattern", "columns", "sum"],
)
def test_what_asks_for_too_much_is_refused(shop: Path, query: str) -> None:
    found = look(f"sqlite://{shop}", folders=(str(shop.parent),), query=query)
    assert (found.code, len(found.sentence) < 600) == ("query-failed", True), found.sentence


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n"


def test_those_that_hang_take_no_threads_of_others(shop: Path) -> None:
    standpoint = Standpoint(folders=(str(shop.parent),))
    request = Request(url=f"sqlite://{shop}", options={"query": ENDLESS}, deadline=0.3)

    async def many() -> list[str]:
        found = await asyncio.gather(*(run(request, standpoint) for _ in range(8)))
        assert {one.code for one in found} == {"timeout-in-transfer"}
        return [thread.name.partition("_")[0] for thread in threading.enumerate()]

    names = asyncio.run(many())
    assert (1 <= names.count("sqlite-check") <= 4, "asyncio" in names) == (True, False)


def test_a_query_without_end_ends(shop: Path) -> None:
    result = look(f"sqlite://{shop}", folders=(str(shop.parent),), query=ENDLESS, deadline=0.3)
    assert result.code == "timeout-in-transfer"
    assert threading.active_count() < 50


def test_only_folders_that_are_allowed(shop: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.db").symlink_to(shop)
    for folders in ((), (str(inner),), (str(tmp_path) + "x",)):
        refused = look(f"sqlite://{shop}", folders=folders)
        assert (refused.code, "check_folders" in refused.sentence) == ("no-permission", True)
    assert look(f"sqlite://{inner}/link.db", folders=(str(inner),)).code == "no-permission", (
        "a link leads outside"
    )
    assert look(f"sqlite://{inner}/link.db", folders=(str(tmp_path),)).ok
    for url in (
        f"sqlite://{inner}/../shop.db",
        "sqlite://shop.db",
        "sqlite:///a%00b",
        f"sqlite://{inner}/%2e%2e/shop.db",
    ):
        assert look(url, folders=("/",)).code == "bad-target", url
    assert look("docker+unix:///var/run/docker.sock").code == "no-permission"


def http(body: bytes, status: str = "200 OK", *, chunks: bool = False) -> bytes:
    if not chunks:
        return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    half = len(body) // 2
    parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))
    return f"HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + parts


def engine(ping: bytes = http(b"OK"), listed: bytes | None = None) -> Callable[[socket.socket, bytes], None]:
    """Play Docker's engine as its documentation says."""
    answer = http(json.dumps(CONTAINERS).encode(), chunks=True) if listed is None else listed

    def script(connection: socket.socket, _: bytes) -> None:
        for path, said in (b"/_ping", ping), (b"/containers/json?all=1", answer):
            right = read_request(connection).startswith(b"GET %b HTTP/1.1" % path)
            connection.sendall(said if right else http(b"?", "404 Not Found"))
        then_hangs_up(b"")(connection, b"")

    return script


def test_docker_by_a_fake() -> None:
    found = look_at("docker", engine(), "len([BODY]) == 3", "[BODY][2].state == exited")
    assert (found.ok, "2 of 3 containers run" in found.sentence) == (True, True), found.sentence
    fine = look_at("docker", engine(), container="shop")
    assert (fine.ok, "Up 3 hours (healthy)" in fine.sentence) == (True, True)
    assert look_at("docker", engine(), container="cart").code == "not-serving"
    stopped = look_at("docker", engine(), container="old")
    assert (stopped.code, "Exited (137)" in stopped.sentence) == ("not-serving", True)
    assert look_at("docker", engine(), container="nobody").code == "not-found"


def test_docker_in_tls(tmp_path: Path) -> None:
    server = Naughty(engine(), pki.server_context(tmp_path, "mutual"), reads=False)
    client = pki.make("client", pki.root())
    shown = {"client_certificate": client.pem, "client_key": client.key_pem}
    good = look(f"docker://shop.test:{server.port}", tls=True, **trusting(), **shown)
    assert good.ok, good.sentence
    assert look(f"docker://shop.test:{server.port}", tls=True, **trusting()).code == "tls-client-certificate"
    server.close()


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listener.accept()
                with connection:
                    engine()(connection, b"")

        threading.Thread(target=serve, daemon=True).start()
        yield path


def test_docker_by_its_socket(sockets: Path) -> None:
    here = (str(sockets.parent),)
    found = look(f"docker+unix://{sockets}", "[IP] == " + str(sockets), folders=here, container="shop")
    assert found.ok, found.sentence
    assert look(f"docker+unix://{sockets}x", folders=here).code == "not-found"
    assert look(f"docker+unix://{sockets}", folders=here, tls=True).code == "bad-target"


NAUGHTY = {
    "refuses": (engine(http(b"no", "403 Forbidden")), "bad-status"),
    "not OK": (engine(http(b"MAYBE")), "bad-status"),
    "no list": (engine(listed=http(b"{}", "200 OK")), "bad-answer"),
    "no access": (engine(listed=http(b"{}", "500 Oops")), "bad-status"),
    "no length": (engine(b"HTTP/1.1 200 OK\r\n\r\nOK"), "bad-answer"),
    "too large": (engine(listed=b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"), "body-too-large"),
    "large chunk": (engine(listed=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n"), "body-too-large"),
    "length of many digits": (engine(listed=b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n"), "body-too-large"),
    "no text": (engine(listed=http(b'[{"State": "\xff"}]')), "bad-answer"),
    "nested": (engine(listed=http(b'[{"x": ' + b"[" * 100_000)), "bad-answer"),
    "bad chunks": (engine(listed=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), "bad-answer"),
    "no HTTP": (engine(b"SSH-2.0-x\r\n\r\n"), "bad-answer"),
    "gone": (then_hangs_up(b""), "closed-early"),
}  # fmt: skip


@pytest.mark.parametrize("name", NAUGHTY)
def test_engines_that_do_not_behave(name: str) -> None:
    script, code = NAUGHTY[name]
    result = look_at("docker", script)
    assert result.code == code, result.sentence
