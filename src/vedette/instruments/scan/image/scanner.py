"""The scanner of images."""

from vedette.instruments.scan.options import OPTIONS
from vedette.instruments.scan.types import Asked, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport


def _scan(asked: Asked, progress: Progress) -> ScanReport:
    from vedette.instruments.scan.image import (
        looking,  # what it needs is heavy, and most runs of Vedette scan nothing
    )

    return looking.scan(asked, progress)


SCANNER = Scanner(
    kind="image", label="Image", about="Packages in an archive of a container's image that are known to be weak or harmful.",
    takes=Takes.FILE, scan=_scan, options=OPTIONS,
)  # fmt: skip
