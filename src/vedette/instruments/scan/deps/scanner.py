"""The scanner of dependencies."""

from vedette.instruments.scan.options import OPTIONS
from vedette.instruments.scan.types import Asked, Progress, Scanner, Takes
from vedette.wire.scan import ScanReport


def _scan(asked: Asked, progress: Progress) -> ScanReport:
    from vedette.instruments.scan.deps import (
        looking,  # what it needs is heavy, and most runs of Vedette scan nothing
    )

    return looking.scan(asked, progress)


SCANNER = Scanner(
    kind="deps", label="Dependencies", about="Packages of lock files and SBOMs that are known to be weak or harmful.",
    takes=Takes.PATH, scan=_scan,
    options={
        **OPTIONS,
        "exclude": "Folders that are left out, as patterns with commas between (tests/*, docs); the report names them.",
        "installed": "yes: read trees of installed packages (node_modules, site-packages) as well.",
        "fix": "show: the smallest patch that upgrades what is weak; write: write it.",
    },
)  # fmt: skip
