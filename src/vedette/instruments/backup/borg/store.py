"""A repository of borg's."""

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core.clock import to_datetime
from vedette.core.ids import new_id
from vedette.instruments.backup import aiming, counting, globbing, holders, reaching
from vedette.instruments.backup.borg import asking, saying
from vedette.instruments.backup.borg.asking import Ended
from vedette.instruments.backup.borg.resuming import Resume
from vedette.instruments.backup.failing import MEANS
from vedette.instruments.backup.listing import Folder, Item, Tally, Wary, inside
from vedette.instruments.backup.types import (
    Cargo,
    Failed,
    Held,
    Level,
    Repository,
    Restored,
    Saved,
    Secret,
    Tools,
)
from vedette.wire.backup import Aim, Entry, Failure, Keep, Snapshot

_COMPRESSION = "zstd,3"
_ENCRYPTION = (
    "repokey-blake2"  # the key lies in the repository, locked by the password: the sheet alone restores
)


class _Cached(msgspec.Struct, frozen=True):
    unique_csize: int = 0


class _Cache(msgspec.Struct, frozen=True):
    stats: _Cached = _Cached()


class _Info(msgspec.Struct, frozen=True):
    cache: _Cache = _Cache()


class Borg:
    """An opened repository; nothing is run before a method is called."""

    def __init__(self, repository: Repository, tools: Tools) -> None:
        self._repository, self._tools = repository, tools
        self._ask = functools.partial(asking.ask, repository)
        self._seen: tuple[Snapshot, ...] | None = None  # what is there, as long as nothing was added

    def create(self) -> bool:
        """Make the repository where there is none; tell whether it was made."""
        if self._is_there():
            return False
        self._ask(["init", "--encryption", _ENCRYPTION, self._at], self._tools)
        return True

    def save(self, cargo: Cargo, tools: Tools) -> Saved:
        """Store one snapshot."""
        self._seen = None
        paths = aiming.there(cargo)
        name = saying.name_for(cargo.plan, to_datetime(tools.now()).strftime("%Y%m%dT%H%M%S"), new_id()[:8])
        words = [
            "create",
            "--json",
            "--progress",
            "--list",
            "--filter=EC",
            "--sparse",
            "--compression",
            self._compression,
        ]
        words += ["--one-file-system"] if cargo.one_file_system else []
        words += [word for pattern in cargo.excludes for word in ("--exclude", globbing.for_borg(pattern))]
        ended = self._ask(
            [*words, self._named(name), "--", *paths],
            tools,
            step="Saving",
            of=(cargo.of_files, cargo.of_bytes),
        )
        stats = msgspec.json.decode(ended.done.out, type=saying.Created).archive.stats
        if not stats.nfiles:
            self._ask(["delete", self._named(name)], tools)
            raise Failed(
                Failure.SOURCE_EMPTY, f"{MEANS[Failure.SOURCE_EMPTY][0]}: borg found no file.", ended.said
            )
        return Saved(
            snapshot=name, files=stats.nfiles, read=stats.original_size, stored=stats.deduplicated_size,
            unread=ended.unread, changed=ended.changed, output=ended.said,
        )  # fmt: skip

    def snapshots(self, tools: Tools) -> tuple[Snapshot, ...]:
        """Return the snapshots, newest first; checkpoints of interrupted runs are not among them."""
        self._seen = saying.snapshots_of(self._ask(["list", "--json", self._at], tools).done.out)
        return self._seen

    def verify(self, snapshot: str, level: Level, tools: Tools) -> None:
        """Read what was stored: `extract --dry-run` fetches, decrypts and compares every chunk of a snapshot, and misses one."""
        if snapshot and level is not Level.SNAPSHOT:
            aiming.chosen(self.snapshots(tools), snapshot, self._plan)
        if level is Level.SNAPSHOT:
            self._whole(
                self._ask(["extract", "--dry-run", self._named(snapshot)], tools, step="Reading back")
            )
        elif level is Level.WHOLE:
            self._whole(
                self._ask(["check", "--verify-data", self._at], tools, step="Reading everything back")
            )

    def entries(self, snapshot: str, below: str, tools: Tools) -> Iterator[Entry]:
        """Yield what lies directly below a folder."""
        folder = Folder(below)
        self._listed(snapshot, [inside(below)] if inside(below) else [], tools, folder.add)
        return folder.entries()

    def restore(self, aim: Aim, into: Path, tools: Tools) -> Restored:
        """Bring a snapshot or paths of it back below a folder; files that are there whole already are not fetched again."""
        aiming.no_instant(aim, "borg")
        snapshot = aiming.chosen(self.snapshots(tools), aim.snapshot, self._plan).name
        tally, wary = Tally(aim.paths), Wary()
        paths = [inside(path) for path in aim.paths]
        with Resume(into, tools.state) as resume:

            def look(item: Item) -> None:
                wary.look(item)
                tally.add(item)
                resume.look(item)

            self._listed(snapshot, paths, tools, look)
            aiming.something(tally, aim, snapshot)
            words = [
                "extract",
                "--sparse",
                "--progress",
                *resume.words(),
                self._named(snapshot),
                *map(_exactly, paths),
            ]
            ended = self._ask(
                words, tools, step="Restoring", of=(tally.files, tally.bytes), cwd=into, only_in=[into]
            )
        return counting.restored(into, tally, ended.said)

    def prune(self, keep: Keep, plan: str, tools: Tools) -> tuple[str, ...]:
        """Remove snapshots of a plan whose time is over."""
        flags = aiming.kept(keep)
        if not flags or reaching.append_only(self._repository):
            return ()
        before = {one.name for one in self._seen or self.snapshots(tools)}
        self._ask(["prune", "--glob-archives", saying.all_of(plan), *flags, self._at], tools, step="Pruning")
        self._ask(["compact", self._at], tools, step="Freeing space")
        return tuple(sorted(before - {one.name for one in self.snapshots(tools)}))

    def lock(self, tools: Tools) -> Held | None:
        """Return who holds the repository; on another host only borg there can tell."""
        return holders.firmest(asking.locks_of(self._repository, tools))

    def unlock(self, tools: Tools) -> None:
        """Break the locks of the repository and of our cache of it."""
        self._ask(["break-lock", self._at], tools)

    def rekey(self, password: Secret, tools: Tools) -> None:
        """Change the password that locks the repository's key."""
        self._ask(["key", "change-passphrase", self._at], tools, secrets={"BORG_NEW_PASSPHRASE": password})
        self._repository = msgspec.structs.replace(self._repository, password=password)
        self._ask = functools.partial(asking.ask, self._repository)

    def size(self, tools: Tools) -> int:
        """Return how many bytes the repository has; of one on another host borg's own count."""
        if asking.local(self._repository):
            return counting.size_of(Path(self._at))
        text = self._ask(["info", "--json", self._at], tools).done.out
        return msgspec.json.decode(text, type=_Info).cache.stats.unique_csize

    def by_hand(self, snapshot: str) -> Sequence[str]:
        """Return the lines of a shell that restore with bare borg."""
        at = aiming.quoted(self._at)
        key = ['export BORG_RSH="ssh -i $PWD/KEY_FILE"'] if "ssh_key" in self._repository.secrets else []
        path = reaching.text(self._repository, "remote_path")
        there = [f"export BORG_REMOTE_PATH={aiming.quoted(path)}"] if path else []
        name = aiming.quoted(snapshot) if snapshot else f'"$(borg list --last 1 --short {at})"'
        return (
            'export BORG_PASSPHRASE="$PASSWORD"', *key, *there, f"borg list {at}", "mkdir -p restored && cd restored",
            f"borg extract {at}::{name}",
        )  # fmt: skip

    def _is_there(self) -> bool:
        if asking.local(self._repository) and not Path(self._at).exists():
            return False
        try:
            self._ask(["list", "--last", "1", self._at], self._tools)
        except Failed as error:
            if error.failure is not Failure.TARGET_MISSING:
                raise
            return False
        return True

    @property
    def _at(self) -> str:
        return self._repository.at

    @property
    def _plan(self) -> str:
        return aiming.plan_of(self._repository)

    @property
    def _compression(self) -> str:
        return reaching.text(self._repository, "compression", _COMPRESSION)

    def _named(self, snapshot: str) -> str:
        return f"{self._at}::{snapshot}"

    def _listed(
        self, snapshot: str, paths: Sequence[str], tools: Tools, take: Callable[[Item], object]
    ) -> None:
        records = saying.Records()

        def line(text: str) -> None:
            for item in records.take(text):
                take(item)

        self._ask(
            ["list", "--format", saying.LISTED, self._named(snapshot), *map(_exactly, paths)], tools,
            env={"PYTHONIOENCODING": saying.CODEC}, on_line=line,
        )  # fmt: skip

    def _whole(self, ended: Ended) -> None:
        """Raise DAMAGED for a warning, too: borg warns of files whose chunks were replaced by zeros."""
        if ended.done.code:
            raise Failed(
                Failure.DAMAGED, f"{MEANS[Failure.DAMAGED][0]} ({self._repository.name}).", ended.said
            )


def _exactly(path: str) -> str:
    return f"pp:{path}"
