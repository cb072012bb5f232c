"""Which lines changed since a commit, for reviews: by the contents themselves, so that no filter of the repository runs."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path

from vedette.instruments.scan.gitting import Content, Repository
from vedette.instruments.scan.types import CannotKnow

MOST_LINES = 20_000
_LARGEST = 5 * 1024 * 1024


class Base:
    """The tree of the commit where this branch left a base; raises `CannotKnow` where there is none."""

    def __init__(self, root: Path, base: str, deadline: float) -> None:
        self._repository = Repository(root, deadline)
        self._lines: dict[str, frozenset[int] | None] = {}
        wanted = self._commit(base)
        self._blobs = self._tree(self._left(wanted, base))

    def changed(self, path: str, content: bytes) -> frozenset[int] | None:
        """Return the numbers of the lines of a file that were not there before, None for all of them."""
        if path not in self._lines:
            self._lines[path] = self._compared(path, content)
        return self._lines[path]

    def content(self, path: str, most: int) -> bytes | None:
        """Return a file of the base by its path from the root, None where it is not there; raises `CannotKnow` for a larger one."""
        found = self._held(path, most)
        if found is not None and found.size > most:
            raise CannotKnow(f"{path} of the base is larger than {most:,} bytes.", "Make it smaller.")
        return None if found is None else found.kept

    def _held(self, path: str, most: int) -> Content | None:
        """Return as much as is wanted of a file of the base, None where it is not there."""
        blob = self._blobs.get(path)
        if blob is None:
            return None
        with self._repository.contents() as contents:
            return contents.of(blob, most)

    def _compared(self, path: str, content: bytes) -> frozenset[int] | None:
        before = self._held(path, _LARGEST)
        if before is None or before.size > _LARGEST:
            return None
        return changed_lines(before.kept.splitlines(), content.splitlines())

    def _left(self, wanted: str, base: str) -> str:
        """Return the commit where this branch left the base."""
        try:
            return self._repository.ask("merge-base", wanted, "HEAD").split()[0].decode()
        except CannotKnow as error:
            why = f"Where this branch left {base[:100]!r} is not in this clone."
            raise CannotKnow(
                why, "Fetch the whole history (`git fetch --unshallow`, in CI `fetch-depth: 0`)."
            ) from error

    def _commit(self, base: str) -> str:
        try:
            return (
                self._repository.ask(
                    "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}"
                )
                .strip()
                .decode()
            )
        except CannotKnow as error:
            raise CannotKnow(f"There is no commit {base[:80]!r} to compare with.", "Fetch it (in CI `fetch-depth: 0`), or name another one.") from error  # fmt: skip

    def _tree(self, commit: str) -> Mapping[str, str]:
        listed = self._repository.ask("ls-tree", "-r", "-z", commit).split(b"\0")
        pairs = (entry.split(b"\t", 1) for entry in listed if b"\t" in entry)
        return {path.decode("utf-8", "surrogateescape"): about.split()[2].decode() for about, path in pairs}


def changed_lines(before: Sequence[bytes], after: Sequence[bytes]) -> frozenset[int] | None:
    """Return the numbers (from 1) of the lines that are new or other, None for all where a text is too long to compare."""
    if max(len(before), len(after)) > MOST_LINES:
        return None
    steps = difflib.SequenceMatcher(None, before, after, autojunk=True).get_opcodes()
    return frozenset(
        line + 1 for kind, _, _, begin, end in steps if kind != "equal" for line in range(begin, end)
    )
