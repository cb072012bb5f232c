"""`vedette backup sheet`: all that restores a copy by the bare engine, where nothing of Vedette is left."""

import os
import shlex
import sys
from pathlib import Path

from vedette.cli.backup_telling import when
from vedette.core.errors import ConfigError
from vedette.instruments.backup.working import Work


def show(work: Work, output: Path | None, now: float) -> None:
    """Print the sheet, or write it into a file that its owner alone may read."""
    text = sheet(work, now)
    if output is None:
        sys.stdout.write(text)
        return
    try:
        with os.fdopen(
            os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{output} cannot be written: {error.strerror}.") from error
    print(f"{output} holds the password of {work.repository.name}: print it, keep it elsewhere, remove the file.", file=sys.stderr)  # fmt: skip


def sheet(work: Work, now: float) -> str:
    """Return the sheet as text: where it is kept, the password, and the lines of a shell that bring it back."""
    repository = work.repository
    commands = work.open(work.tools).by_hand("")  # the newest, whenever it is used
    secrets = [f"  {name}: {secret.reveal()}" for name, secret in sorted(repository.secrets.items())]
    lines = [
        f"Recovery sheet of {repository.name}, {when(now)} UTC", "",
        f"Engine:     {work.engine().label}", f"Kept at:    {repository.at}", f"Password:   {repository.password.reveal()}",
        *(["Secrets:", *secrets] if secrets else []), "",
        "To restore with nothing but a shell and the engine:", "",
        f"  export PASSWORD={shlex.quote(repository.password.reveal())}", *(f"  {line}" for line in commands), "",
        "Whoever holds this sheet can read the backup. Keep it on paper, in another place than the host.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
