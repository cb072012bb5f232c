"""The packages of this machine's distribution, by their source packages, against advisories."""

from pathlib import Path

import msgspec

from vedette.instruments.scan import looking
from vedette.instruments.scan.inventory import databases, opening, reading
from vedette.instruments.scan.timing import Until
from vedette.instruments.scan.types import Asked, CannotKnow, Progress
from vedette.wire.scan import ScanReport

KIND = "host"


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Return what is known to be wrong with what is installed; raises `CannotKnow` where nothing tells what that is."""
    root = Path(asked.options.get("root", "") or "/")
    progress = Until(asked).telling(progress)
    opener = opening.below(root)
    inventory = reading.read_opened(databases.there(opener), opener, progress)
    if not inventory.files:
        raise CannotKnow(
            f"No list of installed packages was found below {root}: neither dpkg's, apk's nor RPM's.",
            "Scan what runs there by its lock files or its image: vedette scan deps PATH, vedette scan image FILE.",
        )
    unread = [databases.unread_list(each) for each in databases.UNREAD if (root / each).is_dir()]
    inventory = msgspec.structs.replace(inventory, unknown=(*inventory.unknown, *unread))
    return looking.report(KIND, asked, inventory, {}, progress)[0]
