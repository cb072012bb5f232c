"""Running borg: its environment, what it is told apart, and its errors as ours."""

import contextlib
import socket
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.instruments.backup import holders, program, reaching
from vedette.instruments.backup.borg import saying
from vedette.instruments.backup.borg.saying import Told
from vedette.instruments.backup.failing import MEANS
from vedette.instruments.backup.program import Done
from vedette.instruments.backup.types import Failed, Held, Repository, Secret, Tools
from vedette.wire.backup import Failure, Progress

_WAIT = 5  # seconds for somebody else's lock
_REMOTE = "ssh://"
_WARNINGS = range(100, 128)  # BORG_EXIT_CODES=modern


class Ended(msgspec.Struct, frozen=True):
    """How borg ended: its exit status, its output, and what it logged."""

    done: Done
    log: tuple[Told, ...] = ()
    unread: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def warned(self) -> bool:
        """Tell whether it ended with a warning."""
        return self.done.code in _WARNINGS or self.done.code == 1

    @property
    def said(self) -> str:
        """Return what it logged, for a report."""
        return "\n".join(line.message for line in self.log)[-4_000:]


def ask(
    repository: Repository,
    words: Sequence[str | Path],
    tools: Tools,
    *,
    step: str = "",
    of: tuple[int, int] = (0, 0),
    secrets: Mapping[str, Secret] | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    cwd: Path = Path("/"),
    only_in: Sequence[Path] = (),
) -> Ended:
    """Run a command of borg; raises `Failed` for every error of borg's, never for a warning: those are in what is returned."""
    log = _Log(tools, step, of, saying.CODEC if env and "PYTHONIOENCODING" in env else "utf-8")
    with _around(repository, tools) as (around, locks):
        done = program.run(
            ["borg", *_common(repository), *words], tools=tools, env={**around, **(env or {})},
            secrets={"BORG_PASSPHRASE": repository.password, **(secrets or {})}, hide=repository.secrets.values(),
            on_line=on_line, on_said=log.take, on_tick=log.tick, cwd=cwd, limits=repository.limits,
            only_in=[*only_in, *locks] if only_in else (),
        )  # fmt: skip
    ended = Ended(done, (*log.errors, *log.warnings), tuple(log.unread), tuple(log.changed))
    if done.code and not ended.warned:
        raise _failed(repository, tools, done, log.errors or log.warnings)
    return ended


def locks_of(repository: Repository, tools: Tools) -> tuple[Held, ...]:
    """Return who holds the repository (where it is a folder here) or our own cache of it."""
    folders = [base(tools) / ".cache" / "borg"]
    places = [place for folder in folders if folder.is_dir() for place in folder.glob("*/lock.exclusive/*")]
    if local(repository):
        places += [*Path(repository.at).glob("lock.exclusive/*")]
    return tuple(found for place in places if (found := _held(place)) is not None)


def local(repository: Repository) -> bool:
    """Tell whether a repository is a folder of this host."""
    return not repository.at.startswith(_REMOTE)


def base(tools: Tools) -> Path:
    """Return where borg keeps what it knows of repositories."""
    return tools.state / "borg"


class _Log:
    """What borg logs: kept by kind, and progress told on."""

    _MOST = 10_000

    def __init__(self, tools: Tools, step: str, of: tuple[int, int], codec: str) -> None:
        self._tools, self._codec = tools, codec
        self._progress = Progress(step=step, of_files=of[0], of_bytes=of[1])
        self.errors: list[Told] = []
        self.warnings: list[Told] = []
        self.unread: list[str] = []
        self.changed: list[str] = []

    def take(self, line: str) -> None:
        """Take a line of the log."""
        if self._codec != "utf-8":
            line = line.encode("ascii", "replace").decode(self._codec, "replace")
        told = saying.told(line)
        if told.type == "archive_progress" and not told.finished:
            self._tell(msgspec.structs.replace(self._progress, files=told.nfiles, bytes=told.original_size))
        elif told.type == "progress_percent" and not told.finished:
            self._tell(msgspec.structs.replace(self._progress, bytes=int(told.current)))
        else:
            self._keep(told)

    def tick(self) -> None:
        """Tell again how far it is: whoever ends the work is heard even while borg is silent."""
        self._tools.tell(self._progress)

    def _tell(self, progress: Progress) -> None:
        self._progress = progress
        self._tools.tell(progress)

    def _keep(self, told: Told) -> None:
        kept = self.errors if told.levelname in {"ERROR", "CRITICAL"} else self.warnings
        if told.type == "log_message" and told.levelname != "INFO" and len(kept) < self._MOST:
            kept.append(told)
        for name, names in ((saying.unread_of(told), self.unread), (saying.changed_of(told), self.changed)):
            if name and len(names) < self._MOST:
                names.append(name)


@contextlib.contextmanager
def _around(repository: Repository, tools: Tools) -> Iterator[tuple[Mapping[str, str], tuple[Path, ...]]]:
    """Yield borg's environment and the places where it must be able to write besides what it is asked for."""
    home = base(tools)
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    env = {
        "BORG_BASE_DIR": str(home), "BORG_EXIT_CODES": "modern", "TZ": "UTC", "BORG_DISPLAY_PASSPHRASE": "no",
        "BORG_HOST_ID": f"{socket.gethostname()}@{holders.boot()}",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",  # disks are mounted elsewhere; who it is, borg knows by its key
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "no",  # nobody may put one without a key in its place
    }  # fmt: skip
    if local(repository):
        place = Path(repository.at)
        yield env, (home, *([place] if place.is_dir() else []))
        return
    with reaching.ssh(repository, tools) as command:
        yield {**env, "BORG_RSH": command}, (home, tools.state)


def _common(repository: Repository) -> Iterator[str]:
    yield from ("--log-json", "--lock-wait", str(_WAIT))
    if repository.limits.upload:
        yield from ("--upload-ratelimit", str(max(1, repository.limits.upload // 1024)))
    if path := reaching.text(repository, "remote_path"):
        yield from ("--remote-path", path)


def _failed(repository: Repository, tools: Tools, done: Done, errors: Sequence[Told]) -> Failed:
    failure = saying.failure_of(done.code, errors)
    last = next((error.message for error in errors if error.msgid), errors[-1].message if errors else "")
    why = last.strip().splitlines()[0][:300] if last.strip() else f"borg ended with {done.code}"
    output = "\n".join(error.message for error in errors)[-4_000:]
    if failure is Failure.LOCKED:
        return holders.locked(holders.firmest(locks_of(repository, tools)), why, output)
    return Failed(failure, f"{MEANS[failure][0]} ({repository.name}): {why}", output)


def _held(place: Path) -> Held | None:
    try:
        found = place.lstat()
    except OSError:
        return None
    return saying.held_of(place.name, found.st_mtime) if stat.S_ISREG(found.st_mode) else None
