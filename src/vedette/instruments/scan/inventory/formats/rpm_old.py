"""RPM's older databases (Berkeley DB, NDB): told, never skipped; what `rpm -qa` says is read instead where it lies beside."""

from collections.abc import Iterable

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.formats.rpm_list import COMMAND
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Unknown


def _read(file: Lockfile) -> Iterable[Unknown]:
    if file.beside("rpm-qa.txt") is None and file.beside("rpmdb.sqlite") is None:
        yield telling.unread(
            file,
            0,
            "It is an older database of RPM (Berkeley DB or NDB), which is not read.",
            f"Write what it holds beside it: {COMMAND}",
        )


FORMAT = Format(
    name="rpm-old", label="RPM (Berkeley DB, NDB)", names=("rpm/packages", "rpm/packages.db"), read=_read
)
