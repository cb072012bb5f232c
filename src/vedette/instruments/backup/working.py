"""One act on one copy of a plan: what a run, a drill and a restore have in common."""

import contextlib
import errno
import fcntl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid, VedetteError
from vedette.instruments.backup import estimating, registry
from vedette.instruments.backup.clearing import clear
from vedette.instruments.backup.failing import fix_of
from vedette.instruments.backup.judging import Fault
from vedette.instruments.backup.types import Engine, Failed, Repository, Secret, Source, Store, Tools
from vedette.wire.backup import BackupRun, Copy, DrillRun, Failure, Plan, Progress, RestoreRun, Stage, What

R = TypeVar("R", bound=BackupRun | DrillRun | RestoreRun)
PASSWORD = "password"  # noqa: S105 - the name of a secret
_MOST_OUTPUT = 4_000


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """An act on a copy of a plan: the `id` it is known by, the opened secrets in `repository`, what surrounds it.

    Engines and sources are those of the registry unless others are handed in.
    """

    id: str
    plan: Plan
    copy: Copy
    repository: Repository
    tools: Tools
    engines: Mapping[str, Engine] | None = None
    sources: Mapping[str, Source] | None = None

    @property
    def folder(self) -> Path:
        """Return the folder of ours for this plan; its path stays the same, so that engines find what they know of it."""
        return self.tools.state / "plans" / safe(self.plan.name)

    def engine(self) -> Engine:
        """Return the engine of the copy; raises `Failed`."""
        try:
            return self.engines[self.copy.engine] if self.engines else registry.engine_of(self.copy.engine)
        except (KeyError, Invalid) as error:
            raise Failed(Failure.NO_TOOL, f"The copy {self.copy.name} wants the engine {self.copy.engine}, which is not there. {error}") from error  # fmt: skip

    def source(self, what: What) -> tuple[Source, msgspec.Struct]:
        """Return a source and its settings; raises `Failed` for a kind that is not there or settings that make no sense."""
        try:
            source = self.sources[what.kind] if self.sources else registry.source_of(what.kind)
            return source, msgspec.convert(what.settings, source.settings)
        except (KeyError, Invalid, msgspec.ValidationError) as error:
            raise Failed(Failure.SOURCE_MISSING, f"{registry.name_of(what)} cannot be saved as the plan says: {error}") from error  # fmt: skip

    def open(self, tools: Tools) -> Store:
        """Return the opened repository; raises `Failed`."""
        return self.engine().open(self.repository, tools)

    @contextlib.contextmanager
    def alone(self, act: str = "run") -> Iterator[None]:
        """Keep another of these acts on this plan and host away: both would work in one folder; raises `Failed(LOCKED)`."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / f"{act}.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise Failed(
                    Failure.LOCKED, f"Another {act} of {self.plan.name} is at work on this host."
                ) from None
            yield


def repository_of(plan: Plan, copy: Copy, secrets: Mapping[str, str]) -> Repository:
    """Return where an engine keeps a copy; `secrets` are by name, with `password`. Raises `Failed(WRONG_KEY)` without one."""
    missing = [name for name in (PASSWORD, *copy.secrets) if not secrets.get(name)]
    if missing:
        raise Failed(Failure.WRONG_KEY, f"The copy {copy.name} of {plan.name} needs the secret {missing[0]}, which is not here.")  # fmt: skip
    return Repository(
        name=f"{plan.name}/{copy.name}", at=copy.at, password=Secret(secrets[PASSWORD]),
        secrets={name: Secret(text) for name, text in secrets.items() if name != PASSWORD},
        settings=copy.settings, limits=plan.limits,
    )  # fmt: skip


def red(ended: R, error: Failed) -> R:
    """Return a run, drill or restore as it failed: why, and what to do."""
    output = error.output or ended.output
    return msgspec.structs.replace(
        ended, stage=Stage.FAILED, failure=error.failure, sentence=str(error), fix=fix_of(error.failure),
        output=output[-_MOST_OUTPUT:],
    )  # fmt: skip


@contextlib.contextmanager
def failed_by(told: Callable[[Failed], None]) -> Iterator[None]:
    """Hand whatever goes wrong in the block to `told` as `Failed`, and let nothing of it out."""
    try:
        yield
    except Failed as error:
        told(error)
    except KeyboardInterrupt:
        told(Failed(Failure.INTERRUPTED, "It was ended from outside before it was done."))
    except VedetteError as error:
        told(Failed(Failure.ENGINE, str(error)))
    except OSError as error:
        told(_of_system(error))
    except Exception as error:  # noqa: BLE001 - data of others may break any engine or source; that is red, never silent
        told(
            Failed(Failure.ENGINE, f"This is a fault of Vedette: {type(error).__name__}: {str(error)[:300]}")
        )


def required(fault: Fault | None) -> None:
    """Raise `Failed` for a fault that was judged."""
    if fault is not None:
        raise Failed(*fault)


@contextlib.contextmanager
def emptied(folder: Path) -> Iterator[Path]:
    """Yield an empty folder of ours (0700); it goes when the block ends."""
    clear(folder)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        clear(folder)


def _of_system(error: OSError) -> Failed:
    where = f" ({error.filename})" if error.filename else ""
    full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    failure = Failure.TARGET_FULL if full else Failure.ENGINE
    return Failed(failure, f"{error.strerror or error}{where}.")


class Timer:
    """How long something takes, by a clock that never goes back, and how much of its time is left."""

    def __init__(self, seconds: float) -> None:
        self._began = monotonic()
        self._seconds = seconds

    @property
    def passed(self) -> float:
        """Return the seconds that passed."""
        return monotonic() - self._began

    def tools(self, tools: Tools, at_least: float = 0.0) -> Tools:
        """Return the tools with the time that is left, telling progress with its end; raises `Failed(TIMEOUT)` when none is."""
        left = max(self._seconds - self.passed, at_least)
        if left <= 0:
            raise Failed(Failure.TIMEOUT, f"It took longer than the {self._seconds:g} seconds it may.")
        began = monotonic()

        def told(progress: Progress) -> None:
            tools.tell(estimating.with_eta(progress, monotonic() - began))

        return msgspec.structs.replace(tools, deadline=left, tell=told)


def tell(tools: Tools, step: str) -> None:
    """Tell what is begun."""
    tools.tell(Progress(step=step))


def safe(name: str) -> str:
    """Return a name as that of a folder: letters, digits, dots and dashes stay."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    return kept.strip(".")[:100] or "unnamed"
