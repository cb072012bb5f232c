"""Issues that come by an import beside merged ones."""

import base64
import json
from pathlib import Path

from tests.unit.errors.conftest import Journal, error

from vedette.accounts.permissions import SYSTEM
from vedette.app.moving import file
from vedette.app.moving.arriving import Import
from vedette.core.clock import ManualClock
from vedette.errors import service
from vedette.plumbing.db import sql


def row_of(table: str, **changes: object) -> tuple[list[str], list[object]]:
    """Return the columns of a table and its first row as an export writes it."""
    columns = [str(told[1]) for told in sql.query(f"PRAGMA table_info({table})")]
    (found,) = sql.query(f"SELECT * FROM {table} ORDER BY id LIMIT 1")  # noqa: S608 - a table of ours
    told = dict(zip(columns, found, strict=True)) | changes
    return columns, [
        {"b": base64.b64encode(value).decode()} if isinstance(value, bytes | memoryview) else value
        for value in told.values()
    ]


def written(path: Path, rows: dict[str, tuple[list[str], list[object]]]) -> Path:
    """Write an export of one row a table."""
    lines = [json.dumps({"t": name, "v": values}).encode() for name, (_, values) in rows.items()]
    head = {
        "vedette": "export", "format": 1, "schema": 1, "made_at": "", "counts": dict.fromkeys(rows, 1), "chain": "",
        "columns": {name: columns for name, (columns, _) in rows.items()},
    }  # fmt: skip
    path.write_bytes(b"\n".join([json.dumps(head).encode(), *lines]) + b"\n")
    return path


def test_the_number_of_a_merged_issue_is_taken(journal: Journal, clock: ManualClock, tmp_path: Path) -> None:
    journal.send(error(function="pay"), error(function="ship"))
    merged = service.merge(SYSTEM, ["SHOP-1", "SHOP-2"], "SHOP-1", clock.now())
    assert merged.changed == ("SHOP-1",)
    comes = row_of("errors_issue", id=999, number=2, kind="OtherError", title="OtherError: it came by a file")
    path = written(
        tmp_path / "file.jsonl", {"projects_project": row_of("projects_project"), "errors_issue": comes}
    )
    arriving = Import(path, file.header(path, 1))
    arriving.run()
    assert arriving.result.conflicts == [f"issue 2 of project {journal.project} is 3 here"]
    assert service.issue("SHOP-3").title == "OtherError: it came by a file"
    service.undo(SYSTEM, merged.undo, clock.now())
    assert service.issue("SHOP-2").events == 1
