"""A drill of a PostgreSQL cluster of 150 MB: restored, recovered, counted, read to its last page. By pgBackRest, and by a dump in borg."""

import os
import tempfile
import time
from pathlib import Path

from tests.support.clusters import OWNER, PASSWORD, Live, live
from tests.support.greens import Place

from benchmarks.report import Figure, finish
from vedette.wire.backup import Stage, What

BENCH = "drill"
BYTES, MIB = 150_000_000, 1 << 20
FILL = """
CREATE TABLE orders AS SELECT id, md5(id::text) AS token, now() AS at, repeat('x', id % 40) AS note FROM generate_series(1, 720000) AS id;
ALTER TABLE orders ADD PRIMARY KEY (id);
CREATE INDEX ON orders (token);
"""


def main() -> None:
    """Fill a cluster, save it both ways, and drill each once; a miss of 60 seconds ends with 1."""
    with live() as cluster, tempfile.TemporaryDirectory() as name:
        cluster.sql("CREATE TABLE early AS SELECT 1 AS id;")
        whole = _whole(cluster, Path(name))
        whole.good()  # from here on WAL is archived as it is written
        cluster.sql(FILL)
        size = int(cluster.sql("SELECT sum(pg_database_size(oid))::bigint FROM pg_database;"))
        assert size >= BYTES, f"{size} bytes are too few"
        figures = [
            Figure(BENCH, "the cluster", size / MIB, "MiB"),
            *_drilled("pgbackrest", whole),
            *_drilled("a dump in borg", _dumped(cluster, Path(name))),
        ]
    finish(figures)


def _whole(cluster: Live, root: Path) -> Place:
    known = cluster.repository()
    what = What(kind="postgres", settings={**_reach(cluster), "mode": "pitr"})
    return Place(
        _made(root / "whole"), "pgbackrest", at=known.at, password=PASSWORD, what=what, settings={**known.settings, "archive_timeout": 120.0}
    )  # fmt: skip


def _dumped(cluster: Live, root: Path) -> Place:
    return Place(_made(root / "dumped"), "borg", what=What(kind="postgres", settings=_reach(cluster)))


def _reach(cluster: Live) -> dict[str, object]:
    return {"socket": str(cluster.folder), "run_as": OWNER}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _drilled(label: str, place: Place) -> list[Figure]:
    saved = _timed(place)
    before, began = os.times(), time.perf_counter()
    drill = place.drill()
    took, after = time.perf_counter() - began, os.times()
    assert drill.stage is Stage.DONE, (drill.sentence, drill.output)
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return [
        Figure(BENCH, f"{label}: the run", saved, "s"),
        Figure(BENCH, f"{label}: the drill", took, "s", "<= 60"),
        Figure(BENCH, f"{label}: its RTO", drill.rto or 0.0, "s"),
        Figure(BENCH, f"{label}: processor time of its programs", spent, "s"),
    ]


def _timed(place: Place) -> float:
    began = time.perf_counter()
    place.good()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
