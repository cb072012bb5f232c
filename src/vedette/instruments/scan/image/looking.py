"""What an image is made of, by the lists and lock files in its layers, against advisories; nothing is unpacked onto a disk."""

from pathlib import Path

import msgspec

from vedette.instruments.scan import looking
from vedette.instruments.scan.image import archive, layers
from vedette.instruments.scan.inventory import databases, reading, registry, telling
from vedette.instruments.scan.inventory.types import Broken, Inventory
from vedette.instruments.scan.timing import Until
from vedette.instruments.scan.types import Asked, CannotKnow, Progress
from vedette.wire.scan import ScanReport, Unknown

KIND = "image"
_FIX = "Write it anew: docker save IMAGE -o image.tar, or skopeo copy docker://IMAGE oci-archive:image.tar."


def scan(asked: Asked, progress: Progress) -> ScanReport:
    """Return what is known to be wrong with the packages of an image; raises `CannotKnow` for what is none."""
    until = Until(asked)
    progress = until.telling(progress)
    try:
        found, platform = archive.read(Path(asked.target), progress, until.look)
    except Broken as error:
        raise CannotKnow(f"{telling.shown(asked.target)}: {error}", _FIX) from None
    except OSError as error:
        why = f"{telling.shown(asked.target)} cannot be read: {error.strerror}."
        raise CannotKnow(why, "Name an archive of an image.") from None
    inventory = _inventory(found, progress)
    report, _ = looking.report(KIND, asked, inventory, {}, progress)
    facts = {
        **report.facts,
        "layers": str(len(found)),
        **({"platform": telling.shown(platform)} if platform else {}),
    }
    return msgspec.structs.replace(report, facts=facts)


def _inventory(found: list[layers.Layer], progress: Progress) -> Inventory:
    files, links = layers.laid(found)

    def opener(path: str) -> bytes | None:
        return layers.body_of(files, links, path)

    there = databases.there(opener)
    known = {path for path, _ in there} | set(databases.PLACES) | set(databases.RELEASES)
    others = [(path, registry.format_of(path, installed=True)) for path in sorted({*files, *links} - known)]
    wanted = there + [(path, kind) for path, kind in others if kind is not None]
    inventory = reading.read_opened(wanted, opener, progress)
    paths = sorted({*files, *links})
    unread = (*databases.unread(paths), *databases.without_list(paths, [kind for _, kind in wanted]))
    inventory = msgspec.structs.replace(inventory, unknown=(*inventory.unknown, *unread))
    if inventory.components or inventory.unknown:
        return inventory
    unknown = Unknown(
        subject="image", why="Nothing in the image names packages: no list of a distribution, no lock file, no installed package.",
        fix="Scan what it was built of instead: vedette scan deps PATH, or give its SBOM.",
    )  # fmt: skip
    return msgspec.structs.replace(inventory, unknown=(unknown,))
