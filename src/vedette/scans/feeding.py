"""The feeds of this server: where they are, how they are, and when they are brought up to date."""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.instruments.scan.advisories.feeds import Feeds, open_feeds
from vedette.instruments.scan.advisories.fetching import is_url
from vedette.instruments.scan.advisories.types import FeedStatus
from vedette.instruments.scan.advisories.whereabouts import feeds_folder
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.scans.types import TOPIC
from vedette.wire.scan import Unknown

EVERY = 12 * 3_600.0  # seconds between two updates
AGAIN = 3_600.0  # after one that failed
_KEY = "scans/feeds"


class _Tried(msgspec.Struct, frozen=True):
    """When feeds are brought up to date next, and whether that runs now."""

    due_at: float = 0.0
    running: bool = False


class Shelf(msgspec.Struct, frozen=True):
    """The feeds there are, those that are damaged, and when they are brought up to date next (None: they have no URL)."""

    folder: str
    feeds: tuple[FeedStatus, ...]
    damaged: tuple[Unknown, ...]
    due_at: float | None
    running: bool


def folder() -> Path:
    """Return the folder of this server's feeds."""
    return feeds_folder(os.environ, ports().settings.data)


def opened(now: float) -> Feeds:
    """Return the feeds, open; the caller closes them."""
    return open_feeds(folder(), now)


def revision(now: float) -> str:
    """Return what changes whenever advisories do, or one of their feeds turns stale or well; empty without feeds."""
    feeds = opened(now)
    try:
        told = feeds.status()
        return _revision(feeds.version(), [one.name for one in told if one.trouble]) if told else ""
    finally:
        feeds.close()


def _revision(version: str, troubled: Sequence[str]) -> str:
    return f"{version}!{','.join(troubled)}" if troubled else version


def shelf(now: float) -> Shelf:
    """Return how the feeds of this server are."""
    feeds = opened(now)
    try:
        told, damaged = feeds.status(), feeds.damaged()
    finally:
        feeds.close()
    tried = _tried()
    due = tried.due_at if any(is_url(one.source) for one in told) else None
    return Shelf(str(folder()), told, damaged, due, tried.running)


def sources(now: float) -> tuple[str, ...]:
    """Return the names of the feeds that have an URL to be brought up to date from."""
    feeds = opened(now)
    try:
        return tuple(one.name for one in feeds.status() if is_url(one.source))
    finally:
        feeds.close()


def update_now(actor: Actor, now: float) -> None:
    """Have the feeds brought up to date as soon as nothing else runs."""
    require(actor, Verb.SCAN_WRITE)
    with transaction():
        _put(_Tried(now, _tried().running))
        audit(actor, "feeds.update", "feeds", {}, now)
        on_commit(lambda: ports().bus.wake(TOPIC))


def claim(now: float) -> bool:
    """Tell whether feeds are to be brought up to date now, and note that it begins."""
    tried = _tried()
    if now < tried.due_at or not sources(now):
        return False
    with transaction():
        _put(_Tried(now + EVERY, running=True))
    return True


def finish(*, failed: bool, now: float) -> None:
    """Note that an update ended; one that failed is tried again within the hour."""
    with transaction():
        _put(_Tried(now + (AGAIN if failed else EVERY)))


def _tried() -> _Tried:
    entry = ports().kv.get(_KEY)
    return msgspec.json.decode(entry.value, type=_Tried) if entry and entry.value else _Tried()


def _put(tried: _Tried) -> None:
    ports().kv.put(_KEY, msgspec.json.encode(tried))
