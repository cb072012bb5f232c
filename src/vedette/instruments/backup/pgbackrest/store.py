"""A repository of pgBackRest: a whole PostgreSQL cluster and its WAL, for any point in time since the oldest backup."""

import base64
import os
import re
import shlex
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from vedette.core.names import written
from vedette.instruments.backup import clusters, psql
from vedette.instruments.backup.pgbackrest import archiving, bringing, keeping, options, reading
from vedette.instruments.backup.pgbackrest.reading import Backup, Stanza
from vedette.instruments.backup.pgbackrest.running import Runner
from vedette.instruments.backup.types import (
    Cargo,
    Cluster,
    Failed,
    Held,
    Level,
    Repository,
    Restored,
    Saved,
    Secret,
    Tools,
)
from vedette.wire.backup import Aim, Entry, Failure, Keep, Progress, Snapshot

_KEEP_ALL = "--repo1-retention-full=9999999"
_DATA = "var/lib/postgresql/data"  # where a cluster is said to lie that others saved
_MOST_WITNESS = 64 << 10
_LABEL = re.compile(r"new backup label = (\S+)")
_FILES = re.compile(r"backup size = .*file total = (\d+)")
_STANDING = """
SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS transaction,
 (SELECT setting FROM pg_settings WHERE name = 'wal_segment_size') AS segment"""
_WITNESS = "vedette-manifest.json"


class PgBackRest:
    """Implements `Store`."""

    def __init__(self, repository: Repository, tools: Tools) -> None:
        self._repository, self._tools = repository, tools
        self._run = Runner(repository)
        self._made = False

    def create(self) -> bool:
        """Make the folder of the repository, the server's user's; what is in it is made by the first backup."""
        folder = self._run.folder
        if folder is not None and not folder.exists():
            self._make(folder)
        self._made = self._stanza(self._tools).missing
        return self._made

    def save(self, cargo: Cargo, tools: Tools) -> Saved:
        """Store the cluster of a cargo; without one raises SOURCE_MISSING."""
        if cargo.cluster is None:
            raise Failed(
                Failure.SOURCE_MISSING, "pgBackRest saves PostgreSQL alone, with mode = \"pitr\": use borg or restic for all else."
            )  # fmt: skip
        # First: another password must not get into the archive's file.
        before = self._opened(cargo.cluster, tools)
        archiving.require(self._run, cargo.cluster, tools)
        full = keeping.is_full_due(before.backup, tools.now(), self._run.settings.full_days)
        said = self._backup(cargo, cargo.cluster, "full" if full else "incr", tools)
        return self._saved(said, tools)

    def snapshots(self, tools: Tools) -> tuple[Snapshot, ...]:
        """Return the backups, newest first."""
        return tuple(backup.snapshot() for backup in reversed(self._stanza(tools).backup))

    def verify(self, snapshot: str, level: Level, tools: Tools) -> None:
        """See that a backup is listed; on other levels read all that is stored, files and WAL, and that no WAL is missing between."""
        there = self._stanza(tools)
        backup = _found(there, snapshot)
        if level is Level.QUICK:
            return
        done = self._run.read("verify", "--output=text", "--verbose", tools=tools)
        faults = reading.faults(done.out)
        if faults:
            raise Failed(Failure.DAMAGED, f"What is stored is not whole: {'; '.join(faults[:3])}.", done.said)
        bringing.require_wal(self._run, backup, there, tools, whole=level is Level.WHOLE)

    def entries(self, snapshot: str, below: str, tools: Tools) -> Iterator[Entry]:
        """Yield the files of the cluster directly below a folder, by the manifest of the backup."""
        backup = _found(self._stanza(tools), snapshot)
        seen: set[str] = set()
        with tempfile.TemporaryDirectory(dir=tools.state) as folder:
            for line in self._manifest(backup, Path(folder) / "manifest", tools):
                found = reading.entry(line, below, self._data_of(backup))
                if found is not None and found.name not in seen:
                    seen.add(found.name)
                    yield found

    def restore(self, aim: Aim, into: Path, tools: Tools) -> Restored:
        """Bring the cluster back below a folder, with the WAL to recover to the aim when it is started."""
        if aim.paths:
            raise Failed(
                Failure.ENGINE,
                "pgBackRest restores a whole cluster; restore it elsewhere and take from it what you need.",
            )
        there = self._stanza(tools)
        chosen = aim.snapshot and next((one for one in there.backup if one.label == aim.snapshot), None)
        data = into / (
            self._data_of(chosen) if chosen else self._data_of(there.backup[-1]) if there.backup else _DATA
        )
        backup = bringing.bring(self._run, aim, there, data, tools)
        self._lay_witness(backup, into)
        files = [path for path in data.rglob("*") if path.is_file() and not path.is_symlink()]
        return Restored(root=into, files=len(files), bytes=sum(path.stat().st_size for path in files))

    def prune(self, keep: Keep, plan: str, tools: Tools) -> tuple[str, ...]:
        """Remove backups whose time is over, and the WAL before the oldest that is left."""
        there = self._stanza(tools).backup
        mine = [backup for backup in there if backup.note("plan") in {"", plan}]
        over = keeping.expired(mine, keep)
        for label in over:
            self._run.write("expire", f"--set={label}", _KEEP_ALL, tools=tools, own={})
        if over:
            left = sum(backup.type == "full" and backup.label not in over for backup in there)
            words = (f"--repo1-retention-full={max(1, left)}", f"--repo1-retention-archive={max(1, left)}")
            self._run.write("expire", *words, tools=tools, own={})
        return over

    def lock(self, tools: Tools) -> Held | None:
        """Return who holds the lock of a backup on this host; it is given back by the system when its holder ends."""
        if not self._stanza(tools).status.lock.backup.held:
            return None
        path = Path(self._run.settings.lock_path, f"{self._run.stanza}-backup.lock")
        pid = re.search(r"(\d+)-[0-9a-f]{8}", path.read_text(errors="replace")) if path.is_file() else None
        text = f"A backup runs on this host{f' (process {pid[1]})' if pid else ''}."
        return Held(host=os.uname().nodename, pid=int(pid[1]) if pid else 0, since=None, text=text)

    def unlock(self, tools: Tools) -> None:
        """Do nothing: a lock of pgBackRest ends with its holder."""

    def rekey(self, password: Secret, tools: Tools) -> None:  # noqa: ARG002
        """Raise `Failed`: pgBackRest cannot do that."""
        raise Failed(
            Failure.ENGINE, "pgBackRest cannot change the password of a repository: add a copy with another place, and remove this one later."
        )  # fmt: skip

    def size(self, tools: Tools) -> int:
        """Return the bytes of a folder, else those of all backups without their WAL."""
        if self._run.folder is None:
            return sum(backup.info.repository.delta for backup in self._stanza(tools).backup)
        return sum(path.lstat().st_size for path in self._run.folder.rglob("*"))

    def by_hand(self, snapshot: str) -> Sequence[str]:
        """Return the lines of a shell that restore the cluster, as root, while PostgreSQL is stopped."""
        shared = options.plain(self._repository, self._run.settings)
        words = " ".join(f"--{name}={shlex.quote(value)}" for name, value in shared.items())
        base = f"pgbackrest --no-config --stanza={shlex.quote(self._run.stanza)} {words}"
        keys = (
            {"PGBACKREST_REPO1_S3_KEY": "ACCESS_KEY", "PGBACKREST_REPO1_S3_KEY_SECRET": "SECRET_KEY"}
            if self._run.folder is None
            else {}
        )
        chosen = f"--set={shlex.quote(snapshot)} " if snapshot else ""
        return (
            'export PGBACKREST_REPO1_CIPHER_PASS="$PASSWORD"',
            *(f'export {name}="${held}"' for name, held in keys.items()),
            f"{base} info",
            "DATA=/var/lib/postgresql/15/main   # empty, of the version that was saved",
            f'{base} --pg1-path="$DATA" {chosen}--recovery-option=restore_command="pgbackrest --config=/etc/pgbackrest-restore.conf --stanza={self._run.stanza} archive-get %f \\"%p\\"" restore',
            f'(umask 077; printf "[global]\\n{_conf(shared)}repo1-cipher-pass=%s\\n[{self._run.stanza}]\\npg1-path=%s\\n" "$PASSWORD" "$DATA" > /etc/pgbackrest-restore.conf)',
            'chown -R postgres: "$DATA" /etc/pgbackrest-restore.conf',
            "systemctl start postgresql   # it recovers to the end of what was archived",
        )

    def _make(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o750)
            clusters.own(folder, self._run.user)
        except OSError as error:
            raise Failed(Failure.TARGET_MISSING, f"{folder} cannot be made: {error.strerror}.") from None

    def _stanza(self, tools: Tools) -> Stanza:
        folder = self._run.folder
        if folder is not None and not folder.is_dir():
            raise Failed(Failure.TARGET_MISSING, f"There is no repository at {folder}.")
        return reading.stanza(self._run.read("info", "--output=json", tools=tools).out)

    def _opened(self, cluster: Cluster, tools: Tools) -> Stanza:
        """Return what is stored of the cluster, which is made known there if the repository is new."""
        there = self._stanza(tools)
        if not there.missing:
            return there
        if not self._made:
            raise Failed(
                Failure.TARGET_MISSING, f"{self._repository.at} holds nothing of {self._run.stanza} any more."
            )
        self._run.write("stanza-create", tools=tools, own=options.of_cluster(cluster))
        return self._stanza(tools)

    def _backup(self, cargo: Cargo, cluster: Cluster, kind: str, tools: Tools) -> str:
        notes = {"plan": cargo.plan, "data": str(cluster.data), "witness": _witness_of(cargo)}
        said: list[str] = []

        def hear(line: str) -> None:
            said.append(line)
            del said[:-200]
            tools.tell(Progress(step=f"Backing the cluster up ({kind})", of_bytes=cargo.of_bytes))

        own = {**options.of_cluster(cluster), "annotation": _annotation(notes)}
        settings = self._run.settings
        self._run.write(
            "backup", f"--type={kind}", "--start-fast", "--log-level-console=info", _KEEP_ALL, "--no-expire-auto",
            "--compress-type=zst", f"--process-max={settings.processes}", f"--archive-timeout={settings.archive_timeout:.0f}",
            tools=tools, own=own, on_line=hear,
        )  # fmt: skip
        text = "\n".join(said)
        self._annotate(text, cluster, tools)
        return text

    def _annotate(self, said: str, cluster: Cluster, tools: Tools) -> None:
        """Note what is known only when it has ended: files, and the first transaction that cannot be in it."""
        row = psql.ask(archiving.reach_of(cluster), "template1", _STANDING, tools)[0]
        notes = {name: str(row[name]) for name in ("transaction", "segment")} | {
            "files": _first(_FILES, said)
        }
        own = {"annotation": _annotation(notes)}
        self._run.write("annotate", f"--set={_first(_LABEL, said)}", tools=tools, own=own)

    def _saved(self, said: str, tools: Tools) -> Saved:
        backup = _found(self._stanza(tools), _first(_LABEL, said))
        snapshot = backup.snapshot()
        return Saved(
            snapshot=backup.label, files=max(1, snapshot.files), read=backup.info.delta or backup.info.size,
            stored=backup.info.repository.delta, facts={"type": backup.type}, output=said[-4_000:],
        )  # fmt: skip

    def _manifest(self, backup: Backup, file: Path, tools: Tools) -> Iterator[str]:
        place = f"backup/{self._run.stanza}"
        listing = self._run.read("repo-get", f"{place}/backup.info", tools=tools).out
        secrets = {"cipher-pass": Secret(next(reading.ciphers(listing.splitlines()), ""))}
        self._run.read(
            "repo-get", f"{place}/{backup.label}/backup.manifest", tools=tools, secrets=secrets, to=file
        )
        with file.open(encoding="utf-8", errors="surrogateescape") as lines:
            yield from (line.rstrip("\n") for line in lines)

    def _data_of(self, backup: Backup) -> str:
        """Return where the cluster lay, without the first slash; never out of the folder it is restored to."""
        noted = Path(backup.note("data") or _DATA)
        return str(noted).lstrip("/") if ".." not in noted.parts else _DATA

    def _lay_witness(self, backup: Backup, into: Path) -> None:
        place, _, text = backup.note("witness").partition("\n")
        path = Path(place)
        if text and path.name == _WITNESS and path.is_absolute() and ".." not in path.parts:
            target = into / str(path).lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def _found(there: Stanza, snapshot: str) -> Backup:
    found = next((one for one in there.backup if one.label == snapshot), None)
    if found is None or found.error:
        why = "holds pages with a wrong checksum" if found else "is not in the repository"
        raise Failed(Failure.DAMAGED, f"The backup {snapshot} {why}.")
    return found


def _witness_of(cargo: Cargo) -> str:
    """Return the manifest of the run with its place, small as it is for a cluster: so that it lies in the repository, too."""
    path = next((path for path in cargo.steady if path.name == _WITNESS and path.is_file()), None)
    if path is None or path.stat().st_size > _MOST_WITNESS:
        return ""
    return f"{path}\n{path.read_text(encoding='utf-8')}"


def _annotation(notes: Mapping[str, str]) -> str:
    """Return notes as pgBackRest takes them from the environment; their values are coded, for a colon would end one."""
    coded = {
        name: base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        for name, text in notes.items()
        if text
    }
    return ":".join(f"{name}={text}" for name, text in coded.items())


def _first(pattern: re.Pattern[str], said: str) -> str:
    found = pattern.search(said)
    return found[1] if found else ""


def _conf(shared: Mapping[str, str]) -> str:
    return "".join(f"{written(name)}={value}\\n" for name, value in shared.items())
