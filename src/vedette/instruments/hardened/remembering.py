"""What drifted, since when, and what is over: look after look. Pure.

What is not so counts when two looks in a row see it: an editor that writes a file anew leaves it away for a moment. What is so
again is over at once; what a look cannot tell stays as it was.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from vedette.instruments.hardened.types import Deviation, HardeningManifest, key_of, kind_of, name_of
from vedette.wire.hardened import MOST_DRIFT, HardeningTold, HostDrift

_NAME, _SHOWN = 300, 2_000  # characters


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What drifts, by key, and what the last look saw for the first time, with when."""

    open: Mapping[str, HostDrift] = {}
    first: Mapping[str, float] = {}


def after(
    book: Book,
    found: Sequence[Deviation],
    untold: Collection[str],
    now: float,
    who: Callable[[Deviation, float], str],
) -> Book:
    """Return the book after a look; `who` says of what is new who did it, given when it changed."""
    kept = {key: one for key, one in book.open.items() if key in untold}
    first = {key: at for key, at in book.first.items() if key in untold}
    for one in found:
        before = book.open.get(one.key)
        if before is not None:
            kept[one.key] = _same(before, one)
        elif one.key in book.first:
            kept[one.key] = _new(one, book.first[one.key], who)
        else:
            first[one.key] = now
    return Book(open=kept, first=first)


def _same(before: HostDrift, one: Deviation) -> HostDrift:
    """What changed again is the same drift, told anew."""
    shown = one.before[:_SHOWN], one.after[:_SHOWN]
    if (before.before, before.after) == shown:
        return before
    return msgspec.structs.replace(before, before=shown[0], after=shown[1])


def _new(one: Deviation, seen_at: float, who: Callable[[Deviation, float], str]) -> HostDrift:
    since = min(one.changed, seen_at) if one.changed > 0 else seen_at
    return HostDrift(
        key=one.key, kind=kind_of(one.standard), name=name_of(one.standard)[:_NAME], measure=one.standard.measure, since=since,
        seen_at=seen_at, before=one.before[:_SHOWN], after=one.after[:_SHOWN], by=who(one, since)[:_NAME],
    )  # fmt: skip


def told(
    manifest: HardeningManifest | None, book: Book, now: float, reverted_at: float = 0.0
) -> HardeningTold:
    """Return what a host tells of its hardening."""
    if manifest is None:
        return HardeningTold(at=now, reverted_at=reverted_at)
    drift = sorted(book.open.values(), key=lambda one: (one.since, one.key))
    counts: dict[str, int] = {}
    for standard in manifest.standards:
        counts[standard.measure] = counts.get(standard.measure, 0) + 1
    return HardeningTold(
        at=now, set_at=manifest.at, profile=manifest.profile, before=manifest.before, after=manifest.after, measures=counts,
        waived=manifest.waived, left=tuple(each[:_NAME] for each in manifest.left[:50]), drift=tuple(drift[:MOST_DRIFT]),
        more=max(0, len(drift) - MOST_DRIFT), reverted_at=reverted_at,
    )  # fmt: skip


def of(manifest: HardeningManifest, keys: Collection[str]) -> HardeningManifest:
    """Return a manifest of the standards of these keys alone."""
    return msgspec.structs.replace(
        manifest, standards=tuple(one for one in manifest.standards if key_of(one) in keys)
    )
