"""What moves is everything; a file is believed in nothing before all of it was read."""

import json
from pathlib import Path

import pytest
from django.db import connection

from vedette.app.moving import file
from vedette.app.moving.catalogue import BY_NAME, STAYS
from vedette.core.errors import Invalid

COLUMNS = {
    "projects_project": ["id", "slug"],
    "projects_key": ["id", "public", "project_id"],
    "errors_hash": ["hash", "issue"],
}


def test_every_table_moves_or_stays_for_a_reason(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        found = {
            name
            for (name,) in cursor.fetchall()
            if not name.startswith(("sqlite_", "errors_search_", "scans_search_"))
        }
    assert found == {*BY_NAME, *STAYS}


def lines_of(*rows: tuple[str, list[object]]) -> list[bytes]:
    return [json.dumps({"t": part, "v": values}, separators=(",", ":")).encode() for part, values in rows]


def written(path: Path, lines: list[bytes], **changes: object) -> Path:
    chain, counts = file.BEGIN, {}
    for line in lines:
        chain = file.linked(chain, line)
        part = line.decode().split('"')[3] if b'"' in line else "events"
        counts[part] = counts.get(part, 0) + 1
    head = {"vedette": "export", "format": 1, "schema": 7, "made_at": "", "columns": COLUMNS, "counts": counts,
            "chain": chain.hex(), **changes}  # fmt: skip
    path.write_bytes(b"\n".join([json.dumps(head).encode(), *lines]) + b"\n")
    return path


GOOD = lines_of(
    ("projects_project", [1, "shop"]),
    ("projects_key", [4, "ab", 1]),
    ("events", ["event", "ab" * 16, "cd" * 16, 1, 5.0, 9, '{"id":"x"}']),
)


def problem(path: Path) -> str:
    with pytest.raises(Invalid) as told:
        file.check(path, file.header(path, 7))
    return str(told.value)


def test_a_whole_file_passes_and_is_read_back(tmp_path: Path) -> None:
    path = written(tmp_path / "x", GOOD)
    file.check(path, file.header(path, 7))
    assert [(row.line, row.part) for row in file.rows(path)] == [
        (2, "projects_project"), (3, "projects_key"), (4, "events"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "where", "what"),
    [
        ([GOOD[0], b"{"], ":3:", "cannot be used"),
        ([GOOD[0], *lines_of(("nothing", [1]))], ":3:", "no part this version knows"),
        ([GOOD[0], *lines_of(("projects_key", [4, "ab", 2]))], ":3:", "names 2 of projects_project"),
        ([GOOD[0], *lines_of(("projects_key", [4, "ab"]))], ":3:", "cannot be used"),
        ([*lines_of(("projects_project", [1, {"x": 1}]))], ":2:", "a value is"),
        ([*lines_of(("projects_project", [1, {"b": "%"}]))], ":2:", "cannot be used"),
        ([GOOD[0], GOOD[2], GOOD[1]], ":4:", "stands after"),
        ([GOOD[2]], ":2:", "names project 1"),
        ([GOOD[0], *lines_of(("events", ["event", "ab", "cd", 1, 5.0, 9, "{}"]))], ":3:", "16 bytes"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, lines: list[bytes], where: str, what: str) -> None:
    told = problem(written(tmp_path / "x", lines))
    assert where in told
    assert what in told


def test_a_file_that_was_cut_or_altered_is_refused(tmp_path: Path) -> None:
    cut = written(tmp_path / "cut", GOOD)
    cut.write_bytes(b"\n".join(cut.read_bytes().splitlines()[:-1]) + b"\n")
    assert "2 of 3 lines" in problem(cut)
    altered = written(tmp_path / "altered", GOOD)
    altered.write_bytes(altered.read_bytes().replace(b'[1,"shop"]', b'[1,"shoq"]'))
    assert "not what its header says" in problem(altered)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"vedette": "backup"}, "format"),
        ({"format": 2}, "format 2"),
        ({"schema": 8}, "another database"),
        ({"counts": 1}, "not the header"),
    ],
)
def test_another_header_is_refused(tmp_path: Path, changes: dict[str, object], what: str) -> None:
    assert "x:1: " in problem(written(tmp_path / "x", GOOD, **changes))
    assert what in problem(written(tmp_path / "x", GOOD, **changes))
