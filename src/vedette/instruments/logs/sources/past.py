"""Files that were followed before: found again by their place and their bytes, and what of them is left to read."""

import contextlib
from collections.abc import Callable

from vedette.instruments.logs.sources.rotated import BROKEN, Packed, Sibling
from vedette.instruments.logs.sources.tail import NoFile, Tail, opened
from vedette.instruments.logs.sources.types import Identity, Position, Record

_MOST_PAST = 8  # positions of files that were let go, kept so that nothing of them is read again
_ENOUGH = 16  # bytes before a position by which another file is known to hold it


class Past:
    """What one path led to before. `held` returns the files that are open now: they are nobody's predecessors.

    `record` is what was remembered by an earlier process, until its files were found again (`forget`).
    """

    def __init__(self, record: Record | None, held: Callable[[], set[Identity]]) -> None:
        self.positions: list[Position] = []
        self._record, self._held = record, held

    def forget(self) -> None:
        """Let go of what an earlier process remembered: its files were found again, or are not to be found."""
        self._record = None

    def before(self, tail: Tail) -> Position | None:
        """Return up to where a file was read before it was let go, or before this process."""
        known = [*self.positions, *((*self._record.positions, self._record.left) if self._record else ())]
        for position in known:
            if (
                position
                and (position.device, position.inode) == tail.identity
                and Tail(tail.fd, position).fits()
            ):
                return position
        return None

    def remember(self, position: Position) -> None:
        """Remember a file that is let go."""
        self.positions = [position, *self.positions][:_MOST_PAST]

    def located(self, position: Position, candidates: list[Sibling]) -> tuple[Sibling, Tail | Packed] | None:
        """Return the first of some files that holds a position, opened there."""
        for one in candidates:
            found = self._at(one, position) if one.identity not in self._held() else None
            if found is not None:
                return one, found
        return None

    def rest_of(self, position: Position, around: list[Sibling]) -> list[Tail | Packed]:
        """Return what is left to read of the file of a position and of those that were written after it, the oldest first."""
        same = [one for one in around if one.identity == (position.device, position.inode)]
        found = self.located(position, [*same, *(one for one in around if one not in same)])
        if found is None:
            return self.wholes([one for one in reversed(around) if same and one.written >= same[0].written])
        later = [one for one in reversed(around) if one.written > found[0].written]
        return [found[1], *self.wholes(later)]

    def wholes(self, later: list[Sibling]) -> list[Tail | Packed]:
        """Open predecessors of which nothing was read."""
        found: list[Tail | Packed] = []
        past = {(p.device, p.inode) for p in self.positions}
        for one in later:
            if one.identity in self._held() or (one.packed and one.identity in past):
                continue
            with contextlib.suppress(*BROKEN, NoFile):
                opened_one = Packed(one) if one.packed else Tail(opened(one.path))
                if isinstance(opened_one, Tail) and self.before(opened_one) is not None:
                    opened_one.close()
                    continue
                found.append(opened_one)
        return found

    def _at(self, one: Sibling, position: Position) -> Tail | Packed | None:
        """Open a predecessor at a position, when it is its content."""
        mine = one.identity == (position.device, position.inode)
        if not mine and position.mark.length < _ENOUGH:
            return None  # too little to know it by
        opened_one: Tail | Packed | None = None
        with contextlib.suppress(*BROKEN, NoFile):
            opened_one = Packed(one, position) if one.packed else Tail(opened(one.path), position)
            if opened_one.fits() or (
                mine and isinstance(opened_one, Tail) and opened_one.find(position.mark)
            ):
                return opened_one
        if opened_one is not None:
            opened_one.close()
        return None
