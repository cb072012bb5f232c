"""pgBackRest run for one repository: the options by the environment, secrets among them, and its errors told as failures."""

import os
import pwd
import shutil
from collections.abc import Mapping
from pathlib import Path

from vedette.instruments.backup import program, psql
from vedette.instruments.backup.pgbackrest import options, reading
from vedette.instruments.backup.program import Done
from vedette.instruments.backup.streams import Line
from vedette.instruments.backup.types import Failed, Repository, Secret, Tools
from vedette.wire.backup import Failure, Limits

_HURRY = Limits(nice=0, idle_io=False)
_SEGMENT = 16 << 20  # bytes of WAL that are archived at a time
_SERVER = "postgres"  # who runs PostgreSQL on most hosts


class Runner:
    """Runs pgBackRest for a repository and a cluster's name in it (`stanza`)."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self.settings = options.settings_of(repository)
        self.stanza = options.stanza_of(repository, self.settings)
        self.folder = None if "://" in repository.at else Path(repository.at)

    @property
    def user(self) -> str:
        """Return who writes the repository, the user of the server: what archives there has to read it."""
        if os.geteuid() != 0:
            return ""
        named = self.settings.user or (psql.owner_of(self.folder) if self.folder else "")
        return named or (_SERVER if _is_there(_SERVER) else "")

    @property
    def config(self) -> Path:
        """Return the file that the archive command reads."""
        return Path(self.settings.config or f"/etc/pgbackrest/conf.d/vedette-{self.stanza}.conf")

    def read(
        self, *words: str, tools: Tools, secrets: Mapping[str, Secret] | None = None, to: Path | None = None,
        hurry: bool = False,
    ) -> Done:  # fmt: skip
        """Run what only reads the repository, as ourselves; `hurry` gives way to nobody. Raises `Failed`."""
        own = {"lock-path": str(tools.state / "pgbackrest-lock")}
        return self._run(words, tools, own, "", secrets=secrets, to=to, hurry=hurry)

    def write(self, *words: str, tools: Tools, own: Mapping[str, str], on_line: Line | None = None) -> Done:
        """Run what changes the repository, as the server's user; raises `Failed`."""
        return self._run(
            words, tools, {"lock-path": self.settings.lock_path, **own}, self.user, on_line=on_line
        )

    def text_of_config(self, own: Mapping[str, str]) -> str:
        """Return what the archive command's file has to hold, the password among it."""
        shared = {**options.plain(self._repository, self.settings), "lock-path": self.settings.lock_path}
        return options.file(shared, options.secret(self._repository), self.stanza, own)

    def _run(
        self, words: tuple[str, ...], tools: Tools, own: Mapping[str, str], user: str, *,
        on_line: Line | None = None, secrets: Mapping[str, Secret] | None = None,
        to: Path | None = None, hurry: bool = False,
    ) -> Done:  # fmt: skip
        shared = {**options.plain(self._repository, self.settings), "stanza": self.stanza, **own}
        hidden = {**options.secret(self._repository), **(secrets or {})}
        done = program.run(
            ["pgbackrest", "--no-config", *words], tools=tools, env=options.environment(shared),
            secrets={options.variable(name): text for name, text in hidden.items()},
            user=user, on_line=on_line, to=to, limits=_HURRY if hurry else self._repository.limits,
        )  # fmt: skip
        if done.code != 0:
            raise Failed(*self._told(done, own), done.said)
        return done

    def _told(self, done: Done, own: Mapping[str, str]) -> tuple[Failure, str]:
        sentence = f"pgBackRest: {reading.error_of(done.said)}"
        if done.code < 0:
            return Failure.INTERRUPTED, f"pgBackRest was ended by the signal {-done.code}."
        if self.folder and not self.folder.is_dir():
            return Failure.TARGET_MISSING, f"There is no repository at {self.folder}."
        if unread := reading.unread_of(done.said, own.get("pg1-path", "")):
            return Failure.PARTIAL, f"{unread} could not be read by {self.user or 'this user'}."
        if reading.is_waiting(done.said) and self.folder and shutil.disk_usage(self.folder).free < _SEGMENT:
            return (
                Failure.TARGET_FULL,
                f"There is no room for WAL in {self.folder}: PostgreSQL keeps it back.",
            )
        return reading.failure_of(done.said), sentence


def _is_there(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True
