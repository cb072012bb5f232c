"""Which part of a huge set a drill restores, so that the whole set was restored within so many days. Pure.

A set is cut into units (folders with all below them, or files of a folder that is too large), none much larger than a sample.
Each drill takes the units that were not proven for the longest time, and so many bytes that the rounds that are left suffice.
"""

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

DAY = 86_400.0
MOST_NAMED = 10_000  # files of one folder that are named one by one; a fuller one is restored whole
_AT_ONCE = 500

Files = Callable[[], Iterable[tuple[str, int]]]
"""Yields the written names of files with their bytes; it is called twice."""


class Unit(msgspec.Struct, frozen=True):
    """What is restored together: written names, files and bytes below them."""

    names: tuple[str, ...]
    files: int
    bytes: int


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill restores (no name: everything), which share of all bytes that is, and how much is proven afterwards."""

    names: tuple[str, ...]
    files: int
    bytes: int
    share: float
    coverage: float
    why: str


def due(
    units: Sequence[Unit],
    proven: Mapping[str, float],
    *,
    now: float,
    sample: int,
    whole_days: int,
    between: float,
) -> Due:
    """Return what is restored now. `proven` says when a name was last restored and found good; `between` are seconds to the next drill.

    `sample` bytes are restored at least (0: everything). Those that would be older than `whole_days` at the next drill are taken
    whatever they have.
    """
    total = sum(unit.bytes for unit in units)
    if not sample or sample >= total:
        return Due(
            names=(),
            files=sum(u.files for u in units),
            bytes=total,
            share=1.0,
            coverage=1.0,
            why="all of it is restored",
        )
    whole = max(whole_days, 1) * DAY
    want = max(sample, int(total * min(1.0, between / whole)) + 1)
    aged = sorted(
        ((_proven(unit, proven), unit) for unit in units), key=lambda one: (one[0], _spread(one[1]))
    )
    taken = list(_taken(aged, want, now + between - whole))
    fresh = {unit.names for unit in taken} | {unit.names for at, unit in aged if at > now - whole}
    covered = sum(unit.bytes for unit in units if unit.names in fresh)
    size = sum(unit.bytes for unit in taken)
    late = sum(at <= now - whole for at, _ in aged)
    return Due(
        names=tuple(itertools.chain.from_iterable(unit.names for unit in taken)), files=sum(u.files for u in taken), bytes=size,
        share=size / total, coverage=covered / total,
        why=f"{len(taken)} of {len(units)} parts, those not restored for the longest time; {late} were not within {whole_days} days",
    )  # fmt: skip


def _taken(aged: Iterable[tuple[float, Unit]], want: int, oldest: float) -> Iterator[Unit]:
    size = 0
    for at, unit in aged:
        if size >= want and at > oldest:
            return
        yield unit
        size += unit.bytes


def units_of(files: Files, most: int) -> tuple[Unit, ...]:
    """Cut files into units of about `most` bytes, along their folders; memory grows with folders and not with files."""
    own: dict[str, list[int]] = {}
    for name, size in files():
        counted = own.setdefault(_folder(name), [0, 0])
        counted[0] += 1
        counted[1] += size
    inside, children = _summed(own)
    tops = sorted(folder for folder in inside if _folder(folder) not in inside or folder == "/")
    whole, split = _cut(tops, own, inside, children, most)
    return (*(Unit((folder,), *inside[folder]) for folder in whole), *_named(files, split, most))


def _summed(own: Mapping[str, Sequence[int]]) -> tuple[dict[str, tuple[int, int]], dict[str, set[str]]]:
    """Return what each folder holds with all below it, and which folders lie in it."""
    inside: dict[str, tuple[int, int]] = {}
    children: dict[str, set[str]] = {}
    for folder, (count, size) in own.items():
        below = ""
        for each in (folder, *map(str, PurePosixPath(folder).parents)):
            had = inside.get(each, (0, 0))
            inside[each] = had[0] + count, had[1] + size
            if below:
                children.setdefault(each, set()).add(below)
            below = each
    return inside, children


def _cut(
    tops: Iterable[str], own: Mapping[str, Sequence[int]], inside: Mapping[str, tuple[int, int]],
    children: Mapping[str, set[str]], most: int,
) -> tuple[list[str], set[str]]:  # fmt: skip
    """Return folders that are restored whole, and those whose own files are named because the folders in them are apart."""
    whole, split, waiting = list[str](), set[str](), list(tops)
    while waiting:
        folder = waiting.pop()
        few = own.get(folder, (0, 0))[0] <= MOST_NAMED
        if inside[folder][1] > most and few and (children.get(folder) or own[folder][0] > 1):
            split.add(folder)
            waiting += sorted(children.get(folder, ()))
        else:
            whole.append(folder)
    return sorted(whole), split


def _named(files: Files, split: set[str], most: int) -> Iterator[Unit]:
    """Yield the files of folders that were cut open, some at once."""
    kept: dict[str, list[tuple[str, int]]] = {}
    for name, size in files():
        folder = _folder(name)
        if folder in split:
            kept.setdefault(folder, []).append((name, size))
    for folder in sorted(kept):
        yield from _together(sorted(kept[folder]), most)


def _together(files: Iterable[tuple[str, int]], most: int) -> Iterator[Unit]:
    held: list[tuple[str, int]] = []
    for name, size in files:
        if held and (len(held) >= _AT_ONCE or sum(s for _, s in held) + size > most):
            yield Unit(tuple(n for n, _ in held), len(held), sum(s for _, s in held))
            held = []
        held.append((name, size))
    if held:
        yield Unit(tuple(n for n, _ in held), len(held), sum(s for _, s in held))


def _proven(unit: Unit, proven: Mapping[str, float]) -> float:
    """Return when a unit was last proven: each of its names by itself, or with a folder above it."""
    return min(
        max((proven.get(each, 0.0) for each in (name, *_above(name))), default=0.0) for name in unit.names
    )


def _above(name: str) -> Iterator[str]:
    return (str(folder) for folder in PurePosixPath(name).parents)


def _folder(name: str) -> str:
    return name.rpartition("/")[0] or "/"


def _spread(unit: Unit) -> bytes:
    """An order of units that has nothing to do with their names: neighbours are not all proven in the same week."""
    return hashlib.blake2b(unit.names[0].encode(), digest_size=8).digest()
