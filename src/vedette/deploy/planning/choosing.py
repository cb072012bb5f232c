"""A part of a plan: what is named, and what that waits for. Pure."""

import fnmatch
from collections.abc import Callable, Sequence
from typing import TypeVar

from vedette.core.errors import Invalid
from vedette.deploy.types import Change
from vedette.wire.infra import Ref

T = TypeVar("T")


def chosen(changes: Sequence[Change], targets: Sequence[str], *, loose: bool = False) -> tuple[Change, ...]:
    """Return the changes that patterns name (`web-1`, `server/web-*`), with all they wait for; all where none is named.

    Raises `Invalid` for a pattern that no change fits, unless it is `loose`.
    """
    if not targets:
        return tuple(changes)
    by_ref = {each.ref: each for each in changes}
    named = fitting(changes, lambda each: each.ref, targets, loose=loose)
    wanted = _with_needs({each.ref for each in named}, by_ref)
    return tuple(each for each in changes if each.ref in wanted)


def fitting(
    found: Sequence[T], ref: Callable[[T], Ref], patterns: Sequence[str], *, loose: bool = False
) -> tuple[T, ...]:
    """Return what patterns name, all where none is given; raises `Invalid` for a pattern that nothing fits, unless it is `loose`."""
    refs = [ref(each) for each in found]
    for pattern in () if loose else patterns:
        if not any(_fits(each, pattern) for each in refs):
            known = ", ".join(f"{each.kind}/{each.name}" for each in sorted(refs)[:8]) or "nothing"
            raise Invalid(f"--target {pattern[:80]} fits none of the changes; there are {known}.")
    return tuple(each for each in found if not patterns or any(_fits(ref(each), one) for one in patterns))


def _with_needs(wanted: set[Ref], by_ref: dict[Ref, Change]) -> set[Ref]:
    found, left = set(wanted), list(wanted)
    while left:
        for need in by_ref[left.pop()].needs:
            if need not in found:
                found.add(need)
                left.append(need)
    return found


def _fits(ref: Ref, pattern: str) -> bool:
    kind, slash, name = pattern.partition("/")
    if slash:
        return ref.kind == kind and fnmatch.fnmatchcase(ref.name, name)
    return fnmatch.fnmatchcase(ref.name, pattern)
