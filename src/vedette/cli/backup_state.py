"""What is remembered on a host without a server: reports of runs, acts under way, keys, passwords that were made here.

Passwords are sealed (AES-256-GCM) by a key beside them that its owner alone may read; the recovery sheet is their second place.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core.errors import ConfigError
from vedette.instruments.backup import evidence
from vedette.instruments.backup.failing import fix_of
from vedette.instruments.backup.types import Repository
from vedette.instruments.backup.working import safe
from vedette.plumbing.seal import ed25519
from vedette.plumbing.seal.aesgcm import AesGcmSeal
from vedette.wire.backup import BackupReport, BackupRun, DrillRun, Failure, RestoreRun, Stage

Report = BackupRun | DrillRun | RestoreRun
AGENT = Path("/var/lib/vedette-agent/backups")
MOST_KEPT = 500  # reports of a copy
_SEAL_KEY, _EVIDENCE_KEY, _SEALED = "seal.key", "evidence.key", "backup"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something under way: its report as it began, and the process that does it."""

    report: Report
    pid: int
    born: float


class State:
    """The folder (0700) in which all of it lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(
                f"{folder}: the folder cannot be made: {error.strerror}. Name another with --state."
            ) from error

    def reports(self, repository: Repository) -> tuple[Report, ...]:
        """Return the reports of a copy, newest first."""
        return tuple(_read(path) for path in sorted(self._shelf(repository).glob("*.msgpack"), reverse=True))

    def runs(self, repository: Repository) -> tuple[BackupRun, ...]:
        """Return its backups, newest first."""
        return tuple(one for one in self.reports(repository) if isinstance(one, BackupRun))

    def drills(self, repository: Repository) -> tuple[DrillRun, ...]:
        """Return its drills, newest first."""
        return tuple(one for one in self.reports(repository) if isinstance(one, DrillRun))

    def keep(self, repository: Repository, report: Report) -> Report:
        """Sign and keep a report; return it as it is kept."""
        kept = self._signed(report)
        shelf = self._shelf(repository)
        shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(
            shelf / f"{int(report.began_at * 1_000):016}-{safe(report.id)}.msgpack",
            msgspec.msgpack.encode(kept),
        )
        for old in sorted(shelf.glob("*.msgpack"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
        return kept

    def signed(self, report: Report) -> bool:
        """Tell whether a report is as it was signed here."""
        key = ed25519.read_key(self.folder / _EVIDENCE_KEY)
        if key is None or isinstance(report, RestoreRun):
            return False
        return evidence.holds(report, evidence.text_of(key.public))

    @contextlib.contextmanager
    def under_way(self, repository: Repository, begun: Report) -> Iterator[None]:
        """Note that an act is under way: whoever comes after us tells if it was killed."""
        self._tell_of_killed(repository)
        place = self._acts(repository) / f"{safe(begun.id)}.msgpack"
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(
            place, msgspec.msgpack.encode(Act(report=begun, pid=os.getpid(), born=_born(os.getpid()) or 0.0))
        )
        yield
        place.unlink(missing_ok=True)

    def settled(self, repository: Repository, now: float) -> tuple[Report, ...]:
        """Return the reports of a copy, newest first, those of acts that were killed among them."""
        self._tell_of_killed(repository, now)
        return self.reports(repository)

    def password(self, repository_name: str, at: str) -> str:
        """Return the password that was made here for a repository, empty where none was."""
        path = self._password(repository_name, at)
        try:
            return self._seal().open(path.read_text(encoding="utf-8"), _SEALED)
        except FileNotFoundError:
            return ""

    def keep_password(self, repository_name: str, at: str, password: str) -> None:
        """Seal and keep a password."""
        path = self._password(repository_name, at)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, self._seal().seal(password, _SEALED).encode())

    def _tell_of_killed(self, repository: Repository, now: float | None = None) -> None:
        for path in self._acts(repository).glob("*.msgpack"):
            act = msgspec.msgpack.decode(path.read_bytes(), type=Act)
            if _born(act.pid) == act.born:
                continue
            ended = max(now or act.report.began_at, act.report.began_at)
            self.keep(repository, _killed(act.report, ended))
            path.unlink(missing_ok=True)

    def _signed(self, report: Report) -> Report:
        if isinstance(report, BackupRun):
            return evidence.sign(report, self._evidence_key())
        return evidence.sign(report, self._evidence_key()) if isinstance(report, DrillRun) else report

    def _shelf(self, repository: Repository) -> Path:
        return self.folder / "reports" / _name(repository.name, repository.at)

    def _acts(self, repository: Repository) -> Path:
        return self.folder / "under-way" / _name(repository.name, repository.at)

    def _password(self, name: str, at: str) -> Path:
        return self.folder / "passwords" / _name(name, at)

    def _evidence_key(self) -> ed25519.SigningKey:
        path = self.folder / _EVIDENCE_KEY
        return ed25519.read_key(path) or ed25519.write_key(path)

    def _seal(self) -> AesGcmSeal:
        path = self.folder / _SEAL_KEY
        if ed25519.read_key(path) is None:  # 32 random bytes in a file of mode 0600, as this needs too
            ed25519.write_key(path)
        return AesGcmSeal(path.read_bytes())


def folder_of(given: Path | None) -> Path:
    """Return the folder of state: as told, the agent's for root, else the user's own (XDG Base Directory)."""
    if given is not None:
        return given.absolute()
    if os.geteuid() == 0:
        return AGENT
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "vedette" / "backups"


def last_good(reports: Sequence[Report]) -> BackupRun | None:
    """Return the newest backup that ended well."""
    return next((one for one in reports if isinstance(one, BackupRun) and one.stage is Stage.DONE), None)


def _killed(report: Report, ended_at: float) -> Report:
    failure = Failure.INTERRUPTED
    sentence = "Its process was ended from outside, or the host went down, before it was done."
    return msgspec.structs.replace(
        report, stage=Stage.FAILED, failure=failure, sentence=sentence, fix=fix_of(failure), ended_at=ended_at
    )  # fmt: skip


def _born(pid: int) -> float | None:
    import psutil

    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def _name(name: str, at: str) -> str:
    """Return a folder for a copy at a place: another place is another history."""
    return f"{safe(name.replace('/', '-'))}-{hashlib.sha256(at.encode('utf-8', 'surrogateescape')).hexdigest()[:8]}"


def _read(path: Path) -> Report:
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=BackupReport)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path} is no report of ours any more ({error}); remove it.") from error
    if not isinstance(found, Report):
        raise ConfigError(f"{path} is no report of a run; remove it.")
    return found


def _write(path: Path, body: bytes) -> None:
    new = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
