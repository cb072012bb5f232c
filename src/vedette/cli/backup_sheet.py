"""`vedette backup sheet`: all that restores a copy by the bare engine, where nothing of Vedette is left."""

import os
import socket
import sys
from pathlib import Path

from vedette.core.errors import ConfigError
from vedette.instruments.backup import sheet
from vedette.instruments.backup.working import Work


def show(work: Work, output: Path | None, html: Path | None) -> None:
    """Print the sheet, or write it into files that their owner alone may read: as text, and as a page with a QR code."""
    found = sheet.recovery_of(work.repository, work.copy.engine, socket.gethostname(), work.tools)
    if output is None and html is None:
        sys.stdout.write(sheet.as_text(found))
    if output is not None:
        _write(output, sheet.as_text(found), work.repository.name)
    if html is not None:
        _write(html, sheet.as_page(found), work.repository.name)


def _write(path: Path, text: str, name: str) -> None:
    try:
        with os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    print(f"{path} holds the password of {name}: print it, keep it elsewhere, remove the file.", file=sys.stderr)  # fmt: skip
