"""The past of a repository: each content that any commit ever held is looked at once, and what no commit holds (yet)."""

import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from vedette.instruments.scan import stray
from vedette.instruments.scan.gitting import Blob, Contents, Repository, Seen
from vedette.instruments.scan.secrets.certified import Certified
from vedette.instruments.scan.secrets.decoding import text_of
from vedette.instruments.scan.secrets.matching import Search
from vedette.instruments.scan.secrets.types import Leak
from vedette.instruments.scan.tree import LARGEST, MOST_UNREADABLE, SKIPPED, shown
from vedette.instruments.scan.types import CannotKnow, Progress
from vedette.wire.scan import Unknown

_TOLD_EVERY = 500


class History:
    """A walk through the past of a path of a repository: all of it, or what a folder or file of it was.
    `unreached` asks for what nothing leads to as well.

    After it, `blobs` and `large` count what was looked at and what was too large, which `unknown` tells.
    """

    def __init__(
        self, repository: Repository, root: Path, search: Search, until: float, largest: int = LARGEST,
        *, unreached: bool = False,
    ) -> None:  # fmt: skip
        self._within = root.relative_to(repository.root).parts
        self._repository, self._search, self._until, self._largest = repository, search, until, largest
        self._certified, self._unreached = Certified(), unreached
        self.blobs, self.large, self.size = 0, 0, 0
        self.unknown: list[Unknown] = []

    def leaks(self, progress: Progress) -> Iterator[Leak]:
        """Yield what was ever committed, or staged; raises `CannotKnow` where the repository is damaged or time is up."""
        with self._repository.contents() as contents:
            for blob in self._blobs():
                path = self._path(blob.path)
                text = self._text(contents, blob)
                self._tell(path, progress)
                for hit in self._search(text, path, blob.commit) if text else ():
                    ends = self._certified.ends(hit.secret, text or b"", path)
                    yield Leak(hit=hit, path=path, commit=blob.commit, at=blob.at, certified=ends)

    def _blobs(self) -> Iterator[Blob]:
        seen: Seen = set()
        yield from self._repository.blobs(self._looked_at, seen)
        yield from stray.staged(self._repository, self._looked_at, seen)
        if self._unreached and self._within:
            raise CannotKnow("What nothing leads to has no path.", "Scan the root of the repository, or leave --all-history out.")  # fmt: skip
        if self._unreached:
            yield from stray.unreachable(self._repository)

    def _text(self, contents: Contents, blob: Blob) -> bytes | None:
        self.blobs += 1
        content = contents.of(blob.id, self._largest)
        text = text_of(content.kept)
        if content.size > self._largest:
            self._too_large(blob, text)
            return None
        self.size += content.size
        return text

    def _too_large(self, blob: Blob, text: bytes | None) -> None:
        self.large += 1
        if text is not None and len(self.unknown) < MOST_UNREADABLE:
            self.unknown.append(
                Unknown(
                    subject=f"{shown(blob.path)}@{blob.commit[:12]}",
                    why=f"In the past it is larger than {self._largest} bytes and was not looked at.",
                    fix="Raise the limit (largest), look at it by hand, or scan without the past (history=no).",
                )
            )

    def _tell(self, path: str, progress: Progress) -> None:
        if time.monotonic() > self._until:
            raise CannotKnow(f"Time was up after {self.blobs} contents of the past.", "Give it more time, or scan without the past (history=no).")  # fmt: skip
        if self.blobs % _TOLD_EVERY == 1:
            progress(f"the past: {shown(path)}", None)

    def _looked_at(self, path: str) -> bool:
        parts, depth = PurePosixPath(path).parts, len(self._within)
        return parts[:depth] == self._within and SKIPPED.isdisjoint(parts[depth:-1])

    def _path(self, path: str) -> str:
        """Return a path of the repository as the tree tells it: from the root of the scan."""
        parts = PurePosixPath(path).parts
        return "/".join(parts[len(self._within) :]) or parts[-1]
