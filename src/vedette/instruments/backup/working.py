"""One act on one copy of a plan: what a run, a drill and a restore have in common."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid
from vedette.instruments.backup import registry
from vedette.instruments.backup.types import Engine, Failed, Repository, Source, Store, Tools
from vedette.wire.backup import Copy, Failure, Plan, Progress, What


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


class Timer:
    """How long something takes, by a clock that never goes back, and how much of its time is left."""

    def __init__(self, seconds: float) -> None:
        self._began = monotonic()
        self._seconds = seconds

    @property
    def passed(self) -> float:
        """Return the seconds that passed."""
        return monotonic() - self._began

    def tools(self, tools: Tools) -> Tools:
        """Return the tools with the time that is left; raises `Failed(TIMEOUT)` when none is."""
        left = self._seconds - self.passed
        if left <= 0:
            raise Failed(Failure.TIMEOUT, f"It took longer than the {self._seconds:g} seconds it may.")
        return msgspec.structs.replace(tools, deadline=left)


def tell(tools: Tools, step: str) -> None:
    """Tell what is begun."""
    tools.tell(Progress(step=step))


def safe(name: str) -> str:
    """Return a name as that of a folder: letters, digits, dots and dashes stay."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)
    return kept.strip(".")[:100] or "unnamed"
