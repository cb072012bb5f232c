"""Files and folders as they lie on a disk."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import offering, staged
from vedette.instruments.backup.what.paths import gathering, proving
from vedette.instruments.backup.what.paths.settings import Paths
from vedette.instruments.backup.what.putting import putting_into
from vedette.wire.backup import Check, Failure, Proposal


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Return the paths with their witness; raises SOURCE_MISSING and SOURCE_EMPTY."""
    assert isinstance(settings, Paths)  # noqa: S101 - the registry made it
    return gathering.gather(settings, staging, tools)


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Hold what came back against the list and the hashes that were taken."""
    assert isinstance(settings, Paths)  # noqa: S101
    return proving.prove(settings, bench)


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the files back: below a folder with their whole paths, or to where they were (None)."""
    assert isinstance(settings, Paths)  # noqa: S101
    if into is None:
        staged.meant(gathering.tops_in(bench.part), settings.paths)
    putting = putting_into(into, bench.tools)
    for source, home in _homes(bench, into):
        putting.bring(source, home.relative_to("/"))
    if not (putting.put.files or putting.put.there or putting.put.left):
        raise Failed(Failure.NOT_PROVEN, "Nothing of what was saved came back.")
    return (putting.put.check(),)


def _homes(bench: Bench, into: Path | None) -> Iterator[tuple[Path, Path]]:
    """Yield what came back, and where it was; a link above what was saved is the host's own, and is followed there."""
    for top in gathering.tops_in(bench.part):
        source, live = staged.came_back(bench, top), Path(names.read(top))
        if top == "/":
            yield from ((child, Path("/", child.name)) for child in sorted(source.iterdir()))
        elif source.is_symlink() or source.exists():
            yield source, live.parent.resolve() / live.name if into is None else live


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose folders that hold what people made."""
    return offering.folders(root)


SOURCE = Source(
    kind="paths", label="Files and folders", about="Whole paths with patterns of what is left out; rights, links and holes come back.",
    settings=Paths, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
