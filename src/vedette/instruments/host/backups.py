"""How old backups are: the newest of the files that a pattern names."""

import os
from collections.abc import Iterator, Mapping

from vedette.instruments.host import series
from vedette.instruments.host.certificates import matching
from vedette.instruments.host.reading import Files

_MOST = 10_000


def ages(files: Files, named: Mapping[str, str], now: float) -> Iterator[tuple[str, float]]:
    """Yield the age in seconds of each backup by name; one without any file is left out (a missing value is what alerts on it)."""
    for name, pattern in named.items():
        newest = 0.0
        for count, path in enumerate(matching(files, pattern)):
            if count >= _MOST:
                break
            newest = max(newest, _written(files.path(path)))
        if newest:
            yield series.of("backup.age.seconds", name), now - newest


def _written(path: str) -> float:
    try:
        return os.stat(path).st_mtime  # noqa: PTH116
    except OSError:
        return 0.0
