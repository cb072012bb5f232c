"""PostgreSQL clusters that archive their WAL with pgBackRest, as they run on hosts: in a folder, on a socket, as a user of their own."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from tests.support.daemons import program

from vedette.core.clock import SystemClock
from vedette.instruments.backup import psql
from vedette.instruments.backup.psql import Reach
from vedette.instruments.backup.types import Cluster, Repository, Secret, Tools
from vedette.instruments.backup.what.postgres.settings import Settings

OWNER = "nobody" if os.getuid() == 0 else ""
PASSWORD = "planted-words-of-a-repository"
_SHUT = "ssl=off", "listen_addresses=", "fsync=off", "shared_buffers=16MB", "lc_messages=C", "autovacuum=off"


class Live(msgspec.Struct, frozen=True):
    """A running cluster: its folders, and how it is asked."""

    folder: Path
    reach: Reach

    @property
    def data(self) -> Path:
        """Return where its files are."""
        return self.folder / "data"

    def cluster(self) -> Cluster:
        """Return it as engines name it."""
        return Cluster(data=self.data, port=5432, socket=self.folder, user="postgres", version="150000")

    def settings(self, **more: object) -> Settings:
        """Return it as a plan names it."""
        return Settings(socket=str(self.folder), run_as=OWNER, **more)  # type: ignore[arg-type]

    def repository(self, name: str = "shop/box", password: str = PASSWORD) -> Repository:
        """Return the repository into which it archives."""
        settings = {
            "user": OWNER, "config": str(self.folder / "pgbackrest.conf"), "stanza": "shop",
            "lock_path": str(self.folder / "locks"), "archive_timeout": 20.0,
        }  # fmt: skip
        return Repository(
            name=name, at=str(self.folder / "repo"), password=Secret(password), settings=settings
        )

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run statements; return what they answered."""
        return psql.script(self.reach, database, text, tools_in(self.folder.parent))


def tools_in(folder: Path) -> Tools:
    """Return tools whose state lies in a folder."""
    state = folder / "state"
    state.mkdir(mode=0o700, exist_ok=True)
    return Tools(now=SystemClock().now, state=state, deadline=120.0)


@contextlib.contextmanager
def live(*words: str) -> Iterator[Live]:
    """Yield a cluster that archives its WAL; `words` are settings (`a=b`)."""
    outer = Path(tempfile.mkdtemp(prefix="vedette-live-", dir="/tmp"))
    outer.chmod(0o711)
    folder = outer / "live"
    folder.mkdir(mode=0o700)
    _own(folder)
    programs = psql.newest_programs()
    data = folder / "data"
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-k", "-N"],
        check=True, stdout=subprocess.DEVNULL, cwd="/", **_as_owner(),
    )  # fmt: skip
    archive = f"{program('pgbackrest')} --config={folder}/pgbackrest.conf --stanza=shop archive-push %p"
    settings = (
        *_SHUT,
        f"unix_socket_directories={folder}",
        "archive_mode=on",
        f"archive_command={archive}",
        *words,
    )
    command = [programs / "postgres", "-D", data, *(part for word in settings for part in ("-c", word))]
    reach = Reach(host=str(folder), port=5432, role="postgres", user=OWNER, programs=programs)
    with (outer / "log").open("wb") as log:
        server = subprocess.Popen(
            command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", **_as_owner()
        )
    try:
        _await(server, folder / ".s.PGSQL.5432", outer / "log")
        yield Live(folder, reach)
    finally:
        server.send_signal(2)
        _ended(server)
        shutil.rmtree(outer, ignore_errors=True)


def _await(server: "subprocess.Popen[bytes]", socket: Path, log: Path) -> None:
    end = time.monotonic() + 20
    while "ready to accept" not in log.read_text(errors="replace"):
        assert server.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < end, log.read_text(errors="replace")
        time.sleep(0.02)
    assert socket.exists()


def _ended(server: "subprocess.Popen[bytes]") -> None:
    """Wait for its end; one that still archives when time is over ends at once."""
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.send_signal(3)
        server.wait(20)


def _own(path: Path) -> None:
    if OWNER:
        shutil.chown(path, OWNER, pwd.getpwnam(OWNER).pw_gid)


def _as_owner() -> dict[str, object]:
    return {"user": OWNER, "group": pwd.getpwnam(OWNER).pw_gid, "extra_groups": []} if OWNER else {}
