"""The scanner of a host's packages."""

from vedette.instruments.scan.options import OPTIONS
from vedette.instruments.scan.types import Asked, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport


def _scan(asked: Asked, progress: Progress) -> ScanReport:
    from vedette.instruments.scan.host import (
        looking,  # what it needs is heavy, and most runs of Vedette scan nothing
    )

    return looking.scan(asked, progress)


SCANNER = Scanner(
    kind="host", label="Host", about="Packages of this machine's distribution that are known to be weak.",
    takes=Takes.NOTHING, scan=_scan, options={**OPTIONS, "root": "The root of another system that is mounted here (/)."},
)  # fmt: skip
