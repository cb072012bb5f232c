"""Contents of a repository that no commit leads to: what is staged, and what nothing reaches any more."""

from collections.abc import Callable, Iterator

from vedette.instruments.scan.gitting import Blob, Repository, Seen, tokens
from vedette.instruments.scan.types import CannotKnow

STAGED, UNREACHED = "staged", "unreachable"
"""What stands in a blob's place of a commit."""

MOST_OBJECTS = 3_000_000  # of 20 bytes each, in a set: about 250 MB
_FILES = (b"100644", b"100755")


def staged(repository: Repository, looked_at: Callable[[str], bool], seen: Seen) -> Iterator[Blob]:
    """Yield what the index holds at paths that are looked at, but for what was seen there in a commit; raises `CannotKnow`."""
    with repository.running(("ls-files", "--cached", "--stage", "-z")) as out:
        for token in tokens(out):
            told, _, name = token.partition(b"\t")
            mode, identity, _ = told.split(b" ")
            path = name.decode("utf-8", "surrogateescape")
            if mode in _FILES and (identity, name) not in seen and looked_at(path):
                seen.add((identity, name))
                yield Blob(identity.decode(), path, STAGED, 0.0)


def unreachable(repository: Repository) -> Iterator[Blob]:
    """Yield the blobs that no reference, reflog or index leads to, until git removes them; raises `CannotKnow`.

    They have no path any more, and are called by their id.
    """
    reached = set(_reached(repository))
    words = ("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype) %(objectname)")
    with repository.running(words) as out:
        for line in out:
            kind, _, identity = line.strip().partition(b" ")
            if kind == b"blob" and bytes.fromhex(identity.decode()) not in reached:
                yield Blob(identity.decode(), f"blob-{identity.decode()[:12]}", UNREACHED, 0.0)


def _reached(repository: Repository) -> Iterator[bytes]:
    words = ("rev-list", "--objects", "--no-object-names", "--all", "--reflog", "--indexed-objects")
    with repository.running(words) as out:
        for number, line in enumerate(out):
            if number >= MOST_OBJECTS:
                raise CannotKnow(
                    f"The repository has more than {MOST_OBJECTS:,} objects: which of them nothing leads to was not looked at.",
                    "Clear it up first (git gc --prune=now), or leave --all-history out.",
                )
            yield bytes.fromhex(line.strip().decode())
