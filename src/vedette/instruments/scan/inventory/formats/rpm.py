"""RPM's own database in SQLite (`rpmdb.sqlite`, rpm 4.16 and later), opened in memory: nothing of it runs, nothing is written."""

import sqlite3
from collections.abc import Iterator

from vedette.instruments.scan.inventory import distributions, telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import rpmheader
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

RELEASES = (
    "../../../etc/os-release",
    "../../../../../etc/os-release",
    "../../../../etc/os-release",
    "../../os-release",
)
_MOST_STEPS, _STEPS = 2_000, 10_000  # SQLite's own steps: two seconds or so, whatever the file says
_WAL = slice(
    18, 20
)  # the bytes of a database's header that say it has a journal beside, which in memory it has not
_NOT = "It is no database of RPM packages that can be read"


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    ecosystem = distributions.beside(file, *RELEASES)
    if not ecosystem:
        yield telling.undistributed(file)
        return
    journal = file.beside(f"{file.place.rpartition('/')[2]}-wal")
    if journal is not None and journal.body:
        yield telling.unread(
            file, 0, "It is being written: some of it is still in its journal.", "Scan again later."
        )
    for blob in _blobs(file.body):
        package = _package(file, ecosystem, blob)
        if package.name != "gpg-pubkey":  # a key that RPM trusts, kept as a package
            yield package


def _blobs(body: bytes) -> Iterator[bytes]:
    connection = sqlite3.connect(":memory:")
    try:
        plain = bytearray(body)
        plain[_WAL] = b"\1\1"
        connection.deserialize(bytes(plain))
        left = iter(range(_MOST_STEPS))
        connection.set_progress_handler(lambda: int(next(left, None) is None), _STEPS)
        connection.execute("PRAGMA trusted_schema = OFF")
        for (blob,) in connection.execute("SELECT blob FROM Packages"):
            if not isinstance(blob, bytes):
                raise Broken(f"{_NOT}: a package is no header.")
            yield blob
    except sqlite3.Error as error:
        raise Broken(f"{_NOT}: {error}.") from None
    finally:
        connection.close()


def _package(file: Lockfile, ecosystem: str, blob: bytes) -> Component:
    told = rpmheader.read(blob)
    name, version, release = (
        told.get(tag, "") for tag in (rpmheader.NAME, rpmheader.VERSION, rpmheader.RELEASE)
    )
    if not name or not version:
        raise Broken("A package has no name or no version.")
    full = versioned(told.get(rpmheader.EPOCH, ""), f"{version}-{release}")
    return made(file.place, ecosystem, name, full, told.get(rpmheader.SOURCE, ""))


def versioned(epoch: str, version: str) -> str:
    """Return epoch, version and release as RPM writes them; an epoch that is none or 0 is left out."""
    return version if epoch in {"", "0", "(none)"} else f"{epoch}:{version}"


def made(place: str, ecosystem: str, name: str, told: str, source: str) -> Component:
    """Return a package of RPM with its source package, whose file is `name-version-release.src.rpm`."""
    return component(
        ecosystem, name, told, place, source=source.rsplit("-", 2)[0] if source.count("-") >= 2 else name
    )


FORMAT = Format(name="rpm", label="RPM", names=("rpm/rpmdb.sqlite", "rpmdb.sqlite"), read=_read)
