"""Where the feeds of this machine are."""

from collections.abc import Mapping
from pathlib import Path

_VARIABLE = "VEDETTE_FEEDS"


def feeds_folder(environ: Mapping[str, str], data: Path) -> Path:
    """Return the folder of feeds: `VEDETTE_FEEDS`, else `feeds` in the data folder where that exists, else in the user's own."""
    told = environ.get(_VARIABLE, "")
    if told:
        return Path(told)
    return data / "feeds" if data.is_dir() else _home(environ) / "vedette" / "feeds"


def _home(environ: Mapping[str, str]) -> Path:
    told = environ.get("XDG_DATA_HOME", "")
    return Path(told) if Path(told).is_absolute() else Path("~/.local/share").expanduser()
