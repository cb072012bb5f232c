"""Feeds are added, brought up to date and removed; whatever fails leaves what was there."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from vedette.core.errors import NotFound, VedetteError
from vedette.core.ids import new_id
from vedette.instruments.scan.advisories import building, fetching, storing
from vedette.instruments.scan.advisories.feeds import open_feeds
from vedette.instruments.scan.advisories.types import (
    DAY,
    BadFeed,
    FeedKind,
    FeedStatus,
    Fetch,
    Manifest,
)
from vedette.instruments.scan.types import Progress, silent

_SLUG = re.compile(r"[^A-Za-z0-9._]+")
_MOST_FAILURE = 300
_QUIET = 30 * DAY  # for so long a source may have nothing new to say


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A feed somebody wants: where it comes from, what it holds, what it is whole for, the hash it must have."""

    name: str
    source: str
    kind: FeedKind
    ecosystems: tuple[str, ...] = ()
    checksum: str = ""


def add(
    folder: Path, source: str, now: float, *, kind: FeedKind | None = None, ecosystems: Sequence[str] = (), name: str = "",
    checksum: str = "", fetch: Fetch | None = None, progress: Progress = silent,
) -> tuple[FeedStatus, ...]:  # fmt: skip
    """Add the feeds of a source, or replace those of the same name, and return how they are.

    `source` is a zip, a folder, a file, or an URL: of one of these, or with `ecosystems` of a bucket in OSV's layout, which
    makes a feed of each. `ecosystems` are those a source of several is whole for (`all` of them). `checksum` is a SHA-256 or
    where one stands. Raises `BadFeed`, or what `fetch` raises; then nothing has changed.
    """
    wanted = _wanted(source, kind or kind_of(source), tuple(ecosystems), name, checksum)
    with storing.locked(folder):
        for each in wanted:
            _make(folder, each, now, fetch, progress)
    names = {each.name for each in wanted}
    return tuple(each for each in _status(folder, now) if each.name in names)


def update(
    folder: Path, now: float, fetch: Fetch | None, *, names: Sequence[str] = (), progress: Progress = silent
) -> tuple[FeedStatus, ...]:
    """Bring feeds up to date, all or those named, and return how they are.

    What fails is told by `failed` of the feed, which stays as it was. Raises `NotFound` for a name there is no feed of.
    """
    with storing.locked(folder):
        for each in _named(folder, names):
            try:
                _make(folder, _again(each), now, fetch, progress)
            except VedetteError as error:
                _failed(folder, each, now, str(error))
    return tuple(each for each in _status(folder, now) if not names or each.name in names)


def remove(folder: Path, name: str) -> None:
    """Remove a feed; raises `NotFound` when there is none of that name."""
    with storing.locked(folder):
        if not storing.drop(folder, name):
            raise NotFound(f"There is no feed {name} in {folder}; {_there(folder)}")


def kind_of(source: str) -> FeedKind:
    """Return what a source holds by its name: CISA's and FIRST's files are called as they call them."""
    name = _file_name(source).lower()
    if "known_exploited" in name or name.startswith("kev"):
        return FeedKind.KEV
    return FeedKind.EPSS if name.startswith("epss") else FeedKind.OSV


def _file_name(source: str) -> str:
    return source.rstrip("/").rpartition("/")[2]


def _wanted(
    source: str, kind: FeedKind, ecosystems: tuple[str, ...], name: str, checksum: str
) -> tuple[Wanted, ...]:
    if _is_bucket(source, kind) and ecosystems:
        if name and len(ecosystems) > 1:
            raise BadFeed("A bucket makes a feed of each ecosystem: name one ecosystem, or no name.")
        return tuple(
            Wanted(
                name=storing.checked_name(name or _slug(f"osv-{each}")), source=fetching.bucket_url(source, each), kind=kind,
                ecosystems=(each,), checksum=checksum,
            )
            for each in ecosystems
        )  # fmt: skip
    given = name or _name(source, kind, ecosystems)
    told = source if fetching.is_url(source) else str(Path(source).absolute())
    return (
        Wanted(
            name=storing.checked_name(given), source=told, kind=kind, ecosystems=ecosystems, checksum=checksum
        ),
    )


def _is_bucket(source: str, kind: FeedKind) -> bool:
    return kind is FeedKind.OSV and fetching.is_url(source) and not source.endswith((".zip", ".json"))


def _name(source: str, kind: FeedKind, ecosystems: Sequence[str]) -> str:
    if kind is not FeedKind.OSV:
        return str(kind)
    if len(ecosystems) == 1 and ecosystems[0] != building.EVERYTHING:
        return _slug(f"osv-{ecosystems[0]}")
    return _slug(f"osv-{Path(source).stem}")


def _slug(text: str) -> str:
    return _SLUG.sub("-", text).strip("-.")[:100]


def _make(folder: Path, wanted: Wanted, now: float, fetch: Fetch | None, progress: Progress) -> None:
    """Fetch, check, index and put in force; what was half-made is removed whatever happens."""
    former = storing.find(folder, wanted.name)
    with _scratch(folder, wanted.name) as (part, index):
        if fetching.is_url(wanted.source):
            progress(f"{wanted.name}: fetching", None)
            answer = fetching.download(
                wanted.source, _tag(folder, former, wanted), part, _needed(fetch, wanted.source)
            )
            if not answer.changed and former is not None:
                modified = answer.modified or former.modified
                as_of = _as_of(now, modified)
                told = {"as_of": as_of, "modified": modified, "failed": "", "failed_at": 0.0}
                storing.publish(folder, msgspec.structs.replace(former, **told))
                return
            source = _Source(part, _as_of(now, answer.modified), answer.etag, answer.modified)
        else:
            local = Path(wanted.source)
            source = _Source(local, min(now, _time_of(local)))
        _check_hash(source.path, wanted, part.with_suffix(".sums.part"), fetch)
        storing.publish(folder, _indexed(wanted, source, index, progress))


class _Source(msgspec.Struct, frozen=True):
    """A source on this machine, and the instant at which it was so."""

    path: Path
    as_of: float
    etag: str = ""
    modified: float = 0.0


def _as_of(now: float, modified: float) -> float:
    """Return the instant what was fetched now is true of: its own where nobody has changed it for long, as of a dead mirror."""
    return modified if 0 < modified < now - _QUIET else now


def _indexed(wanted: Wanted, source: _Source, index: Path, progress: Progress) -> Manifest:
    def told(what: str, done: float | None = None) -> None:
        progress(f"{wanted.name}: {what}", done)

    try:
        plan = building.Plan(source.path, _file_name(wanted.source), wanted.kind, wanted.ecosystems)
        built = building.build(plan, index, told)
        digest = storing.sha256(source.path) if source.path.is_file() else ""
    except OSError as error:
        raise BadFeed(f"{wanted.source} cannot be taken in: {error.strerror or error}.") from error
    return Manifest(
        name=wanted.name, kind=wanted.kind, source=wanted.source, as_of=source.as_of, etag=source.etag, modified=source.modified,
        checksum=wanted.checksum, records=built.records, withdrawn=built.withdrawn, broken=built.broken,
        broken_first=built.broken_first, covers=built.covers, counts=built.counts, index=index.name,
        index_sha256=built.index_sha256, index_bytes=built.index_bytes, source_sha256=digest,
    )  # fmt: skip


@contextmanager
def _scratch(folder: Path, name: str) -> Iterator[tuple[Path, Path]]:
    """Give a file to fetch into and one to index into; they go away unless a manifest names them."""
    one = new_id()[:12]
    part, index = folder / f"{name}-{one}.part", folder / f"{name}-{one}.index"
    try:
        yield part, index
    finally:
        part.unlink(missing_ok=True)
        part.with_suffix(".sums.part").unlink(missing_ok=True)
        kept = storing.find(folder, name)
        if kept is None or kept.index != index.name:
            index.unlink(missing_ok=True)


def _tag(folder: Path, former: Manifest | None, wanted: Wanted) -> str:
    """Return the tag of what is here, empty where it has to be fetched again."""
    if former is None or former.source != wanted.source or storing.damage(folder, former):
        return ""
    return former.etag


def _needed(fetch: Fetch | None, source: str) -> Fetch:
    if fetch is None:
        raise BadFeed(f"{source} cannot be fetched from here; fetch it elsewhere and add the file.")
    return fetch


def _time_of(source: Path) -> float:
    """Return the instant at which a local source was as it is: of a git checkout when it was fetched, else of its newest file."""
    fetched = source / ".git" / "FETCH_HEAD"
    try:
        if not source.is_dir():
            return source.stat().st_mtime
        newest = max(
            (each.stat().st_mtime for each in source.rglob("*.json")), default=source.stat().st_mtime
        )
        return _as_of(fetched.stat().st_mtime, newest) if fetched.is_file() else newest
    except OSError as error:
        raise BadFeed(f"{source} cannot be read: {error.strerror}.") from None


def _check_hash(local: Path, wanted: Wanted, part: Path, fetch: Fetch | None) -> None:
    if not local.is_file():
        if wanted.checksum:
            raise BadFeed(f"{wanted.source} is no file: a folder has no SHA-256 to check.")
        return
    expected = fetching.expected_of(wanted.source, wanted.checksum, part, fetch)
    if expected and storing.sha256(local) != expected:
        raise BadFeed(
            f"{wanted.source} does not have the SHA-256 it must have ({expected[:16]}…): it was changed or cut."
        )


def _again(manifest: Manifest) -> Wanted:
    """Return the wish a feed was made by."""
    return Wanted(
        name=manifest.name, source=manifest.source, kind=manifest.kind, ecosystems=manifest.covers,
        checksum=manifest.checksum,
    )  # fmt: skip


def _failed(folder: Path, manifest: Manifest, now: float, why: str) -> None:
    storing.publish(folder, msgspec.structs.replace(manifest, failed=why[:_MOST_FAILURE], failed_at=now))


def _named(folder: Path, names: Sequence[str]) -> tuple[Manifest, ...]:
    there = [each for each in storing.manifests(folder) if isinstance(each, Manifest)]
    missing = sorted(set(names) - {each.name for each in there})
    if missing:
        raise NotFound(f"There is no feed {missing[0]} in {folder}; {_there(folder)}")
    return tuple(each for each in there if not names or each.name in names)


def _there(folder: Path) -> str:
    names = ", ".join(each.name for each in storing.manifests(folder))
    return f"there are {names}." if names else "there is none at all."


def _status(folder: Path, now: float) -> tuple[FeedStatus, ...]:
    feeds = open_feeds(folder, now)
    try:
        return feeds.status()
    finally:
        feeds.close()
