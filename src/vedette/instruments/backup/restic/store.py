"""A repository of restic's."""

import functools
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core.names import written
from vedette.instruments.backup import aiming, counting, globbing, holders, program, reaching
from vedette.instruments.backup.failing import MEANS
from vedette.instruments.backup.listing import Folder, Item, Tally, inside
from vedette.instruments.backup.restic import addressing, asking, saying, walking
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

_READING = ("--no-lock", "--json")  # reading changes nothing, and works on a disk that cannot be written to


class Restic:
    """An opened repository; nothing is run before a method is called."""

    def __init__(self, repository: Repository, tools: Tools) -> None:
        self._repository, self._tools = repository, tools
        self._ask = functools.partial(asking.ask, repository)

    def create(self) -> bool:
        """Make the repository where there is none; tell whether it was made."""
        try:
            self._ask(["cat", "config", "--no-lock"], self._tools)
        except Failed as error:
            if error.failure is not Failure.TARGET_MISSING or not self._may_begin():
                raise
            self._ask(["init"], self._tools)
            return True
        return False

    def save(self, cargo: Cargo, tools: Tools) -> Saved:
        """Store one snapshot."""
        paths = aiming.there(cargo)
        words = ["backup", "--json", "--tag", saying.tag_of(cargo.plan)]
        words += ["--one-file-system"] if cargo.one_file_system else []
        words += [word for pattern in cargo.excludes for word in ("--exclude", globbing.for_restic(pattern))]
        ended = self._ask(
            [*words, "--", *paths],
            tools,
            step="Saving",
            of=(cargo.of_files, cargo.of_bytes),
            fine=(0, asking.PARTIAL),
        )
        done = ended.summary
        if not done.snapshot_id:
            raise Failed(
                Failure.ENGINE, f"{MEANS[Failure.ENGINE][0]}: restic names no snapshot.", ended.done.said
            )
        name = self._long(done.snapshot_id, tools)
        if not done.total_files_processed:
            self._ask(["forget", name], tools)
            raise Failed(
                Failure.SOURCE_EMPTY,
                f"{MEANS[Failure.SOURCE_EMPTY][0]}: restic found no file.",
                ended.done.err,
            )
        return Saved(
            snapshot=name, files=done.total_files_processed, read=done.total_bytes_processed,
            stored=done.data_added_packed or done.data_added, unread=ended.unread, output=ended.done.err,
        )  # fmt: skip

    def snapshots(self, tools: Tools) -> tuple[Snapshot, ...]:
        """Return the snapshots, newest first; restic writes one only when all of it is stored."""
        return saying.snapshots_of(self._ask(["snapshots", *_READING], tools).done.out)

    def verify(self, snapshot: str, level: Level, tools: Tools) -> None:
        """Read what was stored: `dump` fetches and compares every blob of a snapshot, and nothing is taken from our cache.

        `check` alone looks at indexes and lets a damaged pack pass; `--read-data` reads them all.
        """
        name = aiming.chosen(self.snapshots(tools), snapshot, self._plan).name
        if level is Level.SNAPSHOT:
            words = ["dump", "--no-lock", "--no-cache", name, "/"]
            self._ask(words, tools, step="Reading back", to=Path(os.devnull))
        elif level is Level.WHOLE:
            self._ask(["check", "--read-data", "--no-cache"], tools, step="Reading everything back")

    def entries(self, snapshot: str, below: str, tools: Tools) -> Iterator[Entry]:
        """Yield what lies directly below a folder; names that JSON cannot hold are read from the trees themselves."""
        folder = Folder(below)
        top = f"/{inside(below)}"
        lossy = False

        def take(line: str) -> None:
            nonlocal lossy
            lossy = lossy or "\\ufffd" in line or "\ufffd" in line
            for _, item in saying.items_of(line):
                folder.add(item)

        asked = ["ls", *_READING, snapshot, top] if top.isprintable() else []
        if asked:
            self._ask(asked, tools, on_line=take)
        if lossy or not asked:
            return walking.entries(functools.partial(self._cat, tools), snapshot, inside(below))
        return folder.entries()

    def restore(self, aim: Aim, into: Path, tools: Tools) -> Restored:
        """Bring a snapshot or paths of it back below a folder; called again it writes over what is there."""
        aiming.no_instant(aim, "restic")
        snapshot = aiming.chosen(self.snapshots(tools), aim.snapshot, self._plan).name
        tally = Tally(tuple(written(_lossy(inside(path))) for path in aim.paths))
        self._listed(snapshot, tools, tally.add)
        aiming.something(tally, aim, snapshot)
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        counting.clear_links(into)
        chosen = [
            word for path in aim.paths for word in ("--include", f"/{globbing.literally(inside(path))}")
        ]
        ended = self._ask(
            ["restore", "--no-lock", snapshot, "--target", into, *chosen], tools, step="Restoring",
            of=(tally.files, tally.bytes), only_in=[into],
        )  # fmt: skip
        return counting.restored(into, tally, ended.done.err)

    def prune(self, keep: Keep, plan: str, tools: Tools) -> tuple[str, ...]:
        """Remove snapshots of a plan whose time is over."""
        flags = aiming.kept(keep)
        if not flags or reaching.append_only(self._repository):
            return ()
        before = {one.name for one in self.snapshots(tools)}
        self._ask(
            ["forget", "--prune", "--group-by", "", "--tag", saying.tag_of(plan), *flags],
            tools,
            step="Pruning",
        )
        return tuple(sorted(before - {one.name for one in self.snapshots(tools)}))

    def lock(self, tools: Tools) -> Held | None:
        """Return who holds the repository: of several the one that is most likely alive."""
        return holders.firmest(self._locks(tools))

    def unlock(self, tools: Tools) -> None:
        """Break the locks: those restic knows to be stale, and the rest where every holder is proven gone."""
        self._ask(["unlock"], tools)
        left = self._locks(tools)
        if left and all(holders.judged(held).gone for held in left):
            self._ask(["unlock", "--remove-all"], tools)

    def rekey(self, password: Secret, tools: Tools) -> None:
        """Add a key with the new password and remove the one with the old."""
        with program.private(tools) as folder:
            file = program.keep_secret(folder, "password", password.reveal())
            self._ask(["key", "passwd", "--new-password-file", file], tools)
        self._repository = msgspec.structs.replace(self._repository, password=password)
        self._ask = functools.partial(asking.ask, self._repository)

    def size(self, tools: Tools) -> int:
        """Return how many bytes the repository has; of one elsewhere, those of its data."""
        if addressing.local(self._repository):
            return counting.size_of(Path(self._repository.at))
        out = self._ask(["stats", "--mode", "raw-data", *_READING], tools).done.out
        return msgspec.json.decode(out, type=saying.Stats).total_size

    def by_hand(self, snapshot: str) -> Sequence[str]:
        """Return the lines of a shell that restore with bare restic."""
        at = aiming.quoted(addressing.place_of(self._repository))
        lines = ['export RESTIC_PASSWORD="$PASSWORD"', f"export RESTIC_REPOSITORY={at}"]
        lines += [
            f"export {name}={aiming.quoted(value)}"
            for name, value in addressing.environment_of(self._repository).items()
        ]
        return (
            *lines, *_keys(self._repository), f"restic{_over(self._repository)} snapshots",
            f"restic{_over(self._repository)} restore {aiming.quoted(snapshot or 'latest')} --target restored",
        )  # fmt: skip

    @property
    def _plan(self) -> str:
        return aiming.plan_of(self._repository)

    def _may_begin(self) -> bool:
        """Tell whether a repository may be made: not where the folder above is missing, or this one holds something else."""
        if not addressing.local(self._repository):
            return True
        place = Path(self._repository.at)
        return place.parent.is_dir() and not (place.is_dir() and any(place.iterdir()))

    def _long(self, short: str, tools: Tools) -> str:
        return next((one.name for one in self.snapshots(tools) if one.name.startswith(short)), short)

    def _cat(self, tools: Tools, kind: str, name: str) -> str:
        return self._ask(["cat", "--no-lock", kind, name], tools).done.out

    def _listed(self, snapshot: str, tools: Tools, take: Callable[[Item], None]) -> None:
        def line(text: str) -> None:
            for node, item in saying.items_of(text):
                if not saying.honest(node):
                    raise Failed(
                        Failure.DAMAGED,
                        f"The repository holds something named {written(node.name)[:200]!r}: nobody's backup has that.",
                    )
                take(item)

        self._ask(["ls", *_READING, snapshot], tools, on_line=line)

    def _locks(self, tools: Tools) -> list[Held]:
        names = self._ask(["list", "locks", "--no-lock"], tools).done.out.split()
        return [saying.held_of(self._cat(tools, "lock", name)) for name in names]


def _lossy(path: str) -> str:
    """Return a path as restic's JSON has it: without the bytes that are no text."""
    return os.fsencode(path).decode("utf-8", "replace")


def _keys(repository: Repository) -> Iterator[str]:
    if "access_key" in repository.secrets:
        yield 'export AWS_ACCESS_KEY_ID="$ACCESS_KEY"'
        yield 'export AWS_SECRET_ACCESS_KEY="$SECRET_KEY"'
    if "rclone_config" in repository.secrets:
        yield "export RCLONE_CONFIG=RCLONE_CONFIG_FILE"


def _over(repository: Repository) -> str:
    """Return the option for a way over ssh that is not the usual one."""
    if not repository.at.startswith("sftp://"):
        return ""
    user, host, port, _ = addressing.ssh_of(repository.at)
    key = "-i KEY_FILE " if "ssh_key" in repository.secrets else ""
    command = aiming.quoted(f"ssh {key}-p {port} {user}{host} -s sftp")
    return f" -o sftp.command={command}"
