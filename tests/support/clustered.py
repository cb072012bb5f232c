"""A PostgreSQL cluster saved by pgBackRest, as a place whose backups may be broken like those of files."""

import contextlib
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.clusters import OWNER, PASSWORD, Live, live, tools_in
from tests.support.greens import Place, filled, largest

from vedette.instruments.backup import clusters, psql, registry
from vedette.wire.backup import What

ROWS = 20_000


@dataclass
class Clustered(Place):
    """A plan that saves a cluster with one copy, and all that was run of it here."""

    cluster: Live | None = None

    @property
    def live(self) -> Live:
        assert self.cluster is not None
        return self.cluster

    @property
    def open_folder(self) -> Path:
        return self.live.folder.parent

    def lose(self) -> None:
        """End the server as a power cut does."""
        pg_ctl = str(psql.newest_programs() / "pg_ctl")
        words = [pg_ctl, "stop", "-D", str(self.live.data), "-m", "immediate", "-s", "-w"]
        account = pwd.getpwnam(OWNER)
        subprocess.run(words, check=True, user=account.pw_uid, group=account.pw_gid, extra_groups=[], cwd="/")

    def change(self) -> None:
        """Write into the table, and keep its number of rows."""
        self.live.sql("UPDATE orders SET id = id;", "shop")

    def hollow(self) -> None:
        """Remove all rows; the table stays."""
        self.live.sql("TRUNCATE orders;", "shop")

    def packs(self) -> list[Path]:
        """Return the files of the first backup that hold data, the largest first; its manifest lies there twice."""
        return largest(self.repository / "backup/shop" / self.runs[0].snapshot / "pg_data")

    def segments(self) -> list[Path]:
        """Return the archived WAL, the oldest first."""
        return sorted(path for path in (self.repository / "archive").rglob("0*-*") if path.is_file())

    def assert_whole(self) -> None:
        """A drill is green, and a restored cluster starts and has every row."""
        drill = self.drill()
        assert drill.stage == "done", (drill.sentence, drill.output)
        into = self.root / "back"
        back = self.restore(into)
        assert back.stage == "done", (back.sentence, back.output)
        data = next(into.rglob("PG_VERSION")).parent
        with clusters.started(data, psql.newest_programs(), tools_in(self.root), role="postgres") as reach:
            assert psql.value(reach, "shop", "SELECT count(*) FROM orders", tools_in(self.root)) == str(ROWS)


@contextlib.contextmanager
def clustered(root: Path) -> Iterator[Clustered]:
    """Yield a running cluster with a table of orders, of which nothing is saved yet."""
    with live() as found:
        found.sql("CREATE DATABASE shop;")
        found.sql(f"CREATE TABLE orders AS SELECT generate_series(1, {ROWS}) AS id;", "shop")
        known = found.repository()
        what = What(kind="postgres", settings={"mode": "pitr", "socket": str(found.folder), "run_as": OWNER})
        yield Clustered(
            root, "pgbackrest", at=known.at, password=PASSWORD, what=what, settings=dict(known.settings), cluster=found,
        )  # fmt: skip


@contextlib.contextmanager
def opened(kind: str, root: Path) -> Iterator[Place]:
    """Yield a place of an engine with something to be saved."""
    if registry.engine_of(kind).cluster:
        with clustered(root) as made:
            yield made
    else:
        place = Place(root, kind)
        filled(place.folder)
        yield place


def given(path: Path) -> Path:
    """Make a path the server's user's."""
    if OWNER:
        shutil.chown(path, OWNER, pwd.getpwnam(OWNER).pw_gid)
    return path
