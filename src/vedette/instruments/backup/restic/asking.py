"""Running restic: its environment, progress, patience with retries, and its errors as ours."""

import contextlib
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.core.names import written
from vedette.instruments.backup import program, reaching
from vedette.instruments.backup.failing import MEANS
from vedette.instruments.backup.program import Done
from vedette.instruments.backup.restic import addressing, saying
from vedette.instruments.backup.types import Failed, Repository, Secret, Tools
from vedette.wire.backup import Failure, Progress

_PATIENCE = 60.0  # seconds of retries; restic itself goes on for a quarter of an hour
_HOPELESS = 3  # retries of what no retry mends
_MOST_ERRORS = 10_000
_SECRETS = {"access_key": "AWS_ACCESS_KEY_ID", "secret_key": "AWS_SECRET_ACCESS_KEY"}
PARTIAL = 3  # exit status of a backup that could not read everything


class Ended(msgspec.Struct, frozen=True):
    """How restic ended: its exit status and output, its last summary, written names that could not be read."""

    done: Done
    summary: saying.Line = saying.Line()
    unread: tuple[str, ...] = ()


def ask(
    repository: Repository,
    words: Sequence[str | Path],
    tools: Tools,
    *,
    step: str = "",
    of: tuple[int, int] = (0, 0),
    fine: Sequence[int] = (0,),
    on_line: Callable[[str], None] | None = None,
    to: Path | None = None,
    only_in: Sequence[Path] = (),
) -> Ended:
    """Run a command of restic; raises `Failed` unless it ends with a status that is `fine`."""
    log = _Log(tools, step, of)
    with _around(repository, tools) as (env, options):
        try:
            done = program.run(
                ["restic", *options, *words], tools=tools, env=env,
                secrets={"RESTIC_PASSWORD": repository.password, **_secrets(repository)}, hide=repository.secrets.values(),
                on_line=on_line or log.take, on_said=log.hear, on_tick=log.tick, limits=repository.limits, to=to,
                only_in=[*only_in, tools.state] if only_in else (),
            )  # fmt: skip
        except _GivenUp as given_up:
            raise _failed(repository, Done(1, "", given_up.said)) from None
    if done.code not in fine:
        raise _failed(repository, done)
    return Ended(done, log.summary, tuple(log.unread))


class _GivenUp(Exception):
    """restic retries what will not get better."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class _Log:
    """What restic says: progress told on, errors kept, retries counted."""

    def __init__(self, tools: Tools, step: str, of: tuple[int, int]) -> None:
        self._tools = tools
        self._progress = Progress(step=step, of_files=of[0], of_bytes=of[1])
        self._since: float | None = None
        self._retries = 0
        self.summary = saying.Line()
        self.unread: list[str] = []

    def take(self, text: str) -> None:
        """Take a line of its output."""
        line = saying.line_of(text)
        if line.message_type == "status":
            self._progress = msgspec.structs.replace(
                self._progress, files=line.files_done, bytes=line.bytes_done
            )
            self._tools.tell(self._progress)
            self._since, self._retries = None, 0
        elif line.message_type == "summary":
            self.summary = line
        else:
            self.hear(text)

    def hear(self, text: str) -> None:
        """Take a line of its errors."""
        line = saying.line_of(text)
        if line.message_type == "error" and line.item and len(self.unread) < _MOST_ERRORS:
            self.unread.append(written(line.item))
        if "retrying after" in text:
            self._again(text)

    def tick(self) -> None:
        """Tell again how far it is: whoever ends the work is heard even while restic is silent."""
        self._tools.tell(self._progress)

    def _again(self, text: str) -> None:
        now = monotonic()
        self._since = now if self._since is None else self._since
        self._retries += 1
        hopeless = saying.failure_of(1, text) in {Failure.DAMAGED, Failure.TARGET_FULL, Failure.WRONG_KEY}
        if now - self._since > _PATIENCE or (hopeless and self._retries >= _HOPELESS):
            raise _GivenUp(text)


@contextlib.contextmanager
def _around(repository: Repository, tools: Tools) -> Iterator[tuple[Mapping[str, str], Sequence[str]]]:
    """Yield restic's environment and the options that go before every command."""
    cache = tools.state / "restic"
    cache.mkdir(parents=True, exist_ok=True, mode=0o700)
    env = {
        "RESTIC_REPOSITORY": addressing.place_of(repository), "RESTIC_CACHE_DIR": str(cache), "TZ": "UTC",
        "RESTIC_PROGRESS_FPS": "2", **addressing.environment_of(repository),
    }  # fmt: skip
    limit = repository.limits.upload
    options = ["--limit-upload", str(max(1, limit // 1024))] if limit else []
    with contextlib.ExitStack() as stack:
        if repository.at.startswith("sftp://"):
            command = stack.enter_context(reaching.ssh(repository, tools))
            options += ["-o", f"sftp.command={command} {_subsystem(repository.at)}"]
        if repository.at.startswith("rclone:"):
            env |= _rclone(repository, stack.enter_context(program.private(tools)), tools)
        yield env, options


def _subsystem(at: str) -> str:
    user, host, port, _ = addressing.ssh_of(at)
    return shlex.join(["-p", str(port), f"{user}{host}", "-s", "sftp"])


def _rclone(repository: Repository, folder: Path, tools: Tools) -> Mapping[str, str]:
    program.find("rclone", tools)
    config = repository.secrets.get("rclone_config")
    return (
        {"RCLONE_CONFIG": str(program.keep_secret(folder, "rclone.conf", config.reveal()))} if config else {}
    )


def _secrets(repository: Repository) -> Mapping[str, Secret]:
    return {_SECRETS[name]: secret for name, secret in repository.secrets.items() if name in _SECRETS}


def _failed(repository: Repository, done: Done) -> Failed:
    said = f"{done.err}\n{done.out if len(done.out) < 4_000 else ''}"
    failure = saying.failure_of(done.code, said)
    lines = [line.strip() for line in done.err.splitlines() if line.strip()]
    why = next(
        (line for line in lines if line.startswith("Fatal:")),
        lines[-1] if lines else f"restic ended with {done.code}",
    )
    return Failed(
        failure,
        f"{MEANS[failure][0]} ({repository.name}): {why.removeprefix('Fatal: ')[:300]}",
        done.err[-4_000:],
    )
