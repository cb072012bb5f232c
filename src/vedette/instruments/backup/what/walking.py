"""Every path below some others, one after the other: links are not followed, and memory does not grow with their number."""

import os
import stat
from collections.abc import Callable, Iterator

import msgspec


class Seen(msgspec.Struct, frozen=True):
    """A path and what the system says of it; without that it could not be looked at or read."""

    path: str
    stat: os.stat_result | None


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """How far a walk goes: what is left out, and whether it stays on the file system it began on."""

    leaves_out: Callable[[str], bool]
    one_file_system: bool = False

    def below(self, top: str) -> Iterator[Seen]:
        """Yield a path and all below it that is not left out."""
        first = _looked(top)
        if first is None:
            return
        yield first
        if not _is_folder(first):
            return
        device = first.stat.st_dev if first.stat else 0
        waiting = [self._inside(top)]
        while waiting:
            seen = next(waiting[-1], None)
            if seen is None:
                waiting.pop()
                continue
            if self.one_file_system and seen.stat is not None and seen.stat.st_dev != device:
                continue
            yield seen
            if _is_folder(seen):
                waiting.append(self._inside(seen.path))

    def _inside(self, folder: str) -> Iterator[Seen]:
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not self.leaves_out(entry.path) and (seen := _looked(entry.path)) is not None:
                        yield seen
        except FileNotFoundError:
            return  # it went meanwhile
        except OSError:
            yield Seen(folder, None)


def _is_folder(seen: Seen) -> bool:
    return seen.stat is not None and stat.S_ISDIR(seen.stat.st_mode)


def _looked(path: str) -> Seen | None:
    try:
        return Seen(path, os.lstat(path))
    except FileNotFoundError:
        return None  # it went meanwhile
    except OSError:
        return Seen(path, None)
