"""Files that strangers send: taken when name, declared type and content agree on a kind that is wanted, else not.

`Uploads(folder, UploadPolicy(...)).take(file)` says what became of one: `Accepted` under a name of its own, `Refused`
with a reason and a sentence, or `Quarantined`. Needs Pillow and filetype (`pip install 'vedette-guard[uploads]'`).
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

try:
    import filetype

    from vedette_guard.uploading.images import rewrite
except ImportError as missing:
    raise ImportError("uploads need Pillow and filetype: pip install 'vedette-guard[uploads]'") from missing

from vedette_guard.decisions import filenames, serving
from vedette_guard.decisions.entries import Budget
from vedette_guard.decisions.kinds import IMAGES, KINDS, TEXTS, ZIPPED, Kind, judge
from vedette_guard.decisions.sniffing import OURS, sniff, zipped
from vedette_guard.durations import certain
from vedette_guard.policy import UploadPolicy
from vedette_guard.uploading import archives, clamd
from vedette_guard.uploading.arriving import Arriving, arriving
from vedette_guard.uploading.holding import Held, digest, hold, megabytes, overfull, require_text
from vedette_guard.uploading.types import (
    Accepted,
    DoubtError,
    Quarantined,
    Refused,
    RefusedError,
    Verdict,
)
from vedette_guard.uploading.zips import listed

__all__ = [
    "IMAGES",
    "KINDS",
    "TEXTS",
    "Accepted",
    "Quarantined",
    "Refused",
    "UploadPolicy",
    "Uploads",
    "Verdict",
]


class Uploads:
    """Takes files into `folder`; what waits, or nobody can vouch for, lies in `quarantine` beside it.

    `told` hears of every verdict. Several threads and processes may share the folders.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        policy: UploadPolicy | None = None,
        *,
        quarantine: str | os.PathLike[str] | None = None,
        told: Callable[[Verdict], object] | None = None,
    ) -> None:
        self.policy = policy or UploadPolicy()
        self.folder = Path(folder)
        self.quarantine = Path(quarantine or self.folder.with_name(f"{self.folder.name}-quarantine"))
        self._told = told
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        self.quarantine.mkdir(mode=0o700, parents=True, exist_ok=True)

    def take(self, file: Any, *, name: str | None = None, declared: str | None = None) -> Verdict:
        """Return what became of a file: of a framework's, or an open one with the name and type it was sent with.

        Blocks while it reads and decodes. Raise OSError when the disk fails, TypeError for what is no file.
        """
        return self._take(arriving(file, name, declared), self.policy.size)[0]

    def take_all(self, files: Iterable[Any]) -> list[Verdict]:
        """Return what became of files that came together: beyond `count` and `total` they are refused unread."""
        verdicts: list[Verdict] = []
        left = self.policy.total
        for n, file in enumerate(files):
            came = arriving(file)
            if n >= self.policy.count:
                sentence = f"More than {self.policy.count} files came at once."
                verdicts.append(self._tell(_refused(came, RefusedError("count", sentence))))
                continue
            verdict, size = self._take(came, left)
            verdicts.append(verdict)
            left -= size
        return verdicts

    async def take_async(self, file: Any, *, name: str | None = None, declared: str | None = None) -> Verdict:
        """Return what became of a file, judged in a thread."""
        return await asyncio.to_thread(self.take, file, name=name, declared=declared)

    async def take_all_async(self, files: Iterable[Any]) -> list[Verdict]:
        """Return what became of files that came together, judged in a thread."""
        return await asyncio.to_thread(self.take_all, list(files))

    def path(self, name: str) -> Path:
        """Return where a file is that was taken under a name. Raise FileNotFoundError for every other name."""
        found = self.folder / name if serving.kind_of(name) else None
        if found is None or not found.is_file():
            raise FileNotFoundError(f"no file was taken under the name {name!r}")
        return found

    def headers(self, name: str, download: str = "") -> dict[str, str]:
        """Return the headers a file that was taken is served with; `download` is what it is saved as."""
        kind = serving.kind_of(name)
        if kind is None:
            raise FileNotFoundError(f"no file was taken under the name {name!r}")
        return serving.headers(kind, download or name)

    # -- one file -----------------------------------------------------------------------------------------------------

    def _take(self, came: Arriving, left: int) -> tuple[Verdict, int]:
        """Return what became of a file, and how many bytes of it were read."""
        held = self.quarantine / f"{secrets.token_hex(16)}.part"
        size = 0
        try:
            _require_name(came)
            found = hold(came, held, *_most(self.policy, left))
            size = found.size
            verdict: Verdict = self._judged(came, found)
        except RefusedError as error:
            verdict = _refused(came, error)
        except DoubtError as error:
            verdict = self._doubted(came, held, error)
        finally:
            for path in (held, held.with_suffix(".new")):
                with suppress(FileNotFoundError):
                    path.unlink()
        return self._tell(verdict), size

    def _judged(self, came: Arriving, held: Held) -> Accepted:
        """Return a file taken. Raise RefusedError or DoubtError."""
        extension = filenames.extension(came.name.strip())
        judged = judge(extension, came.declared, self._content(held), self.policy.kinds)
        if judged.reason:
            raise RefusedError(judged.reason, judged.sentence)
        if judged.kind is not None:
            path = self._examined(held, judged.kind)
        if self.policy.clamd:
            clamd.scan(held.path, self.policy.clamd, certain(self.policy.clamd_time))
        if judged.kind is None:
            raise DoubtError(
                "unknown", "Nobody can tell what the file is; it waits for somebody to look at it."
            )
        return self._stored(came, path, judged.kind)

    def _content(self, held: Held) -> tuple[str, ...]:
        """Return what a file may be by its bytes; by filetype's word where we have none."""
        found = sniff(held.head)
        if found == ("zip",):
            with held.path.open("rb") as file:
                return (zipped(*listed(file, held.size, self.policy.entries)),)
        if found:
            return found
        guessed = filetype.guess(held.head)
        return (str(guessed.extension),) if guessed and guessed.extension not in OURS else ()

    def _examined(self, held: Held, kind: Kind) -> Path:
        """Return where the file is that will be taken: an image is another one."""
        if kind.group == "image":
            new = held.path.with_suffix(".new")
            rewrite(held.path, new, kind.name, self.policy.pixels)
            return new
        if kind.group in {"text", "active"}:
            require_text(held.path)
        if kind.group == "archive" or kind.name in ZIPPED:
            budget = Budget(self.policy.entries, self.policy.unpacked, self.policy.depth)
            with held.path.open("rb") as file:
                archives.walk(file, held.size, "zip" if kind.name in ZIPPED else kind.name, budget)
        return held.path

    def _stored(self, came: Arriving, path: Path, kind: Kind) -> Accepted:
        size, sha256 = digest(path)
        name = f"{secrets.token_hex(16)}.{kind.extensions[0]}"
        path.chmod(0o640)
        shutil.move(path, self.folder / name)
        original = filenames.clean_filename(came.name)
        return Accepted(name, self.folder / name, kind.name, kind.types[0], size, sha256, original)

    def _doubted(self, came: Arriving, held: Path, doubt: DoubtError) -> Verdict:
        """Return a file put into quarantine, while there is room."""
        if overfull(self.quarantine, self.policy.quarantine):
            return _refused(
                came, RefusedError("full", "The file cannot be taken now: too many wait to be looked at.")
            )
        path = held.with_suffix(".quarantined")
        held.rename(path)
        original = filenames.clean_filename(came.name)
        return Quarantined(doubt.reason, doubt.sentence, original, path, came.declared)

    def _tell(self, verdict: Verdict) -> Verdict:
        if self._told is not None:
            self._told(verdict)
        return verdict


def _require_name(came: Arriving) -> None:
    fault = filenames.fault(came.name)
    if fault:
        raise RefusedError("name", fault)


def _refused(came: Arriving, error: RefusedError) -> Refused:
    return Refused(error.reason, error.sentence, filenames.clean_filename(came.name))


def _most(policy: UploadPolicy, left: int) -> tuple[int, str]:
    """Return how many bytes a file may have, and what is said of one with more."""
    if left < policy.size:
        return max(left, 0), f"The files together are larger than {megabytes(policy.total)}."
    return policy.size, f"The file is larger than {megabytes(policy.size)}."
