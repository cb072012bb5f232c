"""A full disk and locked databases: 503 with Retry-After, nothing acknowledged is lost, and all is well again without a restart."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.server import VEDETTE, Vedette

pytestmark = pytest.mark.timeout(180)
SMALL = 48  # MiB of the small disk


def post(server: Vedette, event: dict) -> tuple[int, dict[str, str]]:
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={server.project.key}, sentry_version=7"}
    status, answer, _ = server.request(
        "POST", f"/api/{server.project.id}/store/", json.dumps(event).encode(), headers
    )
    return status, answer


@pytest.fixture
def on_a_small_disk(start_vedette, tmp_path: Path) -> tuple[Vedette, Path]:
    """A server whose data lie on a disk of their own (a tmpfs in its own mount namespace), and that disk's path."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = start_vedette(data=tmp_path / "seed", wait=False)
    assert made.token  # made on the ordinary disk, then taken along
    script = (
        f"mount -t tmpfs -o size={SMALL}m tmpfs {disk} && cp -a {made.data} {disk}/data && exec {VEDETTE} up"
    )
    made.command, made.data = ["unshare", "-rm", "sh", "-c", script], disk / "data"
    made.start()
    return made, Path(f"/proc/{made.pids()[0]}/root{disk}")


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            pass
    return filler


def test_a_full_disk_is_told_and_outlived(on_a_small_disk: tuple[Vedette, Path]) -> None:
    server, disk = on_a_small_disk
    acked = [server.send({"message": f"before {n}"}) for n in range(5)]
    filler = fill(disk)
    statuses = [post(server, {"message": "during", "extra": {"x": "y" * 200_000}}) for _ in range(20)]
    assert any(status == 503 for status, _ in statuses), statuses
    assert all("retry-after" in headers for status, headers in statuses if status == 503)
    assert {status for status, _ in statuses} <= {200, 503}
    assert server.request("GET", "/-/health")[0] == 200
    filler.unlink()
    server.wait(lambda: post(server, {"message": "after"})[0] == 200, 30)
    server.wait(lambda: shown(server) >= {*acked}, 30)


def shown(server: Vedette) -> set[str]:
    ids = set()
    for issue in server.issues():
        _, page = server.api("GET", f"/issues/{issue['id']}/events")
        ids |= {event["id"] for event in page["items"]}
    return ids


@pytest.fixture
def lock() -> Iterator:
    held: list[sqlite3.Connection] = []

    def take(path: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("begin immediate")
        held.append(connection)
        return connection

    yield take
    for connection in held:
        connection.close()


@pytest.mark.deep
def test_a_locked_journal_waits_then_says_try_again(start_vedette, lock) -> None:
    server = start_vedette()
    first = server.send({"message": "before"})
    segment = max((server.data / "journal").glob("*.db"), key=lambda path: path.name)
    held = lock(segment)
    status, headers = post(server, {"message": "during"})
    assert (status, "retry-after" in headers) == (503, True)
    held.execute("rollback")
    last = server.send({"message": "after"})
    server.wait(lambda: {first, last} <= shown(server))


@pytest.mark.deep
def test_a_locked_core_database_delays_digestion_only(start_vedette, lock) -> None:
    server = start_vedette()
    server.project, server.token  # noqa: B018 - made before the lock
    held = lock(server.data / "core.db")
    sent = server.send({"message": "while locked"})
    status, _, body = server.request(
        "POST", "/api/v1/projects", b'{"name": "x", "platform": "python"}',
        {"Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}, timeout=30,
    )  # fmt: skip
    assert status == 503, body
    held.execute("rollback")
    server.wait(lambda: sent in shown(server))


def test_what_is_stored_is_private(vedette_server: Vedette) -> None:
    vedette_server.send({"message": "private"})
    modes = {path: path.stat().st_mode & 0o077 for path in vedette_server.data.rglob("*")}
    assert not [str(path) for path, mode in modes.items() if mode]
