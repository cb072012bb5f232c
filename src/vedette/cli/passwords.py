"""`vedette passwords filter …`: leaked passwords that nobody may choose."""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from vedette.cli.out import emit, one_of
from vedette.core import settings as core_settings
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.breaches.layout import Head


def build_filter(file: Path, *, out: Path | None = None, kind: str = "auto", json: bool = False) -> None:
    """Build the filter from a list of leaked passwords and install it; a running Vedette uses it at once.

    Parameters
    ----------
    file
        The list: `SHA-1:COUNT` lines as Have I Been Pwned offers them, or one password a line. `/dev/stdin` reads standard input.
    out
        Where the filter goes; without this, where Vedette looks for it.
    kind
        auto (by the first line), sha1 or plain.
    json
        Print JSON.
    """
    from vedette.core.clock import SystemClock
    from vedette.plumbing.breaches import builder, reader
    from vedette.plumbing.breaches.lines import Kind

    settings = core_settings.load()
    target = out or reader.path_of(settings.data, settings.password_filter)
    chosen = one_of(Kind, kind, "--kind")
    if not target.parent.is_dir():
        raise NotFound(f"There is no folder {target.parent}; make it, or start Vedette once.")
    os.umask(0o077)
    with _opened(file) as source:
        made = builder.build(source, target, SystemClock().now(), kind=chosen, seen=_Progress(source))
    emit(_value(target, made), f"{target}: {_words(made)}", json=json)


def check_filter(*, json: bool = False) -> None:
    """Tell which filter is installed, and read it whole; exits 1 when it is damaged.

    Parameters
    ----------
    json
        Print JSON.
    """
    from vedette.plumbing.breaches import reader

    settings = core_settings.load()
    path = reader.path_of(settings.data, settings.password_filter)
    found = reader.verify(path)
    if found is None:
        text = f"No filter is installed at {path}; `vedette passwords filter build FILE` makes one."
        emit({"installed": False, "file": str(path)}, text, json=json)
    else:
        emit({"installed": True, **_value(path, found)}, f"{path} is whole: {_words(found)}", json=json)


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from error


class _Progress:
    """Tells on a terminal how much of the list was read: per cent, where its length is known."""

    def __init__(self, source: BinaryIO) -> None:
        self._shown = sys.stderr.isatty()
        self._all = os.fstat(source.fileno()).st_size if source.seekable() else 0

    def __call__(self, read: int) -> None:
        if self._shown:
            done = f"{100 * read // self._all} %" if self._all else f"{read / 1e6:.0f} MB"
            print(f"\r{done} read", end="\n" if read == self._all else "", file=sys.stderr, flush=True)


def _value(path: Path, head: Head) -> dict[str, object]:
    return {
        "file": str(path),
        "passwords": head.count,
        "lines": head.source_lines,
        "bytes": head.file_bytes,
        "built_at": head.built_at,
        "false_positive_rate": head.false_positive_rate,
    }


def _words(head: Head) -> str:
    wrong = head.false_positive_rate * 1e6
    return f"{head.count} leaked passwords in {head.file_bytes / 1e6:.1f} MB; {wrong:.2f} of a million others are taken for one."
