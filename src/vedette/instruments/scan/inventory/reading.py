"""What a tree or a file is made of: every format reads what it takes, and whoever cannot says so."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.instruments.scan.inventory import opening, registry, telling, vetting, walking
from vedette.instruments.scan.inventory.opening import Opener
from vedette.instruments.scan.inventory.types import MOST_COMPONENTS, Broken, Format, Inventory
from vedette.instruments.scan.types import Progress, silent
from vedette.wire.scan import Component, Unknown

_FIX = "Write the file anew with the tool that made it."


def read(
    path: Path, progress: Progress = silent, *, installed: bool = False, excludes: Sequence[str] = ()
) -> Inventory:
    """Return what a folder, or a file, is made of; `installed` reads trees of installed packages as well,
    `excludes` are patterns of folders that are left out.

    Nothing is executed, links do not lead out of the folder, and what cannot be read is among what is unknown.
    """
    if not path.is_dir():
        return read_file(path)
    found = walking.walk(path, installed=installed, excludes=excludes, progress=progress)
    told = _told(found.files, opening.below(path), progress)
    inventory = vetting.vetted(told, [telling.printable(name) for name, _ in found.files])
    return msgspec.structs.replace(
        inventory, unknown=(*inventory.unknown, *found.unknown), excluded=tuple(found.excluded)
    )


def read_file(path: Path) -> Inventory:
    """Return what one file says, whatever its name; what it includes must lie in its folder or below."""
    name = path.name
    try:
        body = opening.lockfile(name, opening.below(path.parent)).body
    except Broken as error:
        return Inventory(unknown=(_unread(name, error),), files=(telling.printable(name),))
    kind = registry.format_of(str(path.absolute()), installed=True) or registry.sniffed(body)
    if kind is None:
        why = "It is of no format that is known."
        unknown = Unknown(
            subject=telling.printable(name), why=why, fix="docs/scans/dependencies.md names those there are."
        )
        return Inventory(unknown=(unknown,))
    return read_opened([(name, kind)], opening.below(path.parent))


def read_opened(
    files: Iterable[tuple[str, Format]], opener: Opener, progress: Progress = silent
) -> Inventory:
    """Return what files, by their paths from the root of an opener, are made of."""
    files = list(files)
    return vetting.vetted(_told(files, opener, progress), [telling.printable(name) for name, _ in files])


def _told(
    files: list[tuple[str, Format]], opener: Opener, progress: Progress
) -> Iterator[Component | Unknown]:
    for n, (path, kind) in enumerate(files):
        progress(telling.printable(path), n / len(files))
        yield from _of_file(path, kind, opener)


def _of_file(path: str, kind: Format, opener: Opener) -> Iterator[Component | Unknown]:
    """Return what one file says; what was read before it broke stays."""
    try:
        for n, each in enumerate(kind.read(opening.lockfile(path, opener))):
            if n > MOST_COMPONENTS:
                raise Broken(f"It names more than {MOST_COMPONENTS:,} packages.")
            yield each
    except Broken as error:
        yield _unread(path, error)
    except RecursionError:
        yield _unread(path, Broken("It is nested too deeply."))


def _unread(path: str, error: Broken) -> Unknown:
    place = telling.printable(path)
    subject = f"{place}:{error.line}" if error.line else place
    return Unknown(subject=subject, why=telling.printable(str(error)), fix=_FIX)
