"""Bills: what a target was made of at each release, and what changed between two."""

from collections.abc import Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.scan import judging
from vedette.instruments.scan.advisories.feeds import Feeds
from vedette.scans import bills as decide
from vedette.scans import feeding
from vedette.scans.bills import Difference
from vedette.scans.store import bills as store
from vedette.scans.types import Bill
from vedette.wire.finding import Finding
from vedette.wire.scan import Component, Unknown

MOST = 100_000


class Compared(msgspec.Struct, frozen=True):
    """What changed between two bills: packages, weaknesses that came and went, and what could not be known of them."""

    before: Bill
    now: Bill
    difference: Difference
    gained: tuple[Finding, ...]
    lost: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]


def keep(target: int, release: str, components: Sequence[Component], now: float) -> None:
    """Keep what a target is made of, in the caller's transaction."""
    kept = components[:MOST]
    store.keep(target, release, decide.digest(kept), kept, now)


def bills(target: int) -> list[Bill]:
    """Return the bills of a target, the newest first."""
    return store.of_target(target)


def bill(number: int) -> Bill:
    """Return a bill; raises `NotFound`."""
    return store.get(number)


def components(number: int) -> tuple[Component, ...]:
    """Return what a bill lists."""
    return store.components(number)


def compared(before: int, now_: int, now: float) -> Compared:
    """Return what changed from one bill to another of the same target; raises `NotFound`, and `Invalid` for two targets."""
    old, new = store.get(before), store.get(now_)
    if old.target != new.target:
        raise Invalid("Two bills of different targets cannot be compared.", {"bill": "of another target"})
    had, has = store.components(before), store.components(now_)
    feeds = feeding.opened(now)
    try:
        gone, come = _weak(feeds, decide.changed(had, has)), _weak(feeds, decide.changed(has, had))
        unknown = feeds.unknown(decide.changed(has, had))
    finally:
        feeds.close()
    held = {one.identity for one in gone} & {one.identity for one in come}
    return Compared(
        old, new, decide.difference(had, has), tuple(one for one in come if one.identity not in held),
        tuple(one for one in gone if one.identity not in held), unknown,
    )  # fmt: skip


def _weak(feeds: Feeds, found: Sequence[Component]) -> tuple[Finding, ...]:
    return judging.judge(feeds.match(found), {}) if found else ()
