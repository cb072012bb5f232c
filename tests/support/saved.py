"""Sources without an engine: what is gathered goes through tar and comes back below a folder, as from one."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from vedette.core.clock import SystemClock
from vedette.instruments.backup import registry
from vedette.instruments.backup.types import Bench, Gathered, Tools
from vedette.wire.backup import Assertion, Check, What


class Saved:
    """One source: gathered into a folder, brought back by `tar`, proven and put back."""

    def __init__(
        self,
        folder: Path,
        kind: str,
        settings: Mapping[str, object],
        programs: Mapping[str, Path] | None = None,
    ) -> None:
        self.what = What(kind=kind, settings=settings)
        self.source, self.settings = registry.source_of(kind), registry.settings_of(self.what)
        self.folder, self.root, self.scratch = folder, folder / "root", folder / "scratch"
        self.tools = Tools(
            now=SystemClock().now, state=folder / "state", programs=programs or {}, deadline=60.0
        )
        self.staging = folder / "state" / "staging" / kind
        for path in (self.root, self.scratch, self.staging):
            path.mkdir(parents=True, mode=0o700)

    def gather(self) -> Gathered:
        return self.source.gather(self.settings, self.staging, self.tools)

    def save(self) -> Gathered:
        """Gather, and bring all of it back below `root`; what is left out is not tar's affair: see the contract of engines."""
        gathered = self.gather()
        self.bring_back(gathered)
        return gathered

    def bring_back(self, gathered: Gathered) -> None:
        paths = [str(path).lstrip("/") for path in (*gathered.paths, *gathered.steady)]
        archive = self.folder / "archive.tar"
        flags = ["--xattrs", "--xattrs-include=*", "--acls", "--sparse", "--numeric-owner"]
        subprocess.run(["tar", *flags, "--format=posix", "-cf", archive, "-C", "/", "--", *paths], check=True)
        subprocess.run(["tar", *flags, "-xpf", archive, "-C", self.root], check=True)
        archive.unlink()

    def bench(
        self, gathered: Gathered, asserts: tuple[Assertion, ...] = (), only: tuple[str, ...] = ()
    ) -> Bench:
        return Bench(
            root=self.root,
            scratch=self.scratch,
            part=gathered.part,
            tools=self.tools,
            asserts=asserts,
            only=only,
        )

    def prove(
        self, gathered: Gathered, asserts: tuple[Assertion, ...] = (), only: tuple[str, ...] = ()
    ) -> dict[str, Check]:
        found = self.source.prove(self.settings, self.bench(gathered, asserts, only))
        return {check.name: check for check in found}

    def put_back(self, gathered: Gathered, into: Path | None) -> tuple[Check, ...]:
        return self.source.put_back(self.settings, self.bench(gathered), into)


def told(checks: Mapping[str, Check]) -> str:
    """Return what did not pass."""
    return " | ".join(f"{check.name}: {check.text}" for check in checks.values() if not check.passed)
