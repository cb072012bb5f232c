"""Programs that backups run: found, started alone in a clean environment, bounded, masked, and ended with all they started.

A secret reaches a program by its environment (`secrets`), by its input (`stdin`) or by a file in a `private` folder; never by
its command line, which every user of a host can read.
"""

import contextlib
import os
import pwd
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO
from urllib.parse import quote

import msgspec

from vedette.core.clock import monotonic
from vedette.instruments.backup.streams import Line, Streams
from vedette.instruments.backup.types import Failed, Secret, Tools
from vedette.wire.backup import Failure, Limits

DOTS = "••••"
_LOOK = 0.1  # seconds between two looks at a silent program
_TICK = 1.0
_GRACE = 3.0  # seconds between asking it to end and asking louder
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENTS = (".venv-borg",)
_CHECKOUT = Path(__file__).parents[4]
_CONFINED = Path(__file__).parent / "confined.py"
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own below it; nothing there reaches a disk
_INSTALL = {
    "borg": "tools/setup backup", "mongodump": "install mongodb-database-tools", "redis-cli": "apt-get install redis-tools",
    "redis-server": "apt-get install redis-server", "pg_dump": "apt-get install postgresql-client",
    "mariadb-dump": "apt-get install mariadb-client", "mariadbd": "apt-get install mariadb-server",
    "ssh": "apt-get install openssh-client",
}  # fmt: skip


class Done(msgspec.Struct, frozen=True):
    """How a program ended: its exit status (negative: the signal that ended it), what it wrote and said, secrets masked."""

    code: int
    out: str = ""
    err: str = ""

    @property
    def said(self) -> str:
        """Return the end of all it said, for a report."""
        return f"{self.out}\n{self.err}".strip()[-4_000:]


class Child:
    """A program that runs beside us until its block ends (`running`)."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.pid = process.pid

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return self._process.poll() is None

    def wait(self, seconds: float) -> bool:
        """Wait for its end; tell whether it came in time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return not self.alive()


def find(name: str, tools: Tools) -> Path:
    """Return where a program is: a place that is named, our own environments, the PATH; raises `Failed(NO_TOOL)`."""
    named = Path(name) if "/" in name else tools.programs.get(name)
    places = [named] if named else [*_own(name), *_in_path(name)]
    found = next((place for place in places if os.access(place, os.X_OK) and place.is_file()), None)
    if found is None:
        where = f" at {named}" if named else ""
        how = "correct its path" if named else _INSTALL.get(name, f"apt-get install {name}")
        raise Failed(Failure.NO_TOOL, f"{Path(name).name} is not installed{where}: {how}.")
    return found


def run(
    argv: Sequence[str | Path],
    *,
    tools: Tools,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
    hide: Iterable[Secret] = (),
    stdin: bytes | Secret | Path | None = None,
    to: Path | None = None,
    on_line: Line | None = None,
    on_said: Line | None = None,
    on_tick: Callable[[], None] | None = None,
    cwd: Path = Path("/"),
    seconds: float | None = None,
    user: str = "",
    limits: Limits | None = None,
    only_in: Sequence[Path] = (),
) -> Done:
    """Run a program to its end and return how it ended, whatever its exit status is.

    `env` and `secrets` are added to a clean environment; `secrets` and `hide` are masked in all that is told. Its output goes to
    `on_line` line by line and into `Done.out` (the last 8 MiB), or into the file `to` alone; its errors to `on_said` and
    `Done.err` (the last 64 KiB). `on_tick` is called about once a second. After `seconds` (else the tools' deadline) it is ended
    with all it started. With `only_in` it can write below these folders alone (`confined`). Raises `Failed`: NO_TOOL, TIMEOUT; and
    whatever the callbacks raise.
    """
    mask = _masker([*(secrets or {}).values(), *hide, *([stdin] if isinstance(stdin, Secret) else [])])
    ends = monotonic() + (tools.deadline if seconds is None else seconds)
    with _input(stdin) as source, _output(to) as target:
        child = _started(
            argv, tools, _environment(env, secrets, user), source, target, errors=subprocess.PIPE,
            cwd=cwd, user=user, limits=limits, only_in=only_in,
        )  # fmt: skip
        streams = Streams(child, mask, on_line, on_said)
        try:
            late = _followed(child, streams, ends, on_tick)
        finally:
            end(child)
            streams.close()
    done = Done(child.returncode, streams.out.told(), streams.err.told())
    if late:
        raise Failed(
            Failure.TIMEOUT, f"{Path(argv[0]).name} took longer than it may and was ended.", done.said
        )
    return done


@contextlib.contextmanager
def running(
    argv: Sequence[str | Path],
    *,
    tools: Tools,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, Secret] | None = None,
    log: Path | None = None,
    cwd: Path = Path("/"),
    user: str = "",
    limits: Limits | None = None,
    farewell: signal.Signals = signal.SIGTERM,
) -> Iterator[Child]:
    """Run a program (a throw-away server) beside the block and end it with all it started; what it says goes to the file `log`."""
    with _input(None) as source, _output(log or Path(os.devnull)) as target:
        assert target is not None  # noqa: S101 - a file was named
        child = _started(
            argv, tools, _environment(env, secrets, user), source, target, errors=target,
            cwd=cwd, user=user, limits=limits,
        )  # fmt: skip
    try:
        yield Child(child)
    finally:
        end(child, (farewell,))


@contextlib.contextmanager
def private(tools: Tools, user: str = "") -> Iterator[Path]:
    """Yield an empty folder that only we (or `user`) may read, in memory where there is some; it is removed at the end."""
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK | os.X_OK)
    folder = Path(tempfile.mkdtemp(prefix="vedette-", dir=_MEMORY if roomy else tools.state))
    try:
        if user:
            account = _account(user)
            os.chown(folder, account.pw_uid, account.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep_secret(folder: Path, name: str, text: str, user: str = "") -> Path:
    """Write a secret into a file (0600) of a `private` folder; return the file."""
    path = folder / name
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        file.write(text.encode())
    if user:
        account = _account(user)
        os.chown(path, account.pw_uid, account.pw_gid)
    return path


def end(
    child: "subprocess.Popen[bytes]", asking: Sequence[signal.Signals] = (signal.SIGINT, signal.SIGTERM)
) -> None:
    """End a program and whatever of its group still runs: asked first (it may give back a lock), then killed."""
    for word in asking:
        if child.poll() is not None:
            break
        _signal(child, word)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_GRACE)
    _signal(child, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # one of another user, whom we may not end
        child.wait(_GRACE)


def _followed(
    child: "subprocess.Popen[bytes]", streams: Streams, ends: float, on_tick: Callable[[], None] | None
) -> bool:
    """Read a program to its end; tell whether it was too late for that."""
    tick = monotonic() + _TICK
    while child.poll() is None:
        if not streams.wait(_LOOK):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_LOOK)
        now = monotonic()
        if now >= ends:
            return True
        if on_tick is not None and now >= tick:
            on_tick()
            tick = now + _TICK
    _signal(child, signal.SIGKILL)  # what it left behind
    streams.drain()
    return False


def _started(
    argv: Sequence[str | Path], tools: Tools, environ: dict[str, str],
    source: IO[bytes] | int, target: IO[bytes] | None, *,
    errors: IO[bytes] | int, cwd: Path, user: str, limits: Limits | None, only_in: Sequence[Path] = (),
) -> "subprocess.Popen[bytes]":  # fmt: skip
    program = find(str(argv[0]), tools)
    account = _account(user) if user else None
    other = account if account is not None and account.pw_uid != os.geteuid() else None
    try:
        child = subprocess.Popen(
            [*_manners(limits or Limits()), *_confined(only_in), str(program), *map(str, argv[1:])],
            env=environ, cwd=cwd, start_new_session=True, umask=0o077,
            user=other.pw_uid if other else None, group=other.pw_gid if other else None,
            extra_groups=os.getgrouplist(other.pw_name, other.pw_gid) if other else None,
            stdin=source, stdout=subprocess.PIPE if target is None else target, stderr=errors,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        why = error.strerror if isinstance(error, OSError) else "this user may not change into another"
        raise Failed(Failure.NO_TOOL, f"{program} cannot be started: {why}.") from error
    with contextlib.suppress(ProcessLookupError, PermissionError):
        resource.prlimit(child.pid, resource.RLIMIT_CORE, (0, 0))  # a core would hold the secrets
    return child


def _manners(limits: Limits) -> Iterator[str]:
    """Yield what a program is started through: it gives way to others, and dies with whoever started it."""
    if limits.nice and (nice := shutil.which("nice")):
        yield from (nice, "-n", str(limits.nice))
    if limits.idle_io and (ionice := shutil.which("ionice")):
        yield from (ionice, "-t", "-c", "3")
    if setpriv := shutil.which("setpriv"):
        yield from (setpriv, "--pdeathsig", "KILL")


def _confined(only_in: Sequence[Path]) -> Iterator[str]:
    if only_in:
        yield from (sys.executable, "-I", "-B", str(_CONFINED), *map(str, only_in), "--")


def _environment(
    env: Mapping[str, str] | None, secrets: Mapping[str, Secret] | None, user: str
) -> dict[str, str]:
    account = _account(user) if user else pwd.getpwuid(os.geteuid())
    clean = {
        "PATH": _path(), "LANG": "C.UTF-8", "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name,
    }  # fmt: skip
    return {**clean, **(env or {}), **{name: secret.reveal() for name, secret in (secrets or {}).items()}}


def _account(user: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(user)
    except KeyError:
        raise Failed(Failure.SOURCE_MISSING, f"There is no user {user} on this host.") from None


@contextlib.contextmanager
def _input(stdin: bytes | Secret | Path | None) -> Iterator[IO[bytes] | int]:
    if stdin is None:
        yield subprocess.DEVNULL
    elif isinstance(stdin, Path):
        with stdin.open("rb") as file:
            yield file
    else:
        with os.fdopen(os.memfd_create("input"), "w+b") as file:  # memory alone: it may be a secret
            file.write(stdin.reveal().encode() if isinstance(stdin, Secret) else stdin)
            file.seek(0)
            yield file


@contextlib.contextmanager
def _output(to: Path | None) -> Iterator[IO[bytes] | None]:
    if to is None:
        yield None
    else:
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
        with os.fdopen(os.open(to, flags, 0o600), "wb") as file:
            yield file


def _masker(secrets: Iterable[Secret]) -> Callable[[str], str]:
    shown = {secret.reveal() for secret in secrets} - {""}
    words = sorted(shown | {quote(word, safe="") for word in shown}, key=len, reverse=True)

    def mask(text: str) -> str:
        for word in words:
            text = text.replace(word, DOTS)
        return text

    return mask


def _signal(child: "subprocess.Popen[bytes]", word: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, word)


def _own(name: str) -> Iterator[Path]:
    for environment in _ENVIRONMENTS:
        for beside in (Path(sys.prefix).parent, _CHECKOUT):
            yield beside / environment / "bin" / name


def _in_path(name: str) -> Iterator[Path]:
    return (Path(folder) / name for folder in _path().split(":") if folder)


def _path() -> str:
    return f"{os.environ.get('PATH') or _PATH}:/usr/local/sbin:/usr/sbin:/sbin"
