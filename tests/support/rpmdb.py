"""Databases of RPM packages, made for tests: headers as RPM packs them, in SQLite."""

import sqlite3
import struct

_STRING, _INT32 = 6, 4


def header(*, name: str, version: str, release: str, epoch: int | None = None, source: str = "") -> bytes:
    """Return the header of an installed package."""
    values: list[tuple[int, int, bytes]] = [
        (1000, _STRING, name.encode() + b"\0"), (1001, _STRING, version.encode() + b"\0"), (1002, _STRING, release.encode() + b"\0"),
    ]  # fmt: skip
    values += [(1003, _INT32, struct.pack(">I", epoch))] if epoch is not None else []
    values += [(1044, _STRING, source.encode() + b"\0")] if source else []
    index, data = b"", b""
    for tag, kind, value in values:
        data += b"\0" * (-len(data) % 4 if kind == _INT32 else 0)
        index += struct.pack(">IIII", tag, kind, len(data), 1)
        data += value
    return struct.pack(">II", len(values), len(data)) + index + data


def database(*headers: bytes) -> bytes:
    """Return a database with these packages, which says as RPM's own does that a journal lies beside."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(
            "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"
        )
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(each,) for each in headers])
        connection.commit()
        made = bytearray(connection.serialize())
    made[18:20] = b"\2\2"
    return bytes(made)


def endless() -> bytes:
    """Return a database whose packages are a view that never ends."""
    with sqlite3.connect(":memory:") as connection:
        connection.execute(
            "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT 1 UNION ALL SELECT blob + 1 FROM n) SELECT zeroblob(1) AS blob FROM n"
        )
        connection.commit()
        return connection.serialize()
