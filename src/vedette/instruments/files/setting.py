"""Which files are watched, as agent.toml says: the table `[files]`. Decisions only.

```toml
[files]
paths = ["/srv/www", "/opt/shop"]     # beside the usual ones
excludes = ["/srv/www/cache/*"]
usual = false                          # without the usual ones
```
"""

import difflib
from collections.abc import Mapping

from vedette.core.errors import ConfigError
from vedette.instruments.files.types import DEFAULT_EXCLUDES, DEFAULT_PATHS, FileSet

_KEYS = ("paths", "excludes", "usual")


def file_set(table: object) -> FileSet:
    """Return the set of a table; raises `ConfigError` with the key that is wrong."""
    if not isinstance(table, Mapping):
        raise ConfigError("[files]: it is a table with paths, excludes and usual.")
    for key in table:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_KEYS)}."
            raise ConfigError(f"[files] {str(key)[:60]}: it is unknown; {hint}")
    usual = table.get("usual", True)
    if not isinstance(usual, bool):
        raise ConfigError("[files] usual: it is true or false.")
    own, left_out = _paths(table, "paths"), _paths(table, "excludes")
    paths = (*(DEFAULT_PATHS if usual else ()), *own)
    if not paths:
        raise ConfigError("[files] paths: without the usual ones, name at least one.")
    return FileSet(paths=tuple(dict.fromkeys(paths)), excludes=(*DEFAULT_EXCLUDES, *left_out))


def _paths(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) and one.startswith("/") for one in value):
        raise ConfigError(f'[files] {key}: it is a list of absolute paths, as in ["/srv/www"].')
    return tuple(one.rstrip("/") or "/" for one in value)
