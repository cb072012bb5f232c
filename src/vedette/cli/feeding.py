"""`vedette feeds …`: what is known of weaknesses in packages, on this machine."""

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vedette.cli.out import emit, one_of, table
from vedette.core import settings as core_settings

if TYPE_CHECKING:
    from vedette.instruments.scan.advisories.types import FeedStatus, Fetched, Sink
    from vedette.instruments.scan.types import Progress
    from vedette.wire.scan import Unknown

_DEADLINE = 1_800.0  # seconds a download may take: npm's feed has hundreds of megabytes
_DAY = 86_400.0
_NONE = "There are no feeds in {folder}. `vedette feeds add SOURCE` fills it (docs/scans/feeds.md)."
_WIDE = 60


def add(
    source: str, *, ecosystem: tuple[str, ...] = (), kind: str = "", name: str = "", sha256: str = "",
    folder: Path | None = None, json: bool = False,
) -> None:  # fmt: skip
    """Add a feed, or replace the one of the same name; what fails leaves what was there.

    Parameters
    ----------
    source
        A zip, a folder (a git checkout is one) or a file of OSV records, or an URL of one; with --ecosystem the URL of a bucket in OSV's layout, such as https://osv-vulnerabilities.storage.googleapis.com.
    ecosystem
        What the source is whole for, named as OSV names it (PyPI, npm, Debian:12); may be repeated. `all`: all it has records of.
    kind
        osv, kev (CISA's catalogue of what is exploited) or epss (FIRST's scores); without this, by the name of the file.
    name
        What the feed is called here.
    sha256
        The SHA-256 the source must have, or the file or URL that tells it (SHA256SUMS).
    folder
        Where feeds are; without this $VEDETTE_FEEDS, feeds in the data folder, or ~/.local/share/vedette/feeds.
    json
        Print JSON.
    """
    from vedette.core.clock import SystemClock
    from vedette.instruments.scan.advisories import add as added
    from vedette.instruments.scan.advisories.types import FeedKind

    os.umask(0o077)
    with _progress() as progress:
        made = added(
            _folder(folder), source, SystemClock().now(), kind=one_of(FeedKind, kind, "--kind") if kind else None,
            ecosystems=ecosystem, name=name, checksum=sha256, fetch=_fetch, progress=progress,
        )  # fmt: skip
    _tell(made, (), "", json=json)


def update(*names: str, folder: Path | None = None, json: bool = False) -> None:
    """Bring feeds up to date from where they came; exits 1 when one could not be, which then stays as it was.

    Parameters
    ----------
    names
        The feeds; without one, all.
    folder
        Where feeds are; without this $VEDETTE_FEEDS, feeds in the data folder, or ~/.local/share/vedette/feeds.
    json
        Print JSON.
    """
    from vedette.core.clock import SystemClock
    from vedette.instruments.scan.advisories import open_feeds
    from vedette.instruments.scan.advisories import update as updated

    os.umask(0o077)
    where, now = _folder(folder), SystemClock().now()
    with _progress() as progress:
        made = updated(where, now, _fetch, names=names, progress=progress)
    feeds = open_feeds(where, now)
    damaged = feeds.damaged()
    feeds.close()
    _tell(made, damaged, _NONE.format(folder=where), json=json)
    if damaged or any(each.failed for each in made):
        sys.exit(1)


def status(*, max_feed_age: float = 7.0, folder: Path | None = None, json: bool = False) -> None:
    """Tell how old and how whole the feeds are; exits 1 when one cannot be relied on.

    Parameters
    ----------
    max_feed_age
        Days after which a feed is stale.
    folder
        Where feeds are; without this $VEDETTE_FEEDS, feeds in the data folder, or ~/.local/share/vedette/feeds.
    json
        Print JSON.
    """
    from vedette.core.clock import SystemClock
    from vedette.instruments.scan.advisories import open_feeds

    where = _folder(folder)
    feeds = open_feeds(where, SystemClock().now(), max_feed_age * _DAY)
    told, damaged = feeds.status(), feeds.damaged()
    feeds.close()
    _tell(told, damaged, _NONE.format(folder=where), json=json)
    if damaged or any(each.trouble for each in told):
        sys.exit(1)


def remove(name: str, *, folder: Path | None = None, json: bool = False) -> None:
    """Remove a feed.

    Parameters
    ----------
    name
        The feed, as `vedette feeds status` calls it.
    folder
        Where feeds are; without this $VEDETTE_FEEDS, feeds in the data folder, or ~/.local/share/vedette/feeds.
    json
        Print JSON.
    """
    from vedette.instruments.scan.advisories import remove as removed

    removed(_folder(folder), name)
    emit({"removed": name}, f"Feed {name} is removed.", json=json)


def _folder(told: Path | None) -> Path:
    from vedette.instruments.scan.advisories.whereabouts import feeds_folder

    return told or feeds_folder(os.environ, core_settings.load().data)


def _fetch(url: str, headers: Mapping[str, str], into: "Sink") -> "Fetched":
    """Fetch by our own net; whoever types this may reach a mirror in their own network."""
    from vedette.instruments.scan.advisories.types import Fetched
    from vedette.plumbing.net.client import NetClient

    answer = NetClient(allow_private=True).download(url, into.write, headers, _DEADLINE)
    return Fetched(answer.status, answer.headers)


def _tell(feeds: "Sequence[FeedStatus]", damaged: "Sequence[Unknown]", empty: str, *, json: bool) -> None:
    if json:
        emit({"feeds": feeds, "damaged": damaged}, "", json=True)
        return
    if feeds or not damaged:
        print(table([_row(each) for each in feeds], empty))
    for line in [*_troubles(feeds), *(f"{each.why} {each.fix}" for each in damaged)]:
        print(line)


def _row(feed: "FeedStatus") -> Mapping[str, str]:
    return {
        "feed": feed.name,
        "of": ", ".join(feed.covers)[:_WIDE] or str(feed.kind),
        "records": f"{feed.records:,}",
        "age": _age(feed.age),
        "bytes": f"{feed.bytes / 1e6:.1f} MB",
        "is": "unreliable" if feed.trouble else "incomplete" if feed.broken else "good",
    }


def _troubles(feeds: "Sequence[FeedStatus]") -> Iterator[str]:
    for each in feeds:
        if each.trouble:
            yield f"{each.name}: {each.trouble}."
        if each.broken:
            yield f"{each.name}: {each.broken:,} of its records cannot be read, so no scan that needs it is clean."
        if each.failed:
            yield f"{each.name}: the last update failed, and what was there stands: {each.failed}"


def _age(seconds: float) -> str:
    hours = max(0.0, seconds) / 3_600
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


@contextlib.contextmanager
def _progress() -> "Iterator[Progress]":
    """Show on a terminal what is done; nothing where nobody looks."""
    from vedette.instruments.scan.types import silent

    if not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", total=None)

        def told(what: str, done: float | None = None) -> None:
            bars.update(bar, description=what, total=None if done is None else 1.0, completed=done or 0.0)

        yield told
